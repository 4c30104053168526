//! An ID token that has been validated.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::ClaimsError;
use crate::error::InvalidToken;
use crate::json::Object;
use crate::secret::Secret;
use crate::userinfo::UserInfo;

/// Claims of the token itself, which say nothing about the user.
const PROTOCOL_CLAIMS: &[&str] = &[
    "iss",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "azp",
    "nonce",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "amr",
    "acr",
    "auth_time",
];

/// A **validated** ID token: proof of a login at the provider, made for this client (OpenID Connect Core section 2).
///
/// A clone is cheap.
#[derive(Clone)]
pub struct IdToken(Arc<Facts>);

struct Facts {
    raw: Secret,
    claims: Value,
    expires_at: u64,
    auth_time: Option<u64>,
}

impl IdToken {
    pub(crate) fn new(raw: &str, claims: Object, expires_at: u64, auth_time: Option<u64>) -> Self {
        Self(Arc::new(Facts { raw: Secret::from(raw), claims: Value::Object(claims), expires_at, auth_time }))
    }

    /// A token that was validated once and kept sealed since.
    pub(crate) fn restore(raw: Secret, claims: Object, expires_at: u64) -> Self {
        let auth_time = claims.get("auth_time").and_then(Value::as_u64);
        Self(Arc::new(Facts { raw, claims: Value::Object(claims), expires_at, auth_time }))
    }

    /// `iss`: who issued it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.text("iss").unwrap_or_default()
    }

    /// `sub`: the user. Unique only together with the issuer.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.text("sub").unwrap_or_default()
    }

    /// `acr`: how strongly the user was authenticated.
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        self.text("acr")
    }

    /// `auth_time`: when the user was authenticated, in seconds since the Unix epoch.
    #[must_use]
    pub fn auth_time(&self) -> Option<u64> {
        self.0.auth_time
    }

    /// `sid`: the session at the provider, for logout.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.text("sid")
    }

    /// `exp`: until when the token may be accepted, in seconds since the Unix epoch. It says nothing about how long
    /// the user stays logged in.
    #[must_use]
    pub fn expires_at(&self) -> u64 {
        self.0.expires_at
    }

    /// The raw token: the `id_token_hint` of a logout, the one token that may stand in a URL.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.0.raw
    }

    /// What the token says about the user, without the claims about the token itself.
    #[must_use]
    pub fn user_info(&self) -> UserInfo {
        let about_user = |(name, _): &(&String, &Value)| !PROTOCOL_CLAIMS.contains(&name.as_str());
        let claims = self.0.claims.as_object().into_iter().flatten().filter(about_user);
        let claims: Object = claims.map(|(name, value)| (name.clone(), value.clone())).collect();
        UserInfo::of_validated(claims)
    }

    /// One claim as the type you need; `None` where it is absent or of another type.
    #[must_use]
    pub fn claim<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.0.claims.get(name)?).ok()
    }

    /// All claims as your own type.
    ///
    /// # Errors
    /// Returns serde's message when the claims do not fit the type. It may quote a value of the claims.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, ClaimsError> {
        T::deserialize(&self.0.claims).map_err(ClaimsError::new)
    }

    /// Whether this token may take the place of the login's (OpenID Connect Core section 12.2). The audience has been
    /// compared with the configuration already, and `nonce` with the login's. The issuer too, but the login may be one
    /// of another provider that the application has.
    pub(crate) fn check_successor_of(&self, login: &Self) -> Result<(), InvalidToken> {
        if self.issuer() != login.issuer() {
            return Err(InvalidToken::Successor("iss"));
        }
        if self.subject() != login.subject() {
            return Err(InvalidToken::Successor("sub"));
        }
        match (self.auth_time(), login.auth_time()) {
            (Some(now), Some(then)) if now < then => Err(InvalidToken::Successor("auth_time")),
            _ => Ok(()),
        }
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.claims.get(name).and_then(Value::as_str)
    }
}

impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdToken")
            .field("issuer", &self.issuer())
            .field("subject", &self.subject())
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;
    use crate::json;

    fn token(claims: &str) -> IdToken {
        let claims = json::object(claims.as_bytes()).unwrap();
        let auth_time = claims.get("auth_time").and_then(Value::as_u64);
        IdToken::new("raw", claims, 0, auth_time)
    }

    #[test]
    fn atk_c13_only_a_token_of_the_same_login_succeeds_it() {
        let login = token(r#"{"iss":"https://id.example","sub":"alice","auth_time":100}"#);
        let rows = [
            (r#"{"iss":"https://id.example","sub":"alice","auth_time":100}"#, Ok(())),
            (r#"{"iss":"https://id.example","sub":"alice","auth_time":101}"#, Ok(())),
            (r#"{"iss":"https://id.example","sub":"alice"}"#, Ok(())),
            (r#"{"iss":"https://id.example","sub":"alice","auth_time":99}"#, Err(InvalidToken::Successor("auth_time"))),
            (r#"{"iss":"https://id.example","sub":"bob","auth_time":100}"#, Err(InvalidToken::Successor("sub"))),
            (r#"{"iss":"https://other.example","sub":"alice"}"#, Err(InvalidToken::Successor("iss"))),
        ];
        for (claims, expected) in rows {
            assert_eq!(token(claims).check_successor_of(&login), expected, "{claims}");
        }
    }
}
