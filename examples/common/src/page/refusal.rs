//! Refusals that a person can read.

use http::header::{HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};
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
    let (title, text, rest) = match error {
        AuthError::MissingPermission { permission } => (
            "Not for this account",
            format!(
                "This page needs the permission <code>{}</code>, which your account does not have.",
                escape(permission)
            ),
            format!(
                "<p>Ask whoever runs this site for it, or sign out and come back with another account.</p>\n{BACK}"
            ),
        ),
        AuthError::CrossSite => (
            "Nothing was done",
            "Another website has asked for this in your name. If it was you who wanted it, please do it from here."
                .to_owned(),
            BACK.to_owned(),
        ),
        _ if status == StatusCode::UNAUTHORIZED => (
            "You are not signed in",
            "Nothing was done. Sign in and try again.".to_owned(),
            link("/auth/login?return_to=/account", "Sign in"),
        ),
        _ if status == StatusCode::SERVICE_UNAVAILABLE => (
            "One moment, please",
            "The service that knows who you are cannot be reached just now. Nothing is lost: you are still signed in."
                .to_owned(),
            if facts.method() == Method::GET { link(facts.path(), "Try again") } else { BACK.to_owned() },
        ),
        _ => (
            "This page stays closed",
            "It cannot be shown to you. Whoever runs this site can find out why.".to_owned(),
            BACK.to_owned(),
        ),
    };
    // For tools, and for whoever is asked for help.
    (title, format!("<p class=\"lead\" data-code=\"{}\">{text}</p>\n{rest}", escape(error.code())))
}

fn link(address: &str, words: &str) -> String {
    format!("<p class=\"actions\"><a class=\"button primary\" href=\"{}\">{words}</a></p>", escape(address))
}
