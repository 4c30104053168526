//! The session in the browser: an id in one cookie, or all of it in two.

use std::time::Duration;

use http::HeaderValue;

use super::Web;
use super::cookies::{Found, find, find_each};
use crate::secret::Secret;
use crate::session::MOST_CHARACTERS;

/// Half of a sealed session: with name and attributes less than the 4 KiB that browsers keep of a cookie.
const CHUNK: usize = MOST_CHARACTERS / 2;

/// What a request brings as its session.
#[derive(Debug)]
pub(crate) enum SessionCookie {
    Absent,
    Value(Secret),
    /// Several cookies of a name, or a part without the other: as if absent, and to be deleted.
    Unusable,
}

impl Web {
    /// The session cookie of a request, put together if it came in two parts.
    ///
    /// # Security
    /// Whoever can set one of two cookies of a name (a sibling subdomain) cannot be told from us: neither counts.
    pub(crate) fn presented_session<'r>(&self, headers: impl Iterator<Item = &'r [u8]>) -> SessionCookie {
        if self.sessions.are_kept_here() {
            return match find(headers, self.names.session()) {
                Found::Absent => SessionCookie::Absent,
                Found::One(id) => SessionCookie::Value(id.into()),
                Found::Several => SessionCookie::Unusable,
            };
        }
        match find_each(headers, [self.names.session(), self.names.session_rest()]) {
            [Found::Absent, Found::Absent] => SessionCookie::Absent,
            [Found::One(whole), Found::Absent] => SessionCookie::Value(whole.into()),
            [Found::One(first), Found::One(rest)] if first.len() == CHUNK => {
                SessionCookie::Value(format!("{first}{rest}").into())
            }
            _ => SessionCookie::Unusable,
        }
    }

    /// Makes the browser keep a session, and nothing of another one.
    pub(crate) fn session_cookies(&self, value: &str, lifetime: Duration) -> Vec<HeaderValue> {
        let set = |name: &str, value: &str| self.names.set(name, value, Some(lifetime));
        if self.sessions.are_kept_here() {
            return vec![set(self.names.session(), value)];
        }
        match value.split_at_checked(CHUNK) {
            Some((first, rest)) if !rest.is_empty() => {
                vec![set(self.names.session(), first), set(self.names.session_rest(), rest)]
            }
            _ => vec![set(self.names.session(), value), self.names.delete(self.names.session_rest())],
        }
    }

    pub(crate) fn session_deletion(&self) -> Vec<HeaderValue> {
        let mut deletion = vec![self.names.delete(self.names.session())];
        if !self.sessions.are_kept_here() {
            deletion.push(self.names.delete(self.names.session_rest()));
        }
        deletion
    }
}
