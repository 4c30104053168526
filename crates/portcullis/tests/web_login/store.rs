//! A store that counts, and that can be down.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use portcullis::{MemorySessionStore, SessionIndex, SessionKey, SessionStore, StoreError, StoredSession, async_trait};

/// Clones share one store.
#[derive(Debug, Clone, Default)]
pub(crate) struct CountingStore(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    inner: MemorySessionStore,
    keys: Mutex<BTreeSet<SessionKey>>,
    inserted: AtomicUsize,
    is_down: AtomicBool,
    is_full: AtomicBool,
    is_slow: AtomicBool,
}

impl CountingStore {
    /// How many sessions there are now.
    pub(crate) fn rows(&self) -> usize {
        self.0.keys.lock().unwrap().len()
    }

    /// How many sessions there ever were.
    pub(crate) fn inserted(&self) -> usize {
        self.0.inserted.load(Ordering::SeqCst)
    }

    pub(crate) fn set_down(&self, is_down: bool) {
        self.0.is_down.store(is_down, Ordering::SeqCst);
    }

    pub(crate) fn refuse_inserts(&self, is_full: bool) {
        self.0.is_full.store(is_full, Ordering::SeqCst);
    }

    /// Lets others run before and after each step.
    pub(crate) fn set_slow(&self, is_slow: bool) {
        self.0.is_slow.store(is_slow, Ordering::SeqCst);
    }

    async fn pause(&self) {
        if self.0.is_slow.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
    }

    fn up(&self) -> Result<&Shared, StoreError> {
        if self.0.is_down.load(Ordering::SeqCst) { Err(StoreError::new("down")) } else { Ok(&self.0) }
    }
}

#[async_trait]
impl SessionStore for CountingStore {
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StoreError> {
        self.up()?.inner.load(key).await
    }

    async fn insert(&self, key: &SessionKey, session: StoredSession) -> Result<(), StoreError> {
        self.pause().await;
        let shared = self.up()?;
        if shared.is_full.load(Ordering::SeqCst) {
            return Err(StoreError::new("full"));
        }
        shared.inner.insert(key, session).await?;
        shared.inserted.fetch_add(1, Ordering::SeqCst);
        shared.keys.lock().unwrap().insert(*key);
        self.pause().await;
        Ok(())
    }

    async fn replace(&self, key: &SessionKey, session: StoredSession, expected: u64) -> Result<bool, StoreError> {
        self.up()?.inner.replace(key, session, expected).await
    }

    async fn remove(&self, key: &SessionKey) -> Result<(), StoreError> {
        self.pause().await;
        let shared = self.up()?;
        shared.inner.remove(key).await?;
        shared.keys.lock().unwrap().remove(key);
        self.pause().await;
        Ok(())
    }

    async fn remove_all(&self, index: &SessionIndex) -> Result<usize, StoreError> {
        self.up()?.inner.remove_all(index).await
    }
}
