//! Refusals that a person can read.

use http::header::{HeaderName, HeaderValue};
use http::{Response, StatusCode};
use portcullis::{AuthError, RequestFacts};

use super::frame::{BACK, Page, Visitor};
use super::{PAGE_HEADERS, escape};

/// A page in place of the JSON of a refusal, for `on_reject`. Only a navigation gets it, and its status, challenge and
/// `Retry-After` stay; a redirect to the login stays as it is.
pub fn refusal_page<B: From<String>>(error: &AuthError, facts: &RequestFacts, reply: Response<B>) -> Response<B> {
    if !facts.is_navigation() || reply.status().is_redirection() {
        return reply;
    }
    let (title, main) = words(error, facts, reply.status());
    let visitor = if reply.status() == StatusCode::UNAUTHORIZED { Visitor::Nobody } else { Visitor::Somebody };
    let page = Page { path: facts.path(), title, visitor, main: &main };
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
                 have.</p>\n<p>Ask whoever runs this site for it, or sign out and come back with another account.</p>\n\
                 {BACK}",
                escape(permission)
            ),
        ),
        _ if status == StatusCode::UNAUTHORIZED => (
            "You are not signed in any more",
            "<p class=\"refused\">Nothing was done. Sign in and try again.</p>\n<p class=\"actions\">\
             <a class=\"button primary\" href=\"/auth/login?return_to=/account\">Sign in</a></p>"
                .to_owned(),
        ),
        AuthError::CrossSite => (
            "Nothing was done",
            format!(
                "<p class=\"refused\">Another website has asked for this in your name. If it was you who wanted it, \
                 please do it from here.</p>\n{BACK}"
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
            format!(
                "<p class=\"refused\">It cannot be shown to you. Whoever runs this site can find out why: the reason \
                 is called <code>{}</code>.</p>\n{BACK}",
                escape(error.code())
            ),
        ),
    }
}
