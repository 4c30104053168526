//! The default store: in memory, bounded.

mod index;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use moka::Expiry;
use moka::ops::compute::{CompResult, Op};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use self::index::{Index, Row};
use super::{SessionIndex, SessionKey, SessionStore, StoreError, StoredSession};
use crate::clock::{Clock, SystemClock};

/// Keeps at most 100,000 sessions in this process: they end with it, and another process does not see them.
///
/// When it is full, the session that was not used for longest makes room: a fresh login is always kept.
pub struct MemorySessionStore {
    rows: Cache<SessionKey, Arc<Row>>,
    index: Arc<Index>,
}

impl MemorySessionStore {
    /// How many sessions a store holds if nobody says otherwise.
    pub(crate) const CAPACITY: u64 = 100_000;

    /// A store for 100,000 sessions.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(Self::CAPACITY)
    }

    /// A store for this many sessions, at least one.
    #[must_use]
    pub fn with_capacity(sessions: u64) -> Self {
        Self::with_clock(sessions, Arc::new(SystemClock::new()))
    }

    /// A store that frees memory by this clock, which must be the guard's: by another one, a session that the guard
    /// takes for alive could be gone.
    #[must_use]
    pub fn with_clock(sessions: u64, clock: Arc<dyn Clock>) -> Self {
        let index = Arc::new(Index::default());
        let leaving = Arc::clone(&index);
        let rows = Cache::builder()
            // moka keeps nothing at all at 0, and a login would be lost without an error.
            .max_capacity(sessions.max(1))
            // moka's default policy may refuse a newcomer in favour of what is used often.
            .eviction_policy(EvictionPolicy::lru())
            .expire_after(UntilExpiry(clock))
            .eviction_listener(move |key, row: Arc<Row>, _| leaving.remove(&key, &row))
            .build();
        Self { rows, index }
    }

    /// Every write goes through moka's computation on one key, which runs for one caller at a time; moka's plain
    /// `insert` and `invalidate` would run beside it, and a logout could be undone.
    fn compute(
        &self,
        key: &SessionKey,
        decide: impl FnOnce(Option<&StoredSession>) -> Op<StoredSession>,
    ) -> CompResult<SessionKey, Arc<Row>> {
        self.rows.entry(*key).and_compute_with(|row| {
            let decision = decide(row.as_ref().map(|row| &row.value().session));
            match decision {
                // Before the row is in the cache: there is no instant at which a logout could miss it.
                Op::Put(session) => Op::Put(self.index.add(key, session)),
                Op::Remove => Op::Remove,
                Op::Nop => Op::Nop,
            }
        })
    }

    fn take(&self, key: &SessionKey, unless: impl FnOnce(&StoredSession) -> bool) -> bool {
        let outcome = self.compute(key, |there| match there {
            Some(session) if !unless(session) => Op::Remove,
            _ => Op::Nop,
        });
        matches!(outcome, CompResult::Removed(_))
    }
}

impl Default for MemorySessionStore {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl SessionStore for MemorySessionStore {
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StoreError> {
        Ok(self.rows.get(key).map(|row| row.session.clone()))
    }

    async fn insert(&self, key: &SessionKey, session: StoredSession) -> Result<(), StoreError> {
        let outcome = self.compute(key, |there| if there.is_none() { Op::Put(session) } else { Op::Nop });
        match outcome {
            CompResult::Inserted(_) => Ok(()),
            _ => Err(StoreError::new("there is a session under this key already")),
        }
    }

    async fn replace(
        &self,
        key: &SessionKey,
        session: StoredSession,
        expected_version: u64,
    ) -> Result<bool, StoreError> {
        let outcome = self.compute(key, |there| match there {
            Some(there) if there.version() == expected_version => Op::Put(session),
            _ => Op::Nop,
        });
        Ok(matches!(outcome, CompResult::ReplacedWith(_)))
    }

    async fn remove(&self, key: &SessionKey) -> Result<(), StoreError> {
        self.take(key, |_| false);
        Ok(())
    }

    async fn remove_all(&self, index: &SessionIndex) -> Result<usize, StoreError> {
        // A session may have left the index since it was found there.
        let keys = self.index.find(index);
        Ok(keys.iter().filter(|key| self.take(key, |session| !session.indexes().contains(index))).count())
    }
}

impl fmt::Debug for MemorySessionStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemorySessionStore").field("sessions", &self.rows.entry_count()).finish()
    }
}

/// Frees memory only: whether a session is still good is decided in the library.
struct UntilExpiry(Arc<dyn Clock>);

impl UntilExpiry {
    fn remaining(&self, row: &Row) -> Duration {
        Duration::from_secs(row.session.expires_at()).saturating_sub(self.0.unix_time())
    }
}

impl Expiry<SessionKey, Arc<Row>> for UntilExpiry {
    fn expire_after_create(&self, _key: &SessionKey, row: &Arc<Row>, _created_at: Instant) -> Option<Duration> {
        Some(self.remaining(row))
    }

    fn expire_after_update(
        &self,
        _key: &SessionKey,
        row: &Arc<Row>,
        _updated_at: Instant,
        _duration_until_expiry: Option<Duration>,
    ) -> Option<Duration> {
        Some(self.remaining(row))
    }
}
