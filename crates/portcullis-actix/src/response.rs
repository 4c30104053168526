//! Replies of the core as actix-web responses: actix-web speaks `http` 0.2.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, ResponseError};
use portcullis::{AuthError, Refusal, ResponseHeaders};

/// What an extractor returns for a request that is not admitted: take `Result<CurrentUser, AuthRejection>` as a
/// parameter to handle it yourself.
#[derive(Debug, Clone, thiserror::Error)]
#[error(transparent)]
pub struct AuthRejection(#[from] Refusal);

impl AuthRejection {
    /// Why the request is not admitted.
    #[must_use]
    pub fn error(&self) -> &AuthError {
        self.0.error()
    }
}

impl ResponseError for AuthRejection {
    fn status_code(&self) -> StatusCode {
        self.error_response().status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = copied(self.0.clone().into_response());
        response.extensions_mut().insert(self.error().clone());
        response
    }
}

pub(crate) fn copied(reply: http::Response<Bytes>) -> HttpResponse {
    let (parts, body) = reply.into_parts();
    let status = StatusCode::from_u16(parts.status.as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::with_body(status, BoxBody::new(body));
    let mut headers = Headers(response.headers_mut());
    for (name, value) in &parts.headers {
        headers.add(name, value);
    }
    response
}

/// The headers of an actix-web response as the core completes them.
pub(crate) struct Headers<'r>(pub(crate) &'r mut HeaderMap);

impl ResponseHeaders for Headers<'_> {
    fn values(&self, name: &http::HeaderName) -> impl Iterator<Item = &[u8]> {
        self.0.get_all(name.as_str()).map(HeaderValue::as_bytes)
    }

    fn replace(&mut self, name: &http::HeaderName, value: &http::HeaderValue) {
        self.0.remove(name.as_str());
        self.add(name, value);
    }

    fn add(&mut self, name: &http::HeaderName, value: &http::HeaderValue) {
        let name = HeaderName::from_bytes(name.as_ref());
        // What one version of `http` has found good is good for the other.
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            self.0.append(name, value);
        }
    }
}
