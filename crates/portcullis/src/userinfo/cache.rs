//! Where users' claims are kept between requests: a trait, so that it can be your own store.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::UserInfo;

/// Keeps users' claims between requests: get, set, remove and nothing else.
///
/// Policy is not the cache's business: what is asked, for how long an entry is good and who may refresh it is
/// decided in the library. An entry is returned as it was stored; one that outlives its `ttl` does no harm, the
/// library looks at [`UserInfoEntry::expires_at`] itself. A cache that fails, or does not answer within a second, is
/// treated as empty, with a warning in the log. `portcullis-testkit` has a check for implementors.
#[async_trait]
pub trait UserInfoCache: fmt::Debug + Send + Sync + 'static {
    /// The entry of this user, if there is one.
    ///
    /// # Errors
    /// Any failure of the store; it counts as "no entry".
    async fn get(&self, key: &UserInfoKey) -> Result<Option<UserInfoEntry>, CacheError>;

    /// Stores the entry in place of an earlier one. It may be dropped after `ttl`.
    ///
    /// # Errors
    /// Any failure of the store; the request goes on.
    async fn set(&self, key: &UserInfoKey, entry: UserInfoEntry, ttl: Duration) -> Result<(), CacheError>;

    /// Removes the entry; it is no error if there is none.
    ///
    /// # Errors
    /// Any failure of the store.
    async fn remove(&self, key: &UserInfoKey) -> Result<(), CacheError>;
}

/// Whose claims: a user is known by issuer and `sub` together (OpenID Connect Core section 5.7).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UserInfoKey {
    /// The issuer identifier.
    pub issuer: String,
    /// The user's `sub` at this issuer.
    pub subject: String,
}

/// A user's claims, and with what they were fetched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserInfoEntry {
    pub(crate) user_info: UserInfo,
    pub(crate) grant: Grant,
    pub(crate) expires_at: u64,
}

/// With what claims were fetched: scopes and client decide which claims the provider releases, so another pair must
/// never see them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) scopes: Vec<String>,
    pub(crate) client_id: Option<String>,
}

impl UserInfoEntry {
    /// The claims.
    #[must_use]
    pub fn user_info(&self) -> &UserInfo {
        &self.user_info
    }

    /// Until when the entry is good, in seconds since the Unix epoch.
    #[must_use]
    pub fn expires_at(&self) -> u64 {
        self.expires_at
    }
}

/// The store behind a cache failed.
#[derive(Debug, thiserror::Error)]
#[error("the userinfo cache failed: {0}")]
pub struct CacheError(Box<dyn std::error::Error + Send + Sync>);

impl CacheError {
    /// Wraps the store's own error. Its text is logged: leave secrets out of it.
    pub fn new(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}
