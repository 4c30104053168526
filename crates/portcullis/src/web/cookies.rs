//! Our cookies: what they are called, how they are set and how they are found.

use std::fmt;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use http::HeaderValue;

const MAX_HEADER_BYTES: usize = 16 * 1024;
const MAX_COOKIES: usize = 200;

/// What our cookies are called, and how they are set.
///
/// # Security
/// Under https the names have the `__Host-` prefix (RFC 6265bis section 4.1.3.2): no sibling domain and no plain-http
/// page can set them. Plain http, for loopback only, cannot have it. Cookies ignore ports, and these are sent to every
/// path, so where applications may share a host the names carry six hex digits of the application's SHA-256.
#[derive(Debug, Clone)]
pub(crate) struct CookieNames {
    is_secure: bool,
    session: String,
    session_rest: String,
    login_prefix: String,
}

impl CookieNames {
    /// For an application that has its host to itself, or one of several there.
    pub(crate) fn new(is_secure: bool, is_alone: bool, application: &str) -> Self {
        let prefix = if is_secure { "__Host-" } else { "" };
        let mark = if is_secure && is_alone { String::new() } else { mark(application) };
        let session = format!("{prefix}portcullis-session{mark}");
        Self {
            is_secure,
            session_rest: format!("{session}-2"),
            session,
            login_prefix: format!("{prefix}portcullis-login{mark}-"),
        }
    }

    pub(crate) fn session(&self) -> &str {
        &self.session
    }

    /// The cookie with what did not fit into the first one.
    pub(crate) fn session_rest(&self) -> &str {
        &self.session_rest
    }

    /// The name of one login's cookie; tabs that log in at the same time have one each.
    pub(crate) fn login(&self, suffix: &str) -> String {
        format!("{}{suffix}", self.login_prefix)
    }

    pub(crate) fn login_prefix(&self) -> &str {
        &self.login_prefix
    }

    /// A `Set-Cookie` value; without `max_age` the cookie lasts until the browser is closed.
    ///
    /// A name or value that could break out of its place (RFC 6265 section 4.1.1) sets nothing: the header is empty,
    /// and browsers pass over it.
    pub(crate) fn set(&self, name: &str, value: &str, max_age: Option<Duration>) -> HeaderValue {
        if !is_token(name.as_bytes()) || !value.bytes().all(is_cookie_octet) {
            return HeaderValue::from_static("");
        }
        let secure = if self.is_secure { "; Secure" } else { "" };
        let max_age = max_age.map(|age| format!("; Max-Age={}", age.as_secs())).unwrap_or_default();
        let cookie = format!("{name}={value}; Path=/{secure}; HttpOnly; SameSite=Lax{max_age}");
        let mut header = HeaderValue::try_from(cookie).unwrap_or(HeaderValue::from_static(""));
        header.set_sensitive(true);
        header
    }

    /// A `Set-Cookie` value that makes the browser forget this cookie.
    pub(crate) fn delete(&self, name: &str) -> HeaderValue {
        self.set(name, "", Some(Duration::ZERO))
    }
}

/// What a request brings under one name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found<'r> {
    Absent,
    /// One cookie. A value that is not text is given as the empty one: it is there, and it is nothing of ours.
    One(&'r str),
    /// Several cookies of one name. Whoever can set one cannot be told from us, so none of them counts.
    Several,
}

impl fmt::Debug for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "Absent",
            Self::One(_) => "One(..)",
            Self::Several => "Several",
        })
    }
}

/// The cookie of this name in the values of a request's `Cookie` headers.
///
/// Headers of more than 16 KiB or 200 cookies in all count as absent.
pub(crate) fn find<'r>(headers: impl Iterator<Item = &'r [u8]>, name: &str) -> Found<'r> {
    let [found] = find_each(headers, [name]);
    found
}

/// The cookies of these names, as [`find`] finds one.
pub(crate) fn find_each<'r, const NAMES: usize>(
    headers: impl Iterator<Item = &'r [u8]>,
    names: [&str; NAMES],
) -> [Found<'r>; NAMES] {
    let mut all = [Found::Absent; NAMES];
    let read = for_each_cookie(headers, |own_name, value| {
        for (found, _) in all.iter_mut().zip(names).filter(|(_, name)| own_name == name.as_bytes()) {
            *found = if *found == Found::Absent { Found::One(text(value)) } else { Found::Several };
        }
    });
    read.map_or([Found::Absent; NAMES], |()| all)
}

/// Names and values of the cookies whose name starts with this prefix, each name once.
///
/// The value is empty where a name came several times, since none of them counts. Bounds are as in [`find`].
pub(crate) fn with_prefix<'r>(headers: impl Iterator<Item = &'r [u8]>, prefix: &str) -> Vec<(&'r str, &'r str)> {
    let mut cookies: Vec<(&str, &str)> = Vec::new();
    let read = for_each_cookie(headers, |name, value| {
        // What cannot be deleted again is not listed.
        if !name.starts_with(prefix.as_bytes()) || !is_token(name) {
            return;
        }
        let name = text(name);
        match cookies.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known_value)) => *known_value = "",
            None => cookies.push((name, text(value))),
        }
    });
    read.map_or_else(Vec::new, |()| cookies)
}

/// Reads `Cookie` headers as RFC 6265 section 4.2.1 writes them, as bytes; `None` if they are too much.
///
/// # Security
/// Only spaces and tabs are trimmed, quotes stay where they are and `$Version` is a name like any other: a server
/// that is more generous can be handed a `__Host-` cookie that no browser would have stored as one.
fn for_each_cookie<'r>(
    headers: impl Iterator<Item = &'r [u8]>,
    mut each: impl FnMut(&'r [u8], &'r [u8]),
) -> Option<()> {
    let mut bytes_left = MAX_HEADER_BYTES;
    let mut cookies_left = MAX_COOKIES;
    for header in headers {
        bytes_left = bytes_left.checked_sub(header.len())?;
        for cookie in header.split(|byte| *byte == b';').map(trimmed).filter(|cookie| !cookie.is_empty()) {
            cookies_left = cookies_left.checked_sub(1)?;
            let mut parts = cookie.splitn(2, |byte| *byte == b'=').map(trimmed);
            // Without `=` there is no name, only a value.
            if let (Some(name), Some(value)) = (parts.next(), parts.next()) {
                each(name, value);
            }
        }
    }
    Some(())
}

fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

fn text(value: &[u8]) -> &str {
    str::from_utf8(value).unwrap_or_default()
}

fn mark(application: &str) -> String {
    let hash = digest(&SHA256, application.as_bytes());
    let hex: String = hash.as_ref().iter().take(3).map(|byte| format!("{byte:02x}")).collect();
    format!("-{hex}")
}

/// RFC 6265 section 4.1.1.
pub(crate) fn is_cookie_name(name: &str) -> bool {
    is_token(name.as_bytes())
}

/// RFC 9110 section 5.6.2.
fn is_token(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

/// RFC 6265 section 4.1.1.
fn is_cookie_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\",;\\".contains(&byte)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests;
