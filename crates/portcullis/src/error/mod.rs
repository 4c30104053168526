//! Errors by phase: building a guard, asking the provider, admitting a request.

mod auth;
mod build;
mod invalid_token;
mod provider;

pub use self::auth::{AuthError, InvalidRequest, Unavailable};
pub use self::build::{BuildError, Problem};
pub use self::invalid_token::InvalidToken;
pub use self::provider::{OAuthError, ProviderEndpoint, ProviderError, ProviderErrorKind};
