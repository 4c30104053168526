//! Refusals as axum responses.

use axum::response::{IntoResponse, Response};
use portcullis::{AuthError, Refusal};

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

impl IntoResponse for AuthRejection {
    fn into_response(self) -> Response {
        self.0.into_response().map(Into::into)
    }
}
