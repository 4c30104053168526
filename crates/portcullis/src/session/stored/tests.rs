use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use serde_json::json;
use tokio::sync::Notify;

use super::*;
use crate::clock::Standing;
use crate::session::MemorySessionStore;

const ISSUER: &str = "https://id.example";
const ENDS_AT: u64 = 2_000_000_000;

/// Has removed, and has not said so yet.
#[derive(Debug, Default)]
struct Slow {
    inner: MemorySessionStore,
    has_removed: Notify,
    may_return: Notify,
    is_gone: AtomicBool,
}

#[async_trait]
impl SessionStore for Slow {
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StoreError> {
        self.inner.load(key).await
    }

    async fn insert(&self, key: &SessionKey, session: StoredSession) -> Result<(), StoreError> {
        self.inner.insert(key, session).await
    }

    async fn replace(&self, key: &SessionKey, session: StoredSession, expected: u64) -> Result<bool, StoreError> {
        self.inner.replace(key, session, expected).await
    }

    async fn remove(&self, key: &SessionKey) -> Result<(), StoreError> {
        self.is_gone.store(true, Ordering::Relaxed);
        self.inner.remove(key).await
    }

    async fn remove_all(&self, index: &SessionIndex) -> Result<usize, StoreError> {
        let removed = self.inner.remove_all(index).await;
        self.has_removed.notify_one();
        self.may_return.notified().await;
        removed
    }
}

fn record() -> Record {
    let id_token = format!("e30.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(r#"{"sub":"alice"}"#));
    let record = json!({
        "created_at": 0, "seen_at": 0, "subject": "alice", "auth_time": null, "acr": null, "scopes": [],
        "permissions": [], "user_info": {"sub": "alice"}, "id_token": {"raw": id_token, "expires_at": 0},
        "access_expires_at": null
    });
    serde_json::from_value(record).unwrap()
}

/// The logout has looked for sessions already, and found none.
#[tokio::test]
async fn atk_s09_a_session_that_begins_while_its_logout_removes_is_taken_back() {
    let store = Arc::new(Slow::default());
    let clock = Arc::new(Standing(1_700_000_000));
    let sessions = StoredSessions::new(Arc::clone(&store) as _, "app".to_owned(), clock, ISSUER.to_owned());
    let began = sessions.marks().stamp();
    let index = SessionIndex::of_subject(ISSUER, "alice");
    let (logout, login) = tokio::join!(sessions.end_all(&index), async {
        store.has_removed.notified().await;
        let begun = sessions.create(&record(), began, ENDS_AT).await;
        store.may_return.notify_one();
        begun.unwrap().map(Begun::told)
    });
    assert!(logout.is_ok() && login.is_none());
    assert!(store.is_gone.load(Ordering::Relaxed), "its row too");
    let later = sessions.create(&record(), sessions.marks().stamp(), ENDS_AT).await.unwrap();
    assert!(later.map(Begun::told).is_some(), "a login after the logout");
}
