//! What the token endpoint gave.

use std::fmt;
use std::time::Duration;

use crate::secret::Secret;
use crate::token::IdToken;

/// The tokens of a login or of a refresh, with the ID token validated.
#[derive(Clone)]
pub struct Tokens {
    pub(crate) access_token: Secret,
    pub(crate) id_token: Option<IdToken>,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) expires_in: Option<Duration>,
    pub(crate) scopes: Vec<String>,
}

impl Tokens {
    /// The access token, for the provider and for APIs.
    #[must_use]
    pub fn access_token(&self) -> &Secret {
        &self.access_token
    }

    /// The ID token: always there after a login that asked for `openid`; after a refresh only from some providers.
    #[must_use]
    pub fn id_token(&self) -> Option<&IdToken> {
        self.id_token.as_ref()
    }

    /// The refresh token. At a refresh, a new one takes the place of the old one; where there is none the old one
    /// stays good.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }

    /// The life of the access token from now on, where the provider says so.
    #[must_use]
    pub fn expires_in(&self) -> Option<Duration> {
        self.expires_in
    }

    /// The granted scopes; as asked, where the provider does not say (RFC 6749 section 5.1). At a refresh without
    /// an answer they are empty: those of the login still hold.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scopes.iter().map(String::as_str)
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("id_token", &self.id_token)
            .field("has_refresh_token", &self.refresh_token.is_some())
            .field("expires_in", &self.expires_in)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}
