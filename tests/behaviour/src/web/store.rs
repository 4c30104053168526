//! A store that counts, remembers what it saw, and can be out of order.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use portcullis::{MemorySessionStore, SessionIndex, SessionKey, SessionStore, StoreError, StoredSession, async_trait};
use portcullis_testkit::TestClock;

/// Clones share everything.
#[derive(Debug, Clone)]
pub struct CountingStore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    memory: MemorySessionStore,
    calls: AtomicUsize,
    is_down: AtomicBool,
    written: Mutex<Vec<(SessionKey, StoredSession)>>,
}

impl CountingStore {
    pub(super) fn by(clock: TestClock) -> Self {
        Self(Arc::new(Inner {
            memory: MemorySessionStore::with_clock(1000, Arc::new(clock)),
            calls: AtomicUsize::new(0),
            is_down: AtomicBool::new(false),
            written: Mutex::default(),
        }))
    }

    /// How often the guard has asked it.
    pub(super) fn asked(&self) -> usize {
        self.0.calls.load(Ordering::SeqCst)
    }

    pub fn set_down(&self, is_down: bool) {
        self.0.is_down.store(is_down, Ordering::SeqCst);
    }

    /// Everything that was ever written.
    pub fn written(&self) -> Vec<(SessionKey, StoredSession)> {
        self.0.written.lock().expect("no test panics with it").clone()
    }

    /// The row that was written last, if it is still there; not counted.
    pub async fn last_row(&self) -> Option<StoredSession> {
        let (key, _) = self.written().pop()?;
        self.0.memory.load(&key).await.expect("memory does not fail")
    }

    /// What a logout elsewhere does; not counted.
    pub async fn remove_last(&self) {
        let (key, _) = self.written().pop().expect("a session");
        self.0.memory.remove(&key).await.expect("memory does not fail");
    }

    /// How many there are; not counted.
    pub(super) async fn sessions(&self) -> usize {
        let mut rows = 0;
        for key in self.written().into_iter().map(|(key, _)| key).collect::<BTreeSet<_>>() {
            rows += usize::from(self.0.memory.load(&key).await.expect("memory does not fail").is_some());
        }
        rows
    }

    fn call(&self) -> Result<&MemorySessionStore, StoreError> {
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        if self.0.is_down.load(Ordering::SeqCst) { Err(StoreError::new("out of order")) } else { Ok(&self.0.memory) }
    }

    fn note(&self, key: &SessionKey, session: &StoredSession) {
        self.0.written.lock().expect("no test panics with it").push((*key, session.clone()));
    }
}

#[async_trait]
impl SessionStore for CountingStore {
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StoreError> {
        self.call()?.load(key).await
    }

    async fn insert(&self, key: &SessionKey, session: StoredSession) -> Result<(), StoreError> {
        let memory = self.call()?;
        self.note(key, &session);
        memory.insert(key, session).await
    }

    async fn replace(&self, key: &SessionKey, session: StoredSession, expected: u64) -> Result<bool, StoreError> {
        let memory = self.call()?;
        let replaced = memory.replace(key, session.clone(), expected).await?;
        if replaced {
            self.note(key, &session);
        }
        Ok(replaced)
    }

    async fn remove(&self, key: &SessionKey) -> Result<(), StoreError> {
        self.call()?.remove(key).await
    }

    async fn remove_all(&self, index: &SessionIndex) -> Result<usize, StoreError> {
        self.call()?.remove_all(index).await
    }
}
