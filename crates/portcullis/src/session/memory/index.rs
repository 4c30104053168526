//! Which sessions have an index: an ordered set beside the cache, true at every instant.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::session::{SessionIndex, SessionKey, StoredSession};

/// A session in the cache. No two rows have the same number.
pub(super) struct Row {
    pub(super) session: StoredSession,
    number: u64,
}

/// A row enters before the cache has it and leaves when moka reports that the cache has it no more, whatever the
/// cause. Entries carry the row's number, so the reports may come late or out of order: a row takes its own entries
/// with it, never those of the row that replaced it.
#[derive(Default)]
pub(super) struct Index(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    set: BTreeSet<(SessionIndex, SessionKey, u64)>,
    next_number: u64,
}

impl Index {
    pub(super) fn add(&self, key: &SessionKey, session: StoredSession) -> Arc<Row> {
        let mut entries = self.lock();
        let number = entries.next_number;
        entries.next_number += 1;
        entries.set.extend(session.indexes().iter().map(|index| (*index, *key, number)));
        Arc::new(Row { session, number })
    }

    pub(super) fn remove(&self, key: &SessionKey, row: &Row) {
        let mut entries = self.lock();
        for index in row.session.indexes() {
            entries.set.remove(&(*index, *key, row.number));
        }
    }

    /// The sessions with this index, each once.
    pub(super) fn find(&self, index: &SessionIndex) -> Vec<SessionKey> {
        let bounds = (*index, SessionKey::LEAST, 0)..=(*index, SessionKey::LARGEST, u64::MAX);
        let mut keys: Vec<_> = self.lock().set.range(bounds).map(|(_, key, _)| *key).collect();
        keys.dedup();
        keys
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lock().set.len()
    }

    /// Held for a few steps in the set, and never while the cache is called.
    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
