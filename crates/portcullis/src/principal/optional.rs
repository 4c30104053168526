//! Three kinds of optional, each with a name of its own.

use std::ops::Deref;

use super::admission::{Admission, FromAuth};
use crate::error::AuthError;

/// Absent, invalid or expired credentials become `None`.
///
/// # Security
/// **An expired token turns its user into nobody here**: meant for pages that greet a user if there is one. A
/// malformed request stays 400, a forbidden user 403, a login that is too weak 401, and a provider that cannot be
/// asked 503: none of them is ever taken as anonymous.
impl<T: FromAuth> FromAuth for Option<T> {
    async fn from_auth(admission: &Admission<'_>) -> Result<Self, AuthError> {
        match T::from_auth(admission).await {
            Ok(principal) => Ok(Some(principal)),
            Err(error) if error.is_unauthenticated() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// `None` only where the request brought no credentials; an invalid or expired token is refused with 401.
#[derive(Debug, Clone, PartialEq)]
pub struct IfPresent<T>(pub Option<T>);

impl<T> Deref for IfPresent<T> {
    type Target = Option<T>;

    fn deref(&self) -> &Option<T> {
        &self.0
    }
}

impl<T: FromAuth> FromAuth for IfPresent<T> {
    async fn from_auth(admission: &Admission<'_>) -> Result<Self, AuthError> {
        match T::from_auth(admission).await {
            Ok(principal) => Ok(Self(Some(principal))),
            Err(AuthError::MissingCredentials) => Ok(Self(None)),
            Err(error) => Err(error),
        }
    }
}

/// The handler gets every outcome and decides by itself, except mistakes in the application's own wiring.
impl<T: FromAuth> FromAuth for Result<T, AuthError> {
    async fn from_auth(admission: &Admission<'_>) -> Result<Self, AuthError> {
        match T::from_auth(admission).await {
            Err(error @ AuthError::Wiring(_)) => Err(error),
            outcome => Ok(outcome),
        }
    }
}
