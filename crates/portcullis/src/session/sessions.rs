//! The sessions of one application: begun, opened, ended.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::begun::Begun;
use super::keeper::Keeper;
use super::key::{SessionIndex, SessionKey};
use super::live::Live;
use super::record::Record;
use super::refresh::Ended;
use crate::clock::Clock;
use crate::error::AuthError;
use crate::guard::Guard;
use crate::provider::{Flights, Provider};
use crate::secret::Secret;

/// The sessions of one application, wherever they are kept.
pub(crate) struct Sessions {
    pub(super) keeper: Keeper,
    pub(super) provider: Provider,
    clock: Arc<dyn Clock>,
    idle: Duration,
    absolute: Duration,
    pub(super) refreshes: Flights<SessionKey, Result<(), Ended>>,
}

/// What the browser is to be told about its session when a request is over.
pub(crate) enum Renewal {
    Nothing,
    /// To keep this, for so long.
    Keep(Secret, Duration),
    /// That there is none any more.
    Forget,
}

impl Sessions {
    pub(crate) fn new(keeper: Keeper, provider: Provider, limits: (Duration, Duration)) -> Self {
        let clock = Arc::clone(provider.clock());
        let (idle, absolute) = limits;
        Self { keeper, provider, clock, idle, absolute, refreshes: Flights::new() }
    }

    /// When a login uses its code up, in the order of this process's logouts.
    pub(crate) fn login_begins(&self) -> u64 {
        self.keeper.stamp()
    }

    /// Begins a session under a new id; `None` if the provider has ended it since its login began.
    ///
    /// # Security
    /// The id is always new: one that was planted in the browser before the login never becomes valid (session
    /// fixation).
    pub(crate) async fn create(&self, record: &Record, began: u64) -> Result<Option<Begun>, AuthError> {
        self.keeper.create(record, began, self.ends_at(record)).await
    }

    /// The session of this cookie, if it is alive; refreshed if its access token is about to die.
    pub(crate) async fn open(self: &Arc<Self>, value: &str, guard: &Guard) -> Result<Option<Live>, AuthError> {
        let Some(live) = self.load(value).await? else { return Ok(None) };
        if !self.is_due(&live.record) {
            return Ok(Some(self.seen(live).await));
        }
        match self.refresh(&live, guard).await {
            Ok(fresh) => Ok(fresh),
            Err(_) if live.record.access_expires_at.is_none_or(|dies| self.now() < dies) => Ok(Some(live)),
            Err(error) => Err(error),
        }
    }

    /// The session of this cookie, without refreshing it.
    pub(crate) async fn load(&self, value: &str) -> Result<Option<Live>, AuthError> {
        Ok(self.keeper.open(value).await?.filter(|live| self.is_alive(&live.record)))
    }

    /// What has become of the session meanwhile.
    pub(super) async fn reread(&self, live: &Live) -> Result<Option<Live>, AuthError> {
        Ok(self.keeper.reread(live).await?.filter(|live| self.is_alive(&live.record)))
    }

    /// Changes the session; one that has ended stays so. `None` if somebody else has changed it meanwhile.
    pub(crate) async fn save(&self, live: &Live) -> Result<Option<Live>, AuthError> {
        self.keeper.write(live, self.ends_at(&live.record)).await
    }

    /// Ends the session of this cookie; it is no error if there is none.
    pub(crate) async fn remove(&self, value: &str) -> Result<(), AuthError> {
        self.keeper.end(value).await
    }

    /// Ends every session of this index, and every login on its way to one; it is no error if there is none.
    ///
    /// # Security
    /// Something is remembered of each call, and there is room for so many: only for who proves to be the provider.
    pub(crate) async fn end_all(&self, index: &SessionIndex) -> Result<(), AuthError> {
        self.keeper.end_all(index).await
    }

    /// Ends every session of this index that is kept here; it is no error if there is none.
    pub(crate) async fn remove_all(&self, index: &SessionIndex) -> Result<(), AuthError> {
        self.keeper.remove_all(index).await
    }

    /// Whether sessions are kept on our side, and not in browsers.
    pub(crate) fn are_kept_here(&self) -> bool {
        matches!(self.keeper, Keeper::Store(_))
    }

    /// What the browser is told at the end of a request that had this session.
    ///
    /// # Security
    /// The newest there is, not what the request has seen: of two responses the older one may arrive last.
    pub(crate) fn renewal(&self, live: &Live) -> Renewal {
        let Keeper::Cookie(sealed) = &self.keeper else { return Renewal::Nothing };
        let Some(newest) = sealed.newest(live) else { return Renewal::Forget };
        let left = self.absolute_end(&newest.record).saturating_sub(self.now());
        newest.cookie.map_or(Renewal::Nothing, |cookie| Renewal::Keep(cookie, Duration::from_secs(left)))
    }

    /// Remembers that the session is in use: seldom, because it is a write.
    async fn seen(&self, mut live: Live) -> Live {
        let (before, now) = (live.record.seen_at, self.now());
        if now.saturating_sub(before) < self.idle.as_secs() / 20 {
            return live;
        }
        live.record.seen_at = now;
        match self.keeper.touch(&live, self.ends_at(&live.record)).await {
            Ok(Some(touched)) => touched,
            // Somebody else has written: the next request tries again.
            Ok(None) | Err(_) => {
                live.record.seen_at = before;
                live
            }
        }
    }

    fn is_alive(&self, record: &Record) -> bool {
        !record.has_ended && self.now() < self.ends_at(record)
    }

    /// The nearer of the two limits: since the login, and since the last request.
    pub(crate) fn ends_at(&self, record: &Record) -> u64 {
        self.absolute_end(record).min(record.seen_at.saturating_add(self.idle.as_secs()))
    }

    fn absolute_end(&self, record: &Record) -> u64 {
        record.created_at.saturating_add(self.absolute.as_secs())
    }

    pub(crate) fn now(&self) -> u64 {
        self.clock.unix_time().as_secs()
    }

    pub(crate) fn absolute(&self) -> Duration {
        self.absolute
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("keeper", &self.keeper).field("idle", &self.idle).finish_non_exhaustive()
    }
}
