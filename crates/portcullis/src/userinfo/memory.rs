//! The default cache: in memory, bounded.

use std::fmt;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use moka::Expiry;
use moka::sync::Cache;

use super::cache::{CacheError, UserInfoCache, UserInfoEntry, UserInfoKey};

/// Keeps the claims of at most 10,000 users in this process; others make room.
pub struct MemoryUserInfoCache {
    entries: Cache<UserInfoKey, (UserInfoEntry, Duration)>,
}

impl MemoryUserInfoCache {
    /// A cache for 10,000 users.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(10_000)
    }

    /// A cache for this many users.
    #[must_use]
    pub fn with_capacity(users: u64) -> Self {
        Self { entries: Cache::builder().max_capacity(users).expire_after(TimeToLive).build() }
    }
}

impl Default for MemoryUserInfoCache {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl UserInfoCache for MemoryUserInfoCache {
    async fn get(&self, key: &UserInfoKey) -> Result<Option<UserInfoEntry>, CacheError> {
        Ok(self.entries.get(key).map(|(entry, _)| entry))
    }

    async fn set(&self, key: &UserInfoKey, entry: UserInfoEntry, ttl: Duration) -> Result<(), CacheError> {
        self.entries.insert(key.clone(), (entry, ttl));
        Ok(())
    }

    async fn remove(&self, key: &UserInfoKey) -> Result<(), CacheError> {
        self.entries.invalidate(key);
        Ok(())
    }
}

impl fmt::Debug for MemoryUserInfoCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryUserInfoCache").field("users", &self.entries.entry_count()).finish()
    }
}

/// Frees memory only: whether an entry is still good is decided by the library's own clock.
struct TimeToLive;

impl Expiry<UserInfoKey, (UserInfoEntry, Duration)> for TimeToLive {
    fn expire_after_create(
        &self,
        _key: &UserInfoKey,
        (_, ttl): &(UserInfoEntry, Duration),
        _created_at: Instant,
    ) -> Option<Duration> {
        Some(*ttl)
    }

    fn expire_after_update(
        &self,
        _key: &UserInfoKey,
        (_, ttl): &(UserInfoEntry, Duration),
        _updated_at: Instant,
        _duration_until_expiry: Option<Duration>,
    ) -> Option<Duration> {
        Some(*ttl)
    }
}
