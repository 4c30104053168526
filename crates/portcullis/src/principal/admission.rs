//! The extension point: making a principal of an admitted attempt.

use std::fmt;

use crate::error::AuthError;
use crate::request::Attempt;
use crate::token::AccessToken;
use crate::userinfo::UserInfo;

/// What a handler may receive: implement it for your own type in a few lines, and every framework serves it.
///
/// ```
/// use portcullis::{Admission, AuthError, FromAuth};
///
/// struct Greeting(String);
///
/// impl FromAuth for Greeting {
///     async fn from_auth(admission: &Admission<'_>) -> Result<Self, AuthError> {
///         let user = admission.user_info().await?;
///         Ok(Greeting(format!("hello {}", user.name().unwrap_or("stranger"))))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`Auth` cannot hand a `{Self}` to a handler",
    label = "does not implement `FromAuth`",
    note = "use `AccessToken`, `UserInfo`, `Fresh<UserInfo>`, `()`, `Option<_>`, `IfPresent<_>`, `Result<_, AuthError>` or a tuple of them",
    note = "or implement `FromAuth` for your own type: `async fn from_auth(admission: &Admission<'_>) -> Result<Self, AuthError>`"
)]
pub trait FromAuth: Sized + Send {
    /// Makes the principal.
    ///
    /// # Errors
    /// Returns why there is none; the request is then refused with it.
    fn from_auth(admission: &Admission<'_>) -> impl Future<Output = Result<Self, AuthError>> + Send;
}

/// What [`FromAuth`] sees: the outcome of the attempt, after the requirement was judged.
pub struct Admission<'a> {
    attempt: &'a Attempt,
    outcome: Result<&'a AccessToken, AuthError>,
}

impl<'a> Admission<'a> {
    pub(crate) fn new(attempt: &'a Attempt, outcome: Result<&'a AccessToken, AuthError>) -> Self {
        Self { attempt, outcome }
    }

    /// The validated token.
    ///
    /// # Errors
    /// Returns why the request is not admitted.
    pub fn token(&self) -> Result<&AccessToken, AuthError> {
        self.outcome.clone()
    }

    /// The claims of the user behind the token: those of the session, or from the cache, or asked from the provider;
    /// once per request.
    ///
    /// # Errors
    /// Returns why the request is not admitted; [`AuthError::UserRequired`] for a machine's token, without asking
    /// anybody.
    pub async fn user_info(&self) -> Result<UserInfo, AuthError> {
        self.attempt.user_info(self.user_token()?).await
    }

    /// The claims of the user, asked from the provider in this request.
    ///
    /// # Errors
    /// As [`user_info`](Self::user_info).
    pub async fn fresh_user_info(&self) -> Result<UserInfo, AuthError> {
        self.attempt.fresh_user_info(self.user_token()?).await
    }

    pub(crate) async fn refresh_session(&self) -> Result<Option<UserInfo>, AuthError> {
        self.attempt.refresh_session(self.user_token()?).await
    }

    fn user_token(&self) -> Result<&AccessToken, AuthError> {
        let token = self.token()?;
        if token.is_client() { Err(AuthError::UserRequired) } else { Ok(token) }
    }
}

impl fmt::Debug for Admission<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admission").field("outcome", &self.outcome).finish_non_exhaustive()
    }
}
