//! The answer of the token endpoint, read strictly.

use std::fmt;
use std::time::Duration;

use http::{Response, StatusCode};
use oauth2::basic::BasicTokenType;
use oauth2::{AccessToken, RefreshToken, Scope, TokenResponse};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::exchange::is_json_like;
use crate::error::{OAuthError, ProviderEndpoint, ProviderError, ProviderErrorKind};
use crate::json;

/// The members that are used (RFC 6749 section 5.1). The ID token stays text: it is validated elsewhere, and may be
/// encrypted.
#[derive(Deserialize, Serialize)]
pub(super) struct WireTokens {
    access_token: AccessToken,
    token_type: BasicTokenType,
    expires_in: Option<u64>,
    refresh_token: Option<RefreshToken>,
    #[serde(default, deserialize_with = "oauth2::helpers::deserialize_space_delimited_vec")]
    #[serde(serialize_with = "oauth2::helpers::serialize_space_delimited_vec")]
    scope: Option<Vec<Scope>>,
    pub(super) id_token: Option<String>,
}

impl fmt::Debug for WireTokens {
    // The OAuth client demands it; the ID token is plain text here.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WireTokens").finish_non_exhaustive()
    }
}

impl TokenResponse for WireTokens {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(Duration::from_secs)
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        self.scope.as_ref()
    }
}

/// Refuses what cannot be used, with the reason, before anything is made of it. The body stays out of the error: it
/// holds tokens.
pub(super) fn check<B: AsRef<[u8]>>(response: &Response<B>) -> Result<(), ProviderError> {
    let unusable = |reason| ProviderError::unusable(ProviderEndpoint::Token, reason);
    let body = json::object(response.body().as_ref());
    let status = response.status();
    // Overload and outage are no verdict on the code or the client, whatever the body says: asking again may help.
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        return Err(ProviderError::new(ProviderEndpoint::Token, ProviderErrorKind::Status(status.as_u16())));
    }
    if status != StatusCode::OK {
        let code = body.ok().and_then(|body| body.get("error").and_then(Value::as_str).map(OAuthError::named));
        let kind = match code {
            Some(code) => ProviderErrorKind::Refused(code),
            None => ProviderErrorKind::Status(status.as_u16()),
        };
        return Err(ProviderError::new(ProviderEndpoint::Token, kind));
    }
    if !is_json_like(response.headers()) {
        return Err(unusable("content_type"));
    }
    let body = body.map_err(|_| unusable("not_a_json_object"))?;
    if let Some(error) = body.get("error").and_then(Value::as_str) {
        let kind = ProviderErrorKind::Refused(OAuthError::named(error));
        return Err(ProviderError::new(ProviderEndpoint::Token, kind));
    }
    for (name, reason) in [("access_token", "no_access_token"), ("token_type", "no_token_type")] {
        match body.get(name) {
            Some(Value::String(text)) if !text.is_empty() => {}
            _ => return Err(unusable(reason)),
        }
    }
    // A token of another type is not one that a bearer may use.
    if !body.get("token_type").and_then(Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
        return Err(unusable("token_type"));
    }
    let is_text = |name: &str| matches!(body.get(name), None | Some(Value::Null | Value::String(_)));
    for (name, reason) in [("refresh_token", "refresh_token"), ("id_token", "id_token_not_text"), ("scope", "scope")] {
        if !is_text(name) {
            return Err(unusable(reason));
        }
    }
    match body.get("expires_in") {
        None | Some(Value::Null) => Ok(()),
        Some(seconds) if seconds.as_u64().is_some_and(|seconds| seconds <= MOST_SECONDS) => Ok(()),
        Some(_) => Err(unusable("expires_in")),
    }
}

/// A hundred years: more is no lifetime but a mistake.
const MOST_SECONDS: u64 = 100 * 366 * 24 * 60 * 60;
