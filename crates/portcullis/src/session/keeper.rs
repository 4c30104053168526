//! The two places where sessions are kept, as one.

use std::sync::Arc;
use std::time::Duration;

use super::SessionStore;
use super::begun::Begun;
use super::key::SessionIndex;
use super::live::Live;
use super::record::Record;
use super::sealed::SealedSessions;
use super::stored::StoredSessions;
use crate::error::AuthError;
use crate::provider::Provider;
use crate::web::Sealer;

#[derive(Debug)]
pub(crate) enum Keeper {
    Store(Box<StoredSessions>),
    Cookie(Box<SealedSessions>),
}

impl Keeper {
    pub(crate) fn stored(store: Arc<dyn SessionStore>, application: String, provider: &Provider) -> Self {
        let clock = Arc::clone(provider.clock());
        Self::Store(Box::new(StoredSessions::new(store, application, clock, provider.issuer().to_owned())))
    }

    pub(crate) fn sealed(sealer: Sealer, cookie: &str, session_life: Duration, provider: &Provider) -> Self {
        let clock = Arc::clone(provider.clock());
        let issuer = provider.issuer().to_owned();
        Self::Cookie(Box::new(SealedSessions::new(sealer, cookie.to_owned(), session_life, clock, issuer)))
    }

    pub(super) fn stamp(&self) -> u64 {
        match self {
            Self::Store(stored) => stored.marks().stamp(),
            Self::Cookie(sealed) => sealed.marks().stamp(),
        }
    }

    pub(super) async fn create(&self, record: &Record, began: u64, ends_at: u64) -> Result<Option<Begun>, AuthError> {
        match self {
            Self::Store(stored) => stored.create(record, began, ends_at).await,
            Self::Cookie(sealed) => sealed.create(record, began),
        }
    }

    pub(super) async fn open(&self, value: &str) -> Result<Option<Live>, AuthError> {
        match self {
            Self::Store(stored) => stored.open(value).await,
            Self::Cookie(sealed) => Ok(sealed.open(value)),
        }
    }

    pub(super) async fn reread(&self, live: &Live) -> Result<Option<Live>, AuthError> {
        match self {
            Self::Store(stored) => stored.open(live.id.expose()).await,
            Self::Cookie(sealed) => Ok(sealed.newest(live)),
        }
    }

    /// Writes the session; `None` if somebody else has changed or ended it meanwhile.
    pub(super) async fn write(&self, live: &Live, ends_at: u64) -> Result<Option<Live>, AuthError> {
        match self {
            Self::Store(stored) => stored.write(live, ends_at).await,
            Self::Cookie(sealed) => sealed.write(live),
        }
    }

    /// Writes what may be lost.
    pub(super) async fn touch(&self, live: &Live, ends_at: u64) -> Result<Option<Live>, AuthError> {
        match self {
            Self::Store(stored) => stored.write(live, ends_at).await,
            Self::Cookie(sealed) => sealed.touch(live).map(Some),
        }
    }

    /// Takes the right to refresh, until the instant in the record; `None` if somebody else was quicker.
    pub(super) async fn claim(&self, live: &Live, ends_at: u64) -> Result<Option<Live>, AuthError> {
        match self {
            Self::Store(stored) => stored.write(live, ends_at).await,
            // No other process could be told.
            Self::Cookie(sealed) => sealed.prepare_write().map(|()| Some(live.clone())),
        }
    }

    /// Ends the session, unless somebody else has changed it meanwhile.
    pub(super) async fn end_unchanged(&self, live: &Live, ends_at: u64) -> Result<bool, AuthError> {
        match self {
            Self::Store(stored) => stored.remove_unchanged(live, ends_at).await,
            Self::Cookie(sealed) => sealed.end_unchanged(live),
        }
    }

    pub(super) async fn end(&self, value: &str) -> Result<(), AuthError> {
        match self {
            Self::Store(stored) => stored.remove(value).await,
            Self::Cookie(sealed) => sealed.end(value),
        }
    }

    pub(super) async fn end_all(&self, index: &SessionIndex) -> Result<(), AuthError> {
        match self {
            Self::Store(stored) => stored.end_all(index).await,
            Self::Cookie(sealed) => sealed.end_all(index),
        }
    }

    /// Ends what is kept here, and notes nothing.
    pub(super) async fn remove_all(&self, index: &SessionIndex) -> Result<(), AuthError> {
        match self {
            Self::Store(stored) => stored.remove_all(index).await,
            Self::Cookie(_) => Ok(()),
        }
    }
}
