//! The OpenID provider, and our client of it.

pub(crate) mod address;
pub(crate) mod document;
pub(crate) mod exchange;
mod flights;
pub(crate) mod metadata;
mod profile;
mod status;

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, StatusCode};

pub(crate) use self::flights::{Flights, Landed};
pub use self::profile::Profile;
pub(crate) use self::profile::{Separation, TokenType};
pub use self::status::{IssuerState, IssuerStatus};

use self::address::BackChannel;
use self::document::Document;
use self::exchange::{Exchange, json_object};
use self::metadata::MetadataSource;
use crate::clock::Clock;
use crate::error::{ProviderEndpoint, ProviderError};
use crate::keys::KeyEngine;
use crate::transport::{HttpClient, HttpLimits};
use crate::userinfo::UserInfo;

/// One provider: its metadata, its keys and its endpoints, each asked only when first needed.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) issuer: Arc<str>,
    pub(crate) keys: KeyEngine,
    metadata: Document<MetadataSource>,
    exchange: Exchange,
}

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
    pub(crate) fn new(
        issuer: Arc<str>,
        client: Arc<dyn HttpClient>,
        back_channel: BackChannel,
        clock: Arc<dyn Clock>,
        max_stale: Duration,
    ) -> Self {
        let exchange = Exchange::new(client, Arc::new(back_channel));
        let source = MetadataSource::new(Arc::clone(&issuer), exchange.clone());
        let metadata = Document::new(source, Arc::clone(&clock), max_stale);
        let keys = KeyEngine::new(metadata.clone(), exchange.clone(), clock, max_stale);
        Self { issuer, keys, metadata, exchange }
    }

    /// Asks the UserInfo endpoint (OpenID Connect Core 5.3) about the user behind this token.
    ///
    /// # Security
    /// The answer's `sub` is compared with the token's (Core 5.3.2): a token substituted on the way would otherwise
    /// bring another user's claims.
    pub(crate) async fn user_info(&self, token: &str, subject: &str) -> Result<UserInfoAnswer, ProviderError> {
        let endpoint = ProviderEndpoint::UserInfo;
        let metadata = self.metadata.current().await?;
        let url = metadata
            .userinfo_endpoint
            .as_ref()
            .ok_or_else(|| ProviderError::unusable(endpoint, "no_userinfo_endpoint"))?;
        let mut bearer = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|_| ProviderError::unusable(endpoint, "token_is_no_header_value"))?;
        bearer.set_sensitive(true);
        let response = self.exchange.get(endpoint, url, Some(&bearer), HttpLimits::DOCUMENT).await?;
        match response.status() {
            StatusCode::UNAUTHORIZED => return Ok(UserInfoAnswer::TokenRefused),
            StatusCode::FORBIDDEN => return Ok(UserInfoAnswer::Forbidden),
            _ => {}
        }
        let claims = json_object(endpoint, &response)?;
        let user = UserInfo::from_claims(claims).ok_or_else(|| ProviderError::unusable(endpoint, "no_subject"))?;
        if user.subject() != subject {
            return Err(ProviderError::unusable(endpoint, "subject_mismatch"));
        }
        Ok(UserInfoAnswer::Claims(user))
    }

    pub(crate) fn status(&self) -> IssuerStatus {
        IssuerStatus::of(&self.issuer, &self.keys.status(), self.metadata.status().last_error)
    }
}
