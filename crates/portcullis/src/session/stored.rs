//! Sessions on our side: the browser has the id, the store has the rest.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::begun::Begun;
use super::key::{SessionIndex, SessionKey};
use super::live::Live;
use super::marks::SessionMarks;
use super::record::Record;
use super::store::{SessionStore, StoreError, StoredSession};
use super::{marks_full, new_id};
use crate::clock::Clock;
use crate::error::AuthError;
use crate::secret::Secret;
use crate::web::{CookieKeys, Sealer};

const ID_BYTES: usize = 32;
/// Longer than a callback takes from its code to its session.
const LOGIN_LIFE: Duration = Duration::from_secs(10 * 60);

#[derive(Debug)]
pub(crate) struct StoredSessions {
    store: Arc<dyn SessionStore>,
    application: String,
    issuer: String,
    /// What the provider has ended just now: the store does not have the sessions that are on their way.
    marks: SessionMarks,
}

impl StoredSessions {
    pub(super) fn new(
        store: Arc<dyn SessionStore>,
        application: String,
        clock: Arc<dyn Clock>,
        issuer: String,
    ) -> Self {
        Self { store, application, issuer, marks: SessionMarks::new(LOGIN_LIFE, clock) }
    }

    pub(super) fn marks(&self) -> &SessionMarks {
        &self.marks
    }

    /// Begins a session; `None` if the provider has ended it since its login began.
    pub(super) async fn create(&self, record: &Record, began: u64, ends_at: u64) -> Result<Option<Begun>, AuthError> {
        let id = new_id::<ID_BYTES>()?;
        let live = Live { id: id.clone(), record: record.clone(), version: 0, began, cookie: None };
        let stored = self.sealed(&live, ends_at)?;
        let begun = Begun::here(id, &self.store);
        self.store.insert(&live.key(), stored).await.map_err(|error| failed(&error))?;
        // A logout notes first and removes then, so it is seen here, or it has seen the row.
        if self.marks.newest(&live, &self.issuer).is_some() {
            return Ok(Some(begun));
        }
        begun.take_back().await;
        Ok(None)
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

    /// As [`remove_all`](Self::remove_all), logins on their way included.
    pub(super) async fn end_all(&self, index: &SessionIndex) -> Result<(), AuthError> {
        self.marks.end_all(*index).map_err(marks_full)?;
        self.remove_all(index).await
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests;
