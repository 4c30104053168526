//! Refusals as poem errors.

use poem::error::ResponseError;
use poem::http::StatusCode;
use poem::{Body, Response, ResponseParts};
use portcullis::{AuthError, Refusal};

/// What the [`poem::Error`] of a request that is not admitted holds: take `poem::Result<CurrentUser>` as a parameter
/// and `error.downcast_ref::<AuthRejection>()` to handle it yourself.
#[derive(Debug, Clone, thiserror::Error)]
#[error(transparent)]
pub struct AuthRejection(#[from] Refusal);

impl AuthRejection {
    /// Why the request is not admitted.
    #[must_use]
    pub fn error(&self) -> &AuthError {
        self.0.error()
    }

    /// The error with the [`AuthError`] among its data, for middlewares further out: poem puts an error's data in the
    /// place of the extensions of its response.
    pub(crate) fn into_error(self) -> poem::Error {
        let reason = self.error().clone();
        let mut error = poem::Error::from(self);
        error.set_data(reason);
        error
    }
}

impl ResponseError for AuthRejection {
    fn status(&self) -> StatusCode {
        self.0.status()
    }

    fn as_response(&self) -> Response {
        response(self.0.clone().into_response())
    }
}

pub(crate) fn response(reply: poem::http::Response<impl Into<Body>>) -> Response {
    let (parts, body) = reply.into_parts();
    let (status, version) = (parts.status, parts.version);
    let parts = ResponseParts { status, version, headers: parts.headers, extensions: parts.extensions };
    Response::from_parts(parts, body.into())
}
