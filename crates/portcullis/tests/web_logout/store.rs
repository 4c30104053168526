//! A store that counts removals, and of which a part can fail.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use portcullis::{MemorySessionStore, SessionIndex, SessionKey, SessionStore, StoreError, StoredSession, async_trait};

/// What a store can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Call {
    Load,
    Remove,
    RemoveAll,
}

/// Clones share one store.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    inner: MemorySessionStore,
    broken: Mutex<BTreeSet<Call>>,
    removals: AtomicUsize,
}

impl Store {
    pub(crate) fn break_down(&self, calls: &[Call]) {
        self.0.broken.lock().unwrap().extend(calls);
    }

    pub(crate) fn mend(&self) {
        self.0.broken.lock().unwrap().clear();
    }

    /// How often something was to be removed.
    pub(crate) fn removals(&self) -> usize {
        self.0.removals.load(Ordering::SeqCst)
    }

    fn asked(&self, call: Call) -> Result<&MemorySessionStore, StoreError> {
        if call != Call::Load {
            self.0.removals.fetch_add(1, Ordering::SeqCst);
        }
        match self.0.broken.lock().unwrap().contains(&call) {
            true => Err(StoreError::new("broken")),
            false => Ok(&self.0.inner),
        }
    }
}

#[async_trait]
impl SessionStore for Store {
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StoreError> {
        self.asked(Call::Load)?.load(key).await
    }

    async fn insert(&self, key: &SessionKey, session: StoredSession) -> Result<(), StoreError> {
        self.0.inner.insert(key, session).await
    }

    async fn replace(&self, key: &SessionKey, session: StoredSession, expected: u64) -> Result<bool, StoreError> {
        self.0.inner.replace(key, session, expected).await
    }

    async fn remove(&self, key: &SessionKey) -> Result<(), StoreError> {
        self.asked(Call::Remove)?.remove(key).await
    }

    async fn remove_all(&self, index: &SessionIndex) -> Result<usize, StoreError> {
        self.asked(Call::RemoveAll)?.remove_all(index).await
    }
}
