//! Sessions on our side: the browser has the id, the store has the rest.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::key::{SessionIndex, SessionKey};
use super::live::Live;
use super::new_id;
use super::record::Record;
use super::store::{SessionStore, StoreError, StoredSession};
use crate::error::AuthError;
use crate::secret::Secret;
use crate::web::{CookieKeys, Sealer};

const ID_BYTES: usize = 32;

#[derive(Debug)]
pub(crate) struct StoredSessions {
    store: Arc<dyn SessionStore>,
    application: String,
    issuer: String,
}

impl StoredSessions {
    pub(super) fn new(store: Arc<dyn SessionStore>, application: String, issuer: String) -> Self {
        Self { store, application, issuer }
    }

    /// Begins a session and returns its id.
    pub(super) async fn create(&self, record: &Record, ends_at: u64) -> Result<Secret, AuthError> {
        let id = new_id::<ID_BYTES>()?;
        let live = Live { id: id.clone(), record: record.clone(), version: 0, began: 0, cookie: None };
        let stored = self.sealed(&live, ends_at)?;
        self.store.insert(&live.key(), stored).await.map_err(|error| failed(&error))?;
        Ok(id)
    }

    pub(super) async fn open(&self, id: &str) -> Result<Option<Live>, AuthError> {
        if !is_id(id) {
            return Ok(None);
        }
        let id = Secret::from(id);
        let stored = self.store.load(&key_of(&id)).await.map_err(|error| failed(&error))?;
        let Some(stored) = stored else { return Ok(None) };
        let opened = self.sealer(&id).and_then(|sealer| sealer.open_bytes("record", stored.sealed()));
        let Some(opened) = opened else { return Err(super::store_down("session_cannot_be_opened")) };
        let record: Record =
            serde_json::from_slice(&opened).map_err(|_| super::store_down("session_cannot_be_read"))?;
        Ok(Some(Live { id, record, version: stored.version(), began: 0, cookie: None }))
    }

    /// Writes the session back, unless somebody else has changed or ended it meanwhile.
    pub(super) async fn write(&self, live: &Live, ends_at: u64) -> Result<Option<Live>, AuthError> {
        let stored = self.sealed(live, ends_at)?;
        let replaced = self.store.replace(&live.key(), stored, live.version).await.map_err(|error| failed(&error))?;
        Ok(replaced.then(|| Live { version: live.version + 1, ..live.clone() }))
    }

    /// Removes the session, unless somebody else has changed it meanwhile.
    pub(super) async fn remove_unchanged(&self, live: &Live, ends_at: u64) -> Result<bool, AuthError> {
        let mut ended = live.clone();
        // Nobody writes over what has ended, so the removal that follows takes nothing else away.
        ended.record.has_ended = true;
        if self.write(&ended, ends_at).await?.is_none() {
            return Ok(false);
        }
        self.remove(live.id.expose()).await.map(|()| true)
    }

    pub(super) async fn remove(&self, id: &str) -> Result<(), AuthError> {
        self.store.remove(&SessionKey::of(id.as_bytes())).await.map_err(|error| failed(&error))
    }

    pub(super) async fn remove_all(&self, index: &SessionIndex) -> Result<(), AuthError> {
        self.store.remove_all(index).await.map(drop).map_err(|error| failed(&error))
    }

    fn sealed(&self, live: &Live, ends_at: u64) -> Result<StoredSession, AuthError> {
        let text = Zeroizing::new(
            serde_json::to_vec(&live.record).map_err(|_| super::store_down("session_cannot_be_written"))?,
        );
        let sealed = self
            .sealer(&live.id)
            .and_then(|sealer| sealer.seal_bytes("record", &text))
            .ok_or_else(|| super::store_down("session_cannot_be_sealed"))?;
        Ok(StoredSession::new(sealed, live.version + 1, ends_at, live.indexes(&self.issuer)))
    }

    /// The id is the key: a store alone opens nothing.
    fn sealer(&self, id: &Secret) -> Option<Sealer> {
        CookieKeys::parse(id.expose()).ok()?.sealer(&self.application, "session record")
    }
}

fn key_of(id: &Secret) -> SessionKey {
    SessionKey::of(id.expose().as_bytes())
}

/// 32 bytes of base64url; anything else was never issued here.
fn is_id(text: &str) -> bool {
    text.len() == 43 && BASE64_URL_SAFE_NO_PAD.decode(text).is_ok_and(|id| id.len() == ID_BYTES)
}

fn failed(error: &StoreError) -> AuthError {
    tracing::error!(target: "portcullis::session", "{error}");
    super::store_down("session_store")
}
