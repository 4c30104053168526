//! Refusals that a person can read.

use http::header::{HeaderName, HeaderValue};
use http::{Response, StatusCode};
use portcullis::{AuthError, RequestFacts};

use super::frame::{Page, Visitor};
use super::{PAGE_HEADERS, escape};

/// A page in place of the JSON of a refusal, for `on_reject`. Only a navigation gets it, and its status, challenge and
/// `Retry-After` stay; a redirect to the login stays as it is.
pub fn refusal_page<B: From<String>>(error: &AuthError, facts: &RequestFacts, reply: Response<B>) -> Response<B> {
    if !facts.is_navigation() || reply.status().is_redirection() {
        return reply;
    }
    let (title, main) = words(error, facts, reply.status());
    let page = Page { path: facts.path(), title, visitor: Visitor::Somebody, main: &main };
    let mut reply = reply.map(|_| page.html().into());
    for (name, value) in PAGE_HEADERS {
        reply.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    reply
}

fn words(error: &AuthError, facts: &RequestFacts, status: StatusCode) -> (&'static str, String) {
    match error {
        AuthError::MissingPermission { permission } => (
            "Not for this account",
            format!(
                "<p class=\"refused\">This page needs the permission <code>{}</code>, which your account does not \
                 have.</p>\n<p>Ask whoever runs this site for it, or sign out and come back with another account.</p>",
                escape(permission)
            ),
        ),
        _ if status == StatusCode::SERVICE_UNAVAILABLE => (
            "One moment, please",
            format!(
                "<p class=\"refused\">We cannot find out who you are just now. Nothing is lost, and you are still \
                 signed in.</p>\n<p class=\"actions\"><a class=\"button primary\" href=\"{}\">Try again</a></p>",
                escape(facts.path())
            ),
        ),
        _ => (
            "This page stays closed",
            format!("<p class=\"refused\">The request was refused: <code>{}</code>.</p>", escape(error.code())),
        ),
    }
}
