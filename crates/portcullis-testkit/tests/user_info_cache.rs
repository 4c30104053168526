//! The check passes a good cache and catches bad ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use portcullis::{CacheError, MemoryUserInfoCache, UserInfoCache, UserInfoEntry, UserInfoKey};
use portcullis_testkit::checks;
use serde_json::{Value, json};

#[tokio::test]
async fn the_cache_in_memory_keeps_its_promises() {
    let cache = MemoryUserInfoCache::new();
    checks::user_info_cache(&cache).await.unwrap();
    checks::user_info_cache(&cache).await.expect("nothing was left behind");
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Vice {
    None,
    Forgets,
    InventsEntries,
    KeepsTheFirst,
    IgnoresTheIssuer,
    IgnoresTheSubject,
    IgnoresCase,
    JoinsTheKey,
    TrimsTheIssuer,
    NeverRemoves,
    RemovesEverything,
    FailsWhereThereIsNothing,
    LosesNulls,
    LosesTheGrant,
    RoundsTheExpiry,
    StoresInTwoSteps,
}

/// Keeps JSON under a text, as a cache outside the process would.
#[derive(Debug)]
struct TextCache {
    vice: Vice,
    entries: Mutex<BTreeMap<String, Value>>,
}

impl TextCache {
    fn with(vice: Vice) -> Self {
        Self { vice, entries: Mutex::default() }
    }

    fn text(&self, key: &UserInfoKey) -> String {
        let (issuer, subject) = (key.issuer.as_str(), key.subject.as_str());
        match self.vice {
            Vice::IgnoresTheIssuer => subject.to_owned(),
            Vice::IgnoresTheSubject => issuer.to_owned(),
            Vice::IgnoresCase => json!([issuer, subject]).to_string().to_lowercase(),
            Vice::JoinsTheKey => format!("{issuer}{subject}"),
            Vice::TrimsTheIssuer => json!([issuer.trim_end_matches('/'), subject]).to_string(),
            _ => json!([issuer, subject]).to_string(),
        }
    }

    fn spoilt(&self, mut entry: Value) -> Value {
        match self.vice {
            Vice::LosesNulls => {
                entry["user_info"].as_object_mut().unwrap().retain(|_, claim| !claim.is_null());
            }
            Vice::LosesTheGrant => entry["grant"] = json!({"scopes": [], "client_id": null}),
            Vice::RoundsTheExpiry => entry["expires_at"] = json!(entry["expires_at"].as_u64().unwrap() / 60 * 60),
            _ => {}
        }
        entry
    }
}

#[async_trait]
impl UserInfoCache for TextCache {
    async fn get(&self, key: &UserInfoKey) -> Result<Option<UserInfoEntry>, CacheError> {
        let entries = self.entries.lock().unwrap();
        let found = entries.get(&self.text(key));
        let found = if self.vice == Vice::InventsEntries { found.or(entries.values().next()) } else { found };
        let invented = (self.vice == Vice::InventsEntries)
            .then(|| json!({"user_info": {"sub": "x"}, "grant": {"scopes": [], "client_id": null}, "expires_at": 1}));
        Ok(found.cloned().or(invented).map(|entry| serde_json::from_value(entry).unwrap()))
    }

    async fn set(&self, key: &UserInfoKey, entry: UserInfoEntry, _ttl: Duration) -> Result<(), CacheError> {
        let (text, entry) = (self.text(key), self.spoilt(serde_json::to_value(&entry).unwrap()));
        match self.vice {
            Vice::Forgets => {}
            Vice::KeepsTheFirst => drop(self.entries.lock().unwrap().entry(text).or_insert(entry)),
            Vice::StoresInTwoSteps => {
                let claims = entry["user_info"].clone();
                self.entries.lock().unwrap().insert(text.clone(), entry);
                // As if the claims were a second write, which takes the first writer longest.
                for _ in 0..5 - claims["number"].as_u64().unwrap() % 5 {
                    tokio::task::yield_now().await;
                }
                self.entries.lock().unwrap().get_mut(&text).unwrap()["user_info"] = claims;
            }
            _ => drop(self.entries.lock().unwrap().insert(text, entry)),
        }
        Ok(())
    }

    async fn remove(&self, key: &UserInfoKey) -> Result<(), CacheError> {
        let mut entries = self.entries.lock().unwrap();
        let removed = match self.vice {
            Vice::NeverRemoves => return Ok(()),
            Vice::RemovesEverything => {
                entries.clear();
                return Ok(());
            }
            _ => entries.remove(&self.text(key)),
        };
        match removed {
            None if self.vice == Vice::FailsWhereThereIsNothing => Err(CacheError::new("no such key")),
            _ => Ok(()),
        }
    }
}

#[tokio::test]
async fn a_cache_of_text_without_vices_keeps_its_promises() {
    let cache = TextCache::with(Vice::None);
    checks::user_info_cache(&cache).await.unwrap();
    assert!(cache.entries.lock().unwrap().is_empty(), "nothing was left behind");
}

#[tokio::test]
async fn every_vice_is_caught_by_name() {
    let stored = "an entry comes back as it was stored";
    let table = [
        (Vice::Forgets, stored),
        (Vice::InventsEntries, "there is nothing under an unknown key"),
        (Vice::KeepsTheFirst, "an entry replaces the one before"),
        (Vice::IgnoresTheIssuer, "users that differ in only the issuer"),
        (Vice::IgnoresTheSubject, "users that differ in only the subject"),
        (Vice::IgnoresCase, "users that differ in only the case"),
        (Vice::JoinsTheKey, "users that differ in only the border"),
        (Vice::TrimsTheIssuer, "users that differ in only a slash"),
        (Vice::NeverRemoves, "what was removed is gone"),
        (Vice::RemovesEverything, "removing one user leaves the others"),
        (Vice::FailsWhereThereIsNothing, "`remove` succeeds, also when there is nothing"),
        (Vice::LosesNulls, stored),
        (Vice::LosesTheGrant, stored),
        (Vice::RoundsTheExpiry, stored),
        (Vice::StoresInTwoSteps, "of entries stored at the same time one is there, whole"),
    ];
    for (vice, sentence) in table {
        let broken = checks::user_info_cache(&TextCache::with(vice)).await.expect_err(sentence);
        assert!(broken.sentences().iter().any(|broken| broken.starts_with(sentence)), "{vice:?}: {broken}");
    }
}
