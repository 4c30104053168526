//! The library's own pages: plain, short, and safe to show to anybody.

use std::fmt::Write;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION, REFERRER_POLICY, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{Response, StatusCode};

use super::web_page::{WebPage, WebPageCode};

const STYLE: &str = include_str!("page.css");
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
/// A field may be called `submit`, and would stand in the way of the form's own method.
const SUBMIT: &str = "HTMLFormElement.prototype.submit.call(document.forms[0])";

/// What a page says, and where it leads.
pub(super) struct Page<'p> {
    pub(super) code: WebPageCode,
    pub(super) status: StatusCode,
    pub(super) title: &'p str,
    pub(super) text: &'p str,
    pub(super) link: Option<(&'p str, &'p str)>,
}

impl Page<'_> {
    /// The page; what it says travels with the response, for an application that shows its own.
    pub(super) fn into_response(self) -> Response<Bytes> {
        let link = self.link.map_or_else(String::new, |(address, words)| {
            format!("<a href=\"{}\">{}</a>\n", escaped(address), escaped(words))
        });
        let (code, title) = (self.code.as_str(), escaped(self.title));
        let main = format!("<h1>{title}</h1>\n<p data-code=\"{code}\">{}</p>\n{link}", escaped(self.text));
        let mut response = html(self.title, &main, "", HeaderValue::from_static(POLICY));
        *response.status_mut() = self.status;
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            let seconds = HeaderValue::from(crate::keys::RETRY_AFTER.as_secs());
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response.extensions_mut().insert(WebPage {
            code: self.code,
            title: self.title.to_owned(),
            text: self.text.to_owned(),
            link: self.link.map(|(address, words)| (address.to_owned(), words.to_owned())),
        });
        response
    }
}

/// A page that posts a form at once, or with its button where no scripts run.
///
/// # Security
/// What the fields say comes from elsewhere, so all of it is escaped, and the only script that runs is the one with the
/// nonce. The policy has no `form-action`: browsers apply it to the redirects behind the form too.
pub(super) struct SelfPosting<'p> {
    pub(super) title: &'p str,
    pub(super) text: &'p str,
    pub(super) button: &'p str,
    pub(super) action: &'p str,
}

impl SelfPosting<'_> {
    /// The page; `None` without randomness for the nonce.
    pub(super) fn into_response<'f>(self, fields: impl Iterator<Item = (&'f str, &'f str)>) -> Option<Response<Bytes>> {
        let mut nonce = [0; 16];
        aws_lc_rs::rand::fill(&mut nonce).ok()?;
        let nonce = BASE64_URL_SAFE_NO_PAD.encode(nonce);
        let mut main = format!(
            "<h1>{}</h1>\n<p>{}</p>\n<form method=\"post\" action=\"{}\">\n",
            escaped(self.title),
            escaped(self.text),
            escaped(self.action)
        );
        for (name, value) in fields {
            // Writing to a string cannot fail.
            let _ = writeln!(main, "<input type=\"hidden\" name=\"{}\" value=\"{}\">", escaped(name), escaped(value));
        }
        let _ = write!(main, "<button>{}</button>\n</form>\n", escaped(self.button));
        let script = format!("<script nonce=\"{nonce}\">{SUBMIT}</script>\n");
        let policy = HeaderValue::try_from(format!("{POLICY}; script-src 'nonce-{nonce}'")).ok()?;
        Some(html(self.title, &main, &script, policy))
    }
}

fn html(title: &str, main: &str, script: &str, policy: HeaderValue) -> Response<Bytes> {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>{}</title>\n\
         <style>{STYLE}</style>\n<main>\n{main}</main>\n{script}</html>\n",
        escaped(title),
    );
    let mut response = Response::new(Bytes::from(html));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    private(response)
}

/// 303: whatever the method was, the browser goes on with a `GET` and without the body.
pub(super) fn see_other(location: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    // Every location is a path of ours or a URL that the URL parser has written: always visible ASCII.
    let location = HeaderValue::try_from(location).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, location);
    private(response)
}

/// Nothing of a login belongs into a cache or a referrer: the callback's URL holds the code.
pub(super) fn private(mut response: Response<Bytes>) -> Response<Bytes> {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.entry(REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Text for HTML, in elements and in quoted attributes.
///
/// # Security
/// What a provider or a browser sent is shown as text and never becomes markup (cross-site scripting).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other if other.is_control() => out.push(' '),
            other => out.push(other),
        }
    }
    out
}
