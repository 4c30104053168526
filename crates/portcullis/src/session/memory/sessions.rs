//! The sessions in memory and what they are found by. Every method leaves all four orders in agreement.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::session::{SessionIndex, SessionKey, StoredSession};

/// How many dead sessions one write clears away: more than it adds, and few enough that no request waits.
const CLEARED_BY_A_WRITE: usize = 8;

pub(super) struct Sessions {
    capacity: usize,
    rows: HashMap<SessionKey, Row, ahash::RandomState>,
    by_use: BTreeMap<u64, SessionKey>,
    by_expiry: BTreeSet<(u64, SessionKey)>,
    by_index: BTreeSet<(SessionIndex, SessionKey)>,
    uses: u64,
}

struct Row {
    session: Arc<StoredSession>,
    last_use: u64,
}

impl Sessions {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            rows: HashMap::default(),
            by_use: BTreeMap::new(),
            by_expiry: BTreeSet::new(),
            by_index: BTreeSet::new(),
            uses: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The session, which counts as used.
    pub(super) fn get(&mut self, key: &SessionKey) -> Option<Arc<StoredSession>> {
        let row = self.rows.get_mut(key)?;
        self.by_use.remove(&row.last_use);
        self.uses += 1;
        row.last_use = self.uses;
        self.by_use.insert(self.uses, *key);
        Some(Arc::clone(&row.session))
    }

    /// The version of the session; looking does not count as a use.
    pub(super) fn version(&self, key: &SessionKey) -> Option<u64> {
        self.rows.get(key).map(|row| row.session.version())
    }

    /// Stores the session in place of what is there. In a full store the one that was not used for longest goes.
    pub(super) fn put(&mut self, key: &SessionKey, session: StoredSession) {
        self.remove(key);
        while self.rows.len() >= self.capacity {
            let Some(oldest) = self.by_use.values().next().copied() else { break };
            self.remove(&oldest);
        }
        self.uses += 1;
        self.by_use.insert(self.uses, *key);
        self.by_expiry.insert((session.expires_at(), *key));
        self.by_index.extend(session.indexes().iter().map(|index| (*index, *key)));
        self.rows.insert(*key, Row { session: Arc::new(session), last_use: self.uses });
    }

    pub(super) fn remove(&mut self, key: &SessionKey) {
        let Some(row) = self.rows.remove(key) else { return };
        self.by_use.remove(&row.last_use);
        self.by_expiry.remove(&(row.session.expires_at(), *key));
        for index in row.session.indexes() {
            self.by_index.remove(&(*index, *key));
        }
    }

    pub(super) fn remove_all(&mut self, index: &SessionIndex) -> usize {
        let bounds = (*index, SessionKey::LEAST)..=(*index, SessionKey::LARGEST);
        let keys: Vec<_> = self.by_index.range(bounds).map(|(_, key)| *key).collect();
        keys.iter().for_each(|key| self.remove(key));
        keys.len()
    }

    pub(super) fn clear_some_expired(&mut self, now: u64) {
        for _ in 0..CLEARED_BY_A_WRITE {
            match self.by_expiry.first().copied() {
                Some((expires_at, key)) if expires_at <= now => self.remove(&key),
                _ => return,
            }
        }
    }

    /// The sizes of all orders: sessions, uses, expiries, entries of the index.
    #[cfg(test)]
    pub(super) fn sizes(&self) -> [usize; 4] {
        [self.rows.len(), self.by_use.len(), self.by_expiry.len(), self.by_index.len()]
    }
}
