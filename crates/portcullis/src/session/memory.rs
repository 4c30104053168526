//! The default store: in memory, bounded.

mod sessions;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use self::sessions::Sessions;
use super::{SessionIndex, SessionKey, SessionStore, StoreError, StoredSession};
use crate::clock::{Clock, SystemClock};

/// Keeps at most 100,000 sessions in this process: they end with it, and another process does not see them.
///
/// When it is full, the session that was not used for longest makes room: a fresh login is always kept.
pub struct MemorySessionStore {
    // One lock, held for a few steps. A cache that evicts beside a compare-and-swap (moka does) can let a logout
    // look between the two: the evicted session is not found, and the swap then brings it back.
    sessions: Mutex<Sessions>,
    clock: Arc<dyn Clock>,
}

impl MemorySessionStore {
    /// A store for 100,000 sessions.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(100_000)
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
        let capacity = usize::try_from(sessions.max(1)).unwrap_or(usize::MAX);
        Self { sessions: Mutex::new(Sessions::new(capacity)), clock }
    }

    fn read(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> MutexGuard<'_, Sessions> {
        let now = self.clock.unix_time().as_secs();
        let mut sessions = self.read();
        sessions.clear_some_expired(now);
        sessions
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
        let session = self.read().get(key);
        // The bytes are copied when the lock is free again.
        Ok(session.map(|session| StoredSession::clone(&session)))
    }

    async fn insert(&self, key: &SessionKey, session: StoredSession) -> Result<(), StoreError> {
        let mut sessions = self.write();
        if sessions.version(key).is_some() {
            return Err(StoreError::new("there is a session under this key already"));
        }
        sessions.put(key, session);
        Ok(())
    }

    async fn replace(
        &self,
        key: &SessionKey,
        session: StoredSession,
        expected_version: u64,
    ) -> Result<bool, StoreError> {
        let mut sessions = self.write();
        let fits = sessions.version(key) == Some(expected_version);
        if fits {
            sessions.put(key, session);
        }
        Ok(fits)
    }

    async fn remove(&self, key: &SessionKey) -> Result<(), StoreError> {
        self.write().remove(key);
        Ok(())
    }

    async fn remove_all(&self, index: &SessionIndex) -> Result<usize, StoreError> {
        Ok(self.write().remove_all(index))
    }
}

impl fmt::Debug for MemorySessionStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemorySessionStore").field("sessions", &self.read().len()).finish()
    }
}
