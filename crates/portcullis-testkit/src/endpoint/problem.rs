//! Errors of the endpoints that clients talk to (RFC 6749 section 5.2).

use bytes::Bytes;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use super::json as json_response;
use crate::page::private;

/// A refusal with an `error` code and a description for developers.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) error: &'static str,
    pub(super) description: String,
    status: StatusCode,
}

impl Problem {
    pub(super) fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self { error, description: description.into(), status: StatusCode::BAD_REQUEST }
    }

    /// A client that is not who it says.
    pub(super) fn invalid_client(description: impl Into<String>) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, ..Self::new("invalid_client", description) }
    }

    pub(super) fn response(self) -> Response<Bytes> {
        let body = json!({ "error": self.error, "error_description": self.description });
        let mut response = json_response(body.to_string());
        *response.status_mut() = self.status;
        private(response.headers_mut());
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Basic realm=\"token endpoint\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
