//! The sessions of one application: opened, created, refreshed, ended.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::key::{SessionIndex, SessionKey};
use super::record::Record;
use super::store::{SessionStore, StoreError, StoredSession};
use crate::clock::Clock;
use crate::error::{AuthError, ProviderErrorKind};
use crate::guard::Guard;
use crate::keys::{RETRY_AFTER, unavailable};
use crate::provider::{Flights, Landed, Provider, Tokens};
use crate::secret::Secret;
use crate::web::{CookieKeys, Sealer};

const ID_BYTES: usize = 32;
/// A refresh before the access token dies, so that no request has to wait for one that has died.
const REFRESH_AHEAD: u64 = 60;
/// How often a refresh tries to write its result beside other requests of the session.
const MOST_WRITES: usize = 8;

/// The sessions of one application, behind its store.
pub(crate) struct Sessions {
    store: Arc<dyn SessionStore>,
    provider: Provider,
    application: String,
    clock: Arc<dyn Clock>,
    idle: Duration,
    absolute: Duration,
    refreshes: Flights<SessionKey, Result<(), Ended>>,
}

/// A session that is there, alive, and has been opened.
#[derive(Clone)]
pub(crate) struct Live {
    pub(crate) id: Secret,
    pub(crate) record: Record,
    version: u64,
}

/// How a refresh failed.
#[derive(Clone)]
pub(crate) enum Ended {
    /// The provider refused: the login has ended.
    Refused,
    /// Nobody could be asked: the session stays.
    Outage(AuthError),
}

impl Sessions {
    pub(crate) fn new(
        store: Arc<dyn SessionStore>,
        provider: Provider,
        application: String,
        limits: (Duration, Duration),
    ) -> Self {
        let clock = Arc::clone(provider.clock());
        let (idle, absolute) = limits;
        Self { store, provider, application, clock, idle, absolute, refreshes: Flights::new() }
    }

    /// Begins a session under a new id and returns the id.
    ///
    /// # Security
    /// The id is always new: one that was planted in the browser before the login never becomes valid (session
    /// fixation).
    pub(crate) async fn create(&self, record: &Record) -> Result<Secret, AuthError> {
        let mut id = Zeroizing::new([0u8; ID_BYTES]);
        aws_lc_rs::rand::fill(id.as_mut()).map_err(|_| store_down("no_randomness"))?;
        let id = Secret::from(BASE64_URL_SAFE_NO_PAD.encode(id.as_ref()));
        let stored = self.sealed(&id, record, 1)?;
        self.store.insert(&key_of(&id), stored).await.map_err(|error| failed(&error))?;
        Ok(id)
    }

    /// The session of this id, if it is alive; refreshed if its access token is about to die.
    pub(crate) async fn open(self: &Arc<Self>, id: &str, guard: &Guard) -> Result<Option<Live>, AuthError> {
        let Some(live) = self.load(id).await? else { return Ok(None) };
        if !self.is_due(&live.record) {
            return Ok(Some(self.seen(live).await));
        }
        match self.refresh(&live, guard).await {
            Ok(fresh) => Ok(fresh),
            Err(_) if live.record.access_expires_at.is_none_or(|dies| self.now() < dies) => Ok(Some(live)),
            Err(error) => Err(error),
        }
    }

    /// Refreshes the session's tokens now; `None` if the provider has ended the login. Without a refresh token nothing
    /// changes.
    ///
    /// One refresh per session at a time: who comes second waits, then reads what the first has written.
    pub(crate) async fn refresh(self: &Arc<Self>, live: &Live, guard: &Guard) -> Result<Option<Live>, AuthError> {
        if live.record.refresh_token.is_none() {
            return Ok(Some(live.clone()));
        }
        let started = || Arc::clone(self).refresh_now(live.clone(), guard.clone());
        match self.refreshes.join(key_of(&live.id), started).await {
            Landed::Own(Ok(())) | Landed::Joined(Ok(())) | Landed::Lost => self.load(live.id.expose()).await,
            Landed::Own(Err(Ended::Refused)) | Landed::Joined(Err(Ended::Refused)) => Ok(None),
            Landed::Own(Err(Ended::Outage(error))) | Landed::Joined(Err(Ended::Outage(error))) => Err(error),
        }
    }

