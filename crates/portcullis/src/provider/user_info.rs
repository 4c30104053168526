//! The UserInfo endpoint.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use super::Provider;
use super::exchange::json_object;
use crate::error::{ProviderEndpoint, ProviderError, ProviderErrorKind};
use crate::json::Object;
use crate::keys::KeyFailure;
use crate::secret::Secret;
use crate::transport::HttpLimits;
use crate::userinfo::UserInfo;

const ENDPOINT: ProviderEndpoint = ProviderEndpoint::UserInfo;

/// What the UserInfo endpoint made of a token.
#[derive(Debug, Clone)]
pub(crate) enum UserInfoAnswer {
    Claims(UserInfo),
    /// 401: the token is no longer good.
    TokenRefused,
    /// 403: the token may not ask.
    Forbidden,
}

impl Provider {
    /// Asks the UserInfo endpoint (OpenID Connect Core section 5.3) about the user `subject`, with the user's access
    /// token. A signed answer (JWT) is validated.
    ///
    /// # Errors
    /// Returns [`ProviderErrorKind::Status`] 401 or 403 when the provider refuses the token, and other errors when it
    /// cannot be asked or its answer cannot be used.
    pub async fn user_info(&self, access_token: &Secret, subject: &str) -> Result<UserInfo, ProviderError> {
        let refused = |status: StatusCode| ProviderError::new(ENDPOINT, ProviderErrorKind::Status(status.as_u16()));
        match self.ask_user_info(access_token.expose(), subject).await? {
            UserInfoAnswer::Claims(user_info) => Ok(user_info),
            UserInfoAnswer::TokenRefused => Err(refused(StatusCode::UNAUTHORIZED)),
            UserInfoAnswer::Forbidden => Err(refused(StatusCode::FORBIDDEN)),
        }
    }

    /// # Security
    /// The answer's `sub` is compared with the token's (Core 5.3.2): a token substituted on the way would otherwise
    /// bring another user's claims.
    pub(crate) async fn ask_user_info(&self, token: &str, subject: &str) -> Result<UserInfoAnswer, ProviderError> {
        let unusable = |reason| ProviderError::unusable(ENDPOINT, reason);
        let metadata = self.metadata().await?;
        let url = metadata.userinfo_endpoint.as_ref().ok_or_else(|| unusable("no_userinfo_endpoint"))?;
        let mut bearer =
            HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| unusable("token_is_no_header_value"))?;
        bearer.set_sensitive(true);
        let response = self.0.exchange.get(ENDPOINT, url, Some(&bearer), HttpLimits::DOCUMENT).await?;
        match response.status() {
            StatusCode::UNAUTHORIZED => return Ok(UserInfoAnswer::TokenRefused),
            StatusCode::FORBIDDEN => return Ok(UserInfoAnswer::Forbidden),
            _ => {}
        }
        let claims = match is_jwt(&response) {
            true => self.signed_claims(&response).await?,
            false => json_object(ENDPOINT, &response)?,
        };
        let user = UserInfo::from_claims(claims).ok_or_else(|| unusable("no_subject"))?;
        if user.subject() != subject {
            return Err(unusable("subject_mismatch"));
        }
        Ok(UserInfoAnswer::Claims(user))
    }

    /// A signed answer (Core 5.3.2): made by this issuer, for this client.
    async fn signed_claims(&self, response: &Response<Bytes>) -> Result<Object, ProviderError> {
        if response.status() != StatusCode::OK {
            return Err(ProviderError::new(ENDPOINT, ProviderErrorKind::Status(response.status().as_u16())));
        }
        let policy = self.0.client.id_tokens.as_ref();
        let policy = policy.ok_or_else(|| ProviderError::unusable(ENDPOINT, "signed_answer_needs_client_id"))?;
        let text = std::str::from_utf8(response.body()).map_err(|_| ProviderError::unusable(ENDPOINT, "not_a_jwt"))?;
        let now = self.0.clock.unix_time();
        policy.signed_user_info(&self.0.keys, text.trim(), now).await.map_err(|failure| match failure {
            KeyFailure::Invalid(invalid) => ProviderError::unusable(ENDPOINT, invalid.reason()),
            KeyFailure::Provider(error) => error,
            KeyFailure::Budget(_) => ProviderError::unusable(ProviderEndpoint::Jwks, "key_refetch_budget"),
        })
    }
}

fn is_jwt(response: &Response<Bytes>) -> bool {
    let value = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/jwt"))
}
