//! The provider's pages: plain HTML and CSS, readable without a script.

mod consent;
mod end_session;
mod form_post;
mod front_channel;
mod login;
mod message;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use url::Url;

pub(crate) use self::consent::consent;
pub(crate) use self::end_session::end_session;
pub(crate) use self::form_post::form_post;
pub(crate) use self::front_channel::front_channel;
pub(crate) use self::login::{LoginPage, login};
pub(crate) use self::message::{problem, signed_out};
use crate::flow::Interaction;

const STYLE: &str = include_str!("style.css");

/// What differs from page to page outside the text.
#[derive(Default)]
struct Frame<'a> {
    title: &'a str,
    status: StatusCode,
    /// Where a form of the page may end, redirects included: browsers hold them against `form-action` too.
    leads_to: Option<&'a str>,
    script: Option<&'a str>,
    /// What the page loads in frames.
    frames: &'a [String],
}

/// A whole page around `main`, which is HTML already.
fn page(frame: &Frame<'_>, main: &str) -> Response<Bytes> {
    let title = escape(frame.title);
    let script = frame.script.map_or_else(String::new, |script| format!("<script>{script}</script>\n"));
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <main>\n{main}\n</main>\n\
         <footer>Development provider: nobody needs a password here. Never let a real application trust it.</footer>\n\
         {script}</body>\n</html>\n"
    );
    let mut response = Response::new(Bytes::from(html));
    *response.status_mut() = frame.status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, policy(frame));
    private(headers);
    response
}

/// What every answer of the flow says: keep it nowhere, tell nobody its URL.
pub(crate) fn private(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

fn policy(frame: &Frame<'_>) -> HeaderValue {
    let hash = |text: &str| STANDARD.encode(digest::digest(&digest::SHA256, text.as_bytes()));
    let script = frame.script.map_or_else(String::new, |script| format!("script-src 'sha256-{}'; ", hash(script)));
    let leads_to = frame.leads_to.map_or_else(String::new, |uri| format!(" {}", source(uri)));
    let frames: String = frame.frames.iter().map(|uri| format!(" {}", source(uri))).collect();
    let frames = if frames.is_empty() { frames } else { format!("frame-src{frames}; ") };
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; img-src data:; {script}{frames}form-action 'self'{leads_to}; \
         base-uri 'none'; frame-ancestors 'none'",
        hash(STYLE)
    );
    HeaderValue::from_str(&policy).expect("origins and hashes can stand in a header")
}

/// A redirect URI as a source expression: its origin, or the scheme of a native application.
fn source(uri: &str) -> String {
    match Url::parse(uri) {
        Ok(url) if url.origin().is_tuple() => url.origin().ascii_serialization(),
        Ok(url) => format!("{}:", url.scheme()),
        Err(_) => String::new(),
    }
}

/// The fields that prove a form to come from its page.
fn hidden(interaction: &Interaction) -> String {
    let field = |name: &str, value: &str| {
        format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value))
    };
    format!("{}{}", field("interaction", &interaction.id), field("csrf", &interaction.csrf))
}

/// Text as it may stand in an element or in a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
