//! The check passes a good store and catches bad ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use portcullis::{MemorySessionStore, SessionIndex, SessionKey, SessionStore, StoreError, StoredSession};
use portcullis_testkit::checks;

#[tokio::test]
async fn the_store_in_memory_keeps_its_promises() {
    let store = MemorySessionStore::new();
    checks::session_store(&store).await.unwrap();
    checks::session_store(&store).await.expect("nothing was left behind");
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Vice {
    None,
    Forgets,
    InventsSessions,
    CutsTheBytes,
    RoundsTheExpiry,
    InsertsOver,
    InsertsInTwoSteps,
    IgnoresTheVersion,
    CutsTheVersion,
    NeverReplaces,
    FailsOnAnotherVersion,
    Revives,
    ReplacesInTwoSteps,
    NeverRemoves,
    FailsWhereThereIsNothing,
    LeavesIndexesBehind,
    RemovesOneOfMany,
    RemovesEverything,
    Miscounts,
    KeepsTheFirstIndexes,
    ReadsTheFirstHalfOfKeys,
    ReadsTheLastHalfOfKeys,
}

/// Keeps JSON under a text and sets of keys beside it, as a store outside the process would.
#[derive(Debug)]
struct TextStore {
    vice: Vice,
    tables: Mutex<Tables>,
}

#[derive(Debug, Default)]
struct Tables {
    rows: BTreeMap<String, String>,
    /// Index and key.
    index: Vec<(String, String)>,
}

impl Tables {
    fn read(&self, key: &str) -> Option<StoredSession> {
        self.rows.get(key).map(|json| serde_json::from_str(json).unwrap())
    }

    fn write(&mut self, key: &str, session: &StoredSession) {
        self.rows.insert(key.to_owned(), serde_json::to_string(session).unwrap());
        self.index.extend(session.indexes().iter().map(|index| (index.to_string(), key.to_owned())));
    }

    fn delete(&mut self, key: &str) -> bool {
        self.index.retain(|(_, other)| other != key);
        self.rows.remove(key).is_some()
    }
}

impl TextStore {
    fn with(vice: Vice) -> Self {
        Self { vice, tables: Mutex::default() }
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap()
    }

    fn text(&self, key: &SessionKey) -> String {
        let text = key.to_string();
        match self.vice {
            Vice::ReadsTheFirstHalfOfKeys => text[..32].to_owned(),
            Vice::ReadsTheLastHalfOfKeys => text[32..].to_owned(),
            _ => text,
        }
    }

    fn spoilt(&self, session: StoredSession) -> StoredSession {
        let (mut sealed, mut expires_at) = (session.sealed().to_vec(), session.expires_at());
        match self.vice {
            Vice::CutsTheBytes => sealed.truncate(4096),
            Vice::RoundsTheExpiry => expires_at = expires_at / 60 * 60,
            _ => {}
        }
        StoredSession::new(sealed, session.version(), expires_at, session.indexes().to_vec())
    }

    fn is_expected(&self, there: &StoredSession, expected_version: u64) -> bool {
        match self.vice {
            Vice::IgnoresTheVersion => true,
            Vice::CutsTheVersion => there.version() as u32 == expected_version as u32,
            _ => there.version() == expected_version,
        }
    }
}

#[async_trait]
impl SessionStore for TextStore {
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StoreError> {
        let found = self.tables().read(&self.text(key));
        let invented = (self.vice == Vice::InventsSessions).then(|| StoredSession::new(vec![], 1, 1, vec![]));
        Ok(found.or(invented))
    }

    async fn insert(&self, key: &SessionKey, session: StoredSession) -> Result<(), StoreError> {
        let (text, session) = (self.text(key), self.spoilt(session));
        if self.vice != Vice::InsertsOver && self.tables().read(&text).is_some() {
            return Err(StoreError::new("taken"));
        }
        match self.vice {
            Vice::Forgets => return Ok(()),
            Vice::InsertsInTwoSteps => tokio::task::yield_now().await,
            _ => {}
        }
        self.tables().write(&text, &session);
        Ok(())
    }

    async fn replace(
        &self,
        key: &SessionKey,
        session: StoredSession,
        expected_version: u64,
    ) -> Result<bool, StoreError> {
        let (text, session) = (self.text(key), self.spoilt(session));
        let fits = match self.tables().read(&text) {
            Some(there) => self.is_expected(&there, expected_version),
            None => self.vice == Vice::Revives,
        };
        match self.vice {
            Vice::FailsOnAnotherVersion if !fits => return Err(StoreError::new("conflict")),
            Vice::NeverReplaces => return Ok(false),
            Vice::ReplacesInTwoSteps => tokio::task::yield_now().await,
            _ => {}
        }
        if !fits {
            return Ok(false);
        }
        let mut tables = self.tables();
        if self.vice == Vice::KeepsTheFirstIndexes {
            tables.rows.insert(text, serde_json::to_string(&session).unwrap());
            return Ok(true);
        }
        tables.delete(&text);
        tables.write(&text, &session);
        Ok(true)
    }

    async fn remove(&self, key: &SessionKey) -> Result<(), StoreError> {
        let (text, mut tables) = (self.text(key), self.tables());
        let removed = match self.vice {
            Vice::NeverRemoves => return Ok(()),
            Vice::LeavesIndexesBehind => tables.rows.remove(&text).is_some(),
            _ => tables.delete(&text),
        };
        match self.vice {
            Vice::FailsWhereThereIsNothing if !removed => Err(StoreError::new("no such key")),
            _ => Ok(()),
        }
    }

    async fn remove_all(&self, index: &SessionIndex) -> Result<usize, StoreError> {
        let (index, mut tables) = (index.to_string(), self.tables());
        let found = |(other, _): &&(String, String)| *other == index || self.vice == Vice::RemovesEverything;
        let most = if self.vice == Vice::RemovesOneOfMany { 1 } else { usize::MAX };
        let keys: Vec<_> = tables.index.iter().filter(found).map(|(_, key)| key.clone()).take(most).collect();
        keys.iter().for_each(|key| _ = tables.delete(key));
        Ok(if self.vice == Vice::Miscounts { keys.len().min(1) } else { keys.len() })
    }
}

#[tokio::test]
async fn a_store_of_text_without_vices_keeps_its_promises() {
    let store = TextStore::with(Vice::None);
    checks::session_store(&store).await.unwrap();
    let tables = store.tables();
    assert!(tables.rows.is_empty() && tables.index.is_empty(), "nothing was left behind");
}

#[tokio::test]
async fn every_vice_is_caught_by_name() {
    let stored = "a session comes back as it was stored";
    let table = [
        (Vice::Forgets, stored),
        (Vice::InventsSessions, "there is nothing under an unknown key"),
        (Vice::CutsTheBytes, stored),
        (Vice::RoundsTheExpiry, stored),
        (Vice::InsertsOver, "`insert` refuses a key that is taken"),
        (Vice::InsertsInTwoSteps, "of inserts at the same time one succeeds"),
        (Vice::IgnoresTheVersion, "`replace` is refused for another version"),
        (Vice::CutsTheVersion, "`replace` is refused for another version"),
        (Vice::NeverReplaces, "`replace` succeeds for the version that is there"),
        (Vice::FailsOnAnotherVersion, "`replace` says `false` where it does not fit"),
        (Vice::Revives, "`replace` stores nothing where nothing was"),
        (Vice::ReplacesInTwoSteps, "of replaces at the same time one succeeds"),
        (Vice::ReplacesInTwoSteps, "a logout wins over a `replace` at the same time"),
        (Vice::NeverRemoves, "what was removed is gone"),
        (Vice::FailsWhereThereIsNothing, "`remove` succeeds, also when there is nothing"),
        (Vice::LeavesIndexesBehind, "what was removed has left its indexes"),
        (Vice::RemovesOneOfMany, "`remove_all` removes every session of the index"),
        (Vice::RemovesEverything, "`remove_all` removes no session that has not the index"),
        (Vice::Miscounts, "`remove_all` says how many sessions it removed"),
        (Vice::KeepsTheFirstIndexes, "an index that was replaced finds the session no more"),
        (Vice::ReadsTheFirstHalfOfKeys, "keys that differ in only the last byte"),
        (Vice::ReadsTheLastHalfOfKeys, "keys that differ in only the first byte"),
    ];
    for (vice, sentence) in table {
        let broken = checks::session_store(&TextStore::with(vice)).await.expect_err(sentence);
        assert!(broken.sentences().iter().any(|broken| broken.starts_with(sentence)), "{vice:?}: {broken}");
    }
}