    /// Runs in a task of its own, so that a browser that goes away does not lose a rotated refresh token.
    async fn refresh_now(self: Arc<Self>, seen: Live, guard: Guard) -> Result<(), Ended> {
        // What the caller has seen may be old: another flight may have landed since.
        let current = self.load(seen.id.expose()).await.map_err(Ended::Outage)?;
        let Some(live) = current else { return Err(Ended::Refused) };
        if has_new_tokens(&live, &seen) && !self.is_due(&live.record) {
            return Ok(());
        }
        let Some(refresh_token) = live.record.refresh_token.clone() else { return Ok(()) };
        match self.provider.refresh(&refresh_token, &live.record.id_token.restore()).await {
            Ok(tokens) => {
                let permissions = refreshed_permissions(&guard, &tokens).await;
                self.keep(live, &tokens, permissions).await.map_err(Ended::Outage)
            }
            Err(error)
                if matches!(error.kind(), ProviderErrorKind::Refused(_) | ProviderErrorKind::InvalidIdToken(_)) =>
            {
                // Another process that shares the store may have used the refresh token up: its tokens are the new ones.
                if self
                    .load(seen.id.expose())
                    .await
                    .map_err(Ended::Outage)?
                    .is_some_and(|now| has_new_tokens(&now, &live))
                {
                    return Ok(());
                }
                tracing::info!(target: "portcullis::session", reason = error.reason(), "a refused refresh ends the session");
                self.remove(seen.id.expose()).await.map_err(Ended::Outage)?;
                Err(Ended::Refused)
            }
            Err(error) => Err(Ended::Outage(unavailable(&error))),
        }
    }

    /// Writes what a refresh brought, over whatever was noted in the session meanwhile: the old refresh token may be used
    /// up. A session that has ended stays so.
    async fn keep(&self, mut live: Live, tokens: &Tokens, permissions: Option<Vec<String>>) -> Result<(), AuthError> {
        for _ in 0..MOST_WRITES {
            live.record.adopt(tokens, self.now());
            if let Some(permissions) = &permissions {
                live.record.permissions.clone_from(permissions);
            }
            if self.save(&live).await? {
                return Ok(());
            }
            let Some(current) = self.load(live.id.expose()).await? else { return Ok(()) };
            live = current;
        }
        Err(store_down("session_contended"))
    }

    /// Writes the session back, unless somebody else has changed or ended it meanwhile.
    pub(crate) async fn save(&self, live: &Live) -> Result<bool, AuthError> {
        let stored = self.sealed(&live.id, &live.record, live.version + 1)?;
        self.store.replace(&key_of(&live.id), stored, live.version).await.map_err(|error| failed(&error))
    }

    /// Ends the session; it is no error if there is none.
    pub(crate) async fn remove(&self, id: &str) -> Result<(), AuthError> {
        self.store.remove(&key_of(&Secret::from(id))).await.map_err(|error| failed(&error))
    }

    /// Ends every session of this index; it is no error if there is none.
    pub(crate) async fn remove_all(&self, index: &SessionIndex) -> Result<(), AuthError> {
        self.store.remove_all(index).await.map(|_| ()).map_err(|error| failed(&error))
    }

    /// Whether sessions can be found and ended without their cookies, by whoever knows what they belong to.
    pub(crate) fn are_kept_here(&self) -> bool {
        true
    }

