//! Claims that do not fit the caller's type.

/// The claims do not fit the type that was asked for.
#[derive(Debug, thiserror::Error)]
#[error("the claims do not fit: {message}")]
pub struct ClaimsError {
    message: String,
}

impl ClaimsError {
    #[allow(clippy::needless_pass_by_value, reason = "shaped for map_err")]
    pub(crate) fn new(error: serde_json::Error) -> Self {
        Self { message: error.to_string() }
    }
}
