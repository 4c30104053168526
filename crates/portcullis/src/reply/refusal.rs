//! The reply and its reason.

use std::fmt;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Response, StatusCode};

use super::challenge::challenge;
use crate::error::AuthError;

/// The reply to a request that is not admitted, and why.
///
/// The response's extensions carry the [`AuthError`] too, for layers further out.
pub struct Refusal(Box<(AuthError, Response<Bytes>)>);

impl Refusal {
    /// The reply to a mistake in the application's own wiring: 500, with the way to mend it in the log only. For an
    /// adapter that finds no guard in the application's state.
    #[must_use]
    pub fn wiring(fix: &'static str) -> Self {
        let error = AuthError::Wiring(fix);
        tracing::error!(target: "portcullis::refusal", code = error.code(), "{error}");
        let reply = Self::default_reply(&error);
        Self::new(error, reply)
    }

    /// The reply of the library: status, challenge, `Retry-After` and the body `{"error":"<code>"}`.
    ///
    /// # Security
    /// The body names the code only. Which check failed would tell an attacker what to work on next.
    pub(crate) fn default_reply(error: &AuthError) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(format!("{{\"error\":\"{}\"}}", error.code())));
        *response.status_mut() = error.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(challenge) = challenge(error) {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if error.status() == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from(retry_after_seconds(error)));
        }
        response
    }

    /// The reply of a web application where a login helps: a person is sent there, a script is told where it is.
    ///
    /// # Security
    /// The redirect is a 303: a form that was posted is not posted again to another address.
    pub(crate) fn login_reply(error: &AuthError, login_url: &str, is_navigation: bool) -> Response<Bytes> {
        let mut response = Self::default_reply(error);
        if is_navigation {
            *response.status_mut() = StatusCode::SEE_OTHER;
            *response.body_mut() = Bytes::new();
            response.headers_mut().remove(CONTENT_TYPE);
            response.headers_mut().remove(WWW_AUTHENTICATE);
            // A path of ours with an encoded query: always visible ASCII.
            let location = HeaderValue::try_from(login_url).unwrap_or(HeaderValue::from_static("/"));
            response.headers_mut().insert(LOCATION, location);
            return response;
        }
        let body = serde_json::json!({"error": error.code(), "login_url": login_url});
        *response.body_mut() = Bytes::from(body.to_string());
        response
    }

    pub(crate) fn new(error: AuthError, mut response: Response<Bytes>) -> Self {
        response.extensions_mut().insert(error.clone());
        Self(Box::new((error, response)))
    }

    /// Why the request is not admitted.
    #[must_use]
    pub fn error(&self) -> &AuthError {
        &self.0.0
    }

    /// The status of the reply.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.1.status()
    }

    /// The reply to send.
    #[must_use]
    pub fn into_response(self) -> Response<Bytes> {
        self.0.1
    }
}

fn retry_after_seconds(error: &AuthError) -> u64 {
    match error {
        AuthError::Unavailable(unavailable) => unavailable.retry_after().as_millis().div_ceil(1000).max(1) as u64,
        // Only an operator mends a missing setting: an hour is as good as any time.
        _ => 3600,
    }
}

impl Clone for Refusal {
    fn clone(&self) -> Self {
        let (error, response) = &*self.0;
        Self(Box::new((error.clone(), response.clone())))
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal").field("error", self.error()).field("status", &self.status()).finish()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.error(), f)
    }
}

impl std::error::Error for Refusal {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.error())
    }
}
