//! The way of an answer that another site posts.

use bytes::Bytes;
use http::header::REFERRER_POLICY;
use http::{HeaderValue, Response};

use super::pages::SelfPosting;
use super::parameters::Parameters;
use super::visit::Visit;
use super::{Found, Web, WebRoute, find};
use crate::provider::ResponseMode;

/// The field that says that the form has come round once.
const MARKER: &str = "portcullis_repost";

impl Web {
    /// The answer of the provider, if it came the way that was asked for.
    ///
    /// # Security
    /// Whoever may choose the way can choose the one where the answer is read by others, and of parameters in two
    /// places each reader believes another one: what was asked for counts, and nothing beside it.
    pub(super) fn answer_as_asked<'v>(&self, visit: &'v Visit) -> Option<&'v Parameters> {
        match self.response_mode {
            ResponseMode::Query => (visit.method == "GET" && visit.body_bytes == 0).then_some(&visit.query),
            ResponseMode::FormPost => (visit.method == "POST" && visit.query.is_empty()).then_some(&visit.form),
        }
    }

    /// Whether the form has to come once more, from a page of ours: a browser leaves our cookies out of what another
    /// site posts (`SameSite=Lax`).
    pub(super) fn wants_repost(&self, visit: &Visit, parameters: &Parameters, state: &str) -> bool {
        let headers = visit.cookie_headers.iter().map(|header| &**header);
        self.response_mode == ResponseMode::FormPost
            && parameters.one(MARKER) == Ok(None)
            && find(headers, &self.transaction_cookie(state)) == Found::Absent
    }

    /// The page that posts the same fields from our own origin.
    pub(super) fn repost(&self, fields: &Parameters) -> Response<Bytes> {
        let page = SelfPosting {
            title: "One moment",
            text: "You are being signed in.",
            button: "Continue",
            action: &self.base.path_of(WebRoute::Callback),
        };
        let Some(mut response) = page.into_response(fields.iter().chain([(MARKER, "1")])) else {
            return self.unavailable_page();
        };
        // The form must say where it comes from.
        response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        response
    }
}