    /// The session of this id, without refreshing it.
    pub(crate) async fn load(&self, id: &str) -> Result<Option<Live>, AuthError> {
        if !is_id(id) {
            return Ok(None);
        }
        let id = Secret::from(id);
        let stored = self.store.load(&key_of(&id)).await.map_err(|error| failed(&error))?;
        let Some(stored) = stored else { return Ok(None) };
        let opened =
            self.sealer(&id).and_then(|sealer| sealer.open("record", std::str::from_utf8(stored.sealed()).ok()?));
        let Some(opened) = opened else { return Err(store_down("session_cannot_be_opened")) };
        let record: Record = serde_json::from_slice(&opened).map_err(|_| store_down("session_cannot_be_read"))?;
        let live = Live { id, record, version: stored.version() };
        Ok(self.is_alive(&live.record).then_some(live))
    }

    /// Remembers that the session is in use: seldom, because it is a write.
    async fn seen(&self, mut live: Live) -> Live {
        let now = self.now();
        if now.saturating_sub(live.record.seen_at) < self.idle.as_secs() / 20 {
            return live;
        }
        let before = live.record.seen_at;
        live.record.seen_at = now;
        match self.save(&live).await {
            Ok(true) => live.version += 1,
            // Somebody else has written: the next request tries again.
            Ok(false) | Err(_) => live.record.seen_at = before,
        }
        live
    }

    fn sealed(&self, id: &Secret, record: &Record, version: u64) -> Result<StoredSession, AuthError> {
        let text = Zeroizing::new(serde_json::to_vec(record).map_err(|_| store_down("session_cannot_be_written"))?);
        let sealed = self
            .sealer(id)
            .and_then(|sealer| sealer.seal("record", &text))
            .ok_or_else(|| store_down("session_cannot_be_sealed"))?;
        let id_token = record.id_token.restore();
        let indexes = SessionIndex::all_of(self.provider.issuer(), id_token.session_id(), &record.subject);
        Ok(StoredSession::new(sealed.into_bytes(), version, self.ends_at(record), indexes))
    }

    /// The id is the key: a store alone opens nothing.
    fn sealer(&self, id: &Secret) -> Option<Sealer> {
        let keys = CookieKeys::parse(id.expose()).ok()?;
        keys.sealer(&self.application, "session record").map(Sealer::for_records)
    }

    /// Due at the latest 60 s before the access token dies.
    fn is_due(&self, record: &Record) -> bool {
        record.refresh_token.is_some()
            && record.access_expires_at.is_some_and(|dies| self.now() + REFRESH_AHEAD >= dies)
    }

    fn is_alive(&self, record: &Record) -> bool {
        self.now() < self.ends_at(record)
    }

    /// The nearer of the two limits: since the login, and since the last request.
    pub(crate) fn ends_at(&self, record: &Record) -> u64 {
        let absolute = record.created_at.saturating_add(self.absolute.as_secs());
        absolute.min(record.seen_at.saturating_add(self.idle.as_secs()))
    }

    pub(crate) fn now(&self) -> u64 {
        self.clock.unix_time().as_secs()
    }

    pub(crate) fn absolute(&self) -> Duration {
        self.absolute
    }
}

/// What the new tokens say of permissions; `None` where they say nothing, or cannot be validated now.
async fn refreshed_permissions(guard: &Guard, tokens: &Tokens) -> Option<Vec<String>> {
    if guard.accepts_bearer() {
        match guard.validate(&Arc::new(tokens.access_token().clone())).await {
            Ok(token) => return Some(token.permissions().map(str::to_owned).collect()),
            Err(AuthError::Unavailable(_)) => return None,
            Err(_) => {}
        }
    }
    tokens.id_token()?.claim("permissions")
}

fn has_new_tokens(live: &Live, than: &Live) -> bool {
    live.record.access_token.expose() != than.record.access_token.expose()
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
    store_down("session_store")
}

fn store_down(reason: &'static str) -> AuthError {
    AuthError::unavailable(reason, RETRY_AFTER)
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("store", &self.store).field("idle", &self.idle).finish_non_exhaustive()
    }
}
