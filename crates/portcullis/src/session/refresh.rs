//! New tokens for a session.

use std::sync::Arc;
use std::time::Duration;

use super::live::Live;
use super::record::Record;
use super::sessions::Sessions;
use super::store_down;
use super::{Granted, claimed_by, granted_permissions};
use crate::error::{AuthError, OAuthError, ProviderError, ProviderErrorKind};
use crate::guard::Guard;
use crate::keys::unavailable;
use crate::provider::{Landed, Tokens};

/// How often a refresh tries to write its result beside other requests of the session.
const MOST_WRITES: usize = 8;
/// For how long a process has a refresh for itself, in seconds: longer than the provider may take for metadata, tokens
/// and keys together. Whoever dies meanwhile holds the others up no longer than that.
const TURN: u64 = 20;
/// By how much the clocks of two processes may differ. A turn that ends later than that is none: a clock was wrong.
const MOST_SKEW: u64 = 60;
/// How often, and how many times at most, a process looks whether another one has finished its refresh.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
const MOST_LOOKS: usize = 45;

/// How a refresh failed.
#[derive(Clone)]
pub(crate) enum Ended {
    /// The provider refused: the login has ended.
    Refused,
    /// Nobody could be asked: the session stays.
    Outage(AuthError),
}

/// What became of a write.
enum Written {
    /// It is there, or the session has ended, and nothing is to be written any more.
    Done,
    /// Somebody else was quicker: the session as it is now.
    Changed(Box<Live>),
}

impl Sessions {
    /// Refreshes the session's tokens now; `None` if the provider has ended the login. Without a refresh token nothing
    /// changes.
    ///
    /// One refresh per session at a time: who comes second waits, then reads what the first has written.
    pub(crate) async fn refresh(self: &Arc<Self>, live: &Live, guard: &Guard) -> Result<Option<Live>, AuthError> {
        if live.record.refresh_token.is_none() {
            return Ok(Some(live.clone()));
        }
        let started = || Arc::clone(self).refresh_now(live.clone(), guard.clone());
        match self.refreshes.join(live.key(), started).await {
            Landed::Own(Ok(())) | Landed::Joined(Ok(())) | Landed::Lost => self.reread(live).await,
            Landed::Own(Err(Ended::Refused)) | Landed::Joined(Err(Ended::Refused)) => Ok(None),
            Landed::Own(Err(Ended::Outage(error))) | Landed::Joined(Err(Ended::Outage(error))) => Err(error),
        }
    }

    /// Runs in a task of its own, so that a browser that goes away does not lose a rotated refresh token.
    async fn refresh_now(self: Arc<Self>, seen: Live, guard: Guard) -> Result<(), Ended> {
        let Some(live) = self.turn(&seen).await? else { return Ok(()) };
        let Some(refresh_token) = live.record.refresh_token.clone() else { return Ok(()) };
        match self.provider.refresh(&refresh_token, &live.record.id_token.restore()).await {
            Ok(tokens) => {
                let permissions = refreshed_permissions(&live, &tokens, &guard).await;
                self.keep(live, &tokens, permissions).await.map_err(Ended::Outage)
            }
            Err(error) if ends_the_login(&error) => {
                tracing::info!(target: "portcullis::session", reason = error.reason(), "a refused refresh ends the session");
                self.end_refused(live).await
            }
            Err(error) => {
                tracing::warn!(target: "portcullis::session", reason = error.reason(), "{error}");
                self.leave_turn(live).await;
                Err(Ended::Outage(unavailable(&error)))
            }
        }
    }

    /// The session, with the right to use its refresh token up; `None` if it has newer tokens already. While another
    /// process has that right it is waited for.
    async fn turn(&self, seen: &Live) -> Result<Option<Live>, Ended> {
        for _ in 0..MOST_LOOKS {
            let Some(mut live) = self.reread(seen).await.map_err(Ended::Outage)? else { return Err(Ended::Refused) };
            let is_refreshed = live.record.refreshes != seen.record.refreshes;
            if is_refreshed && !self.is_due(&live.record) {
                return Ok(None);
            }
            if live.record.refreshing_until.is_some_and(|until| self.is_under_way(until)) {
                tokio::time::sleep(LOOK_AGAIN).await;
                continue;
            }
            live.record.refreshing_until = Some(self.now().saturating_add(TURN));
            let claimed = self.keeper.claim(&live, self.ends_at(&live.record)).await.map_err(Ended::Outage)?;
            if claimed.is_some() {
                return Ok(claimed);
            }
        }
        Err(Ended::Outage(store_down("refresh_under_way")))
    }

    /// Whether the turn that ends then is still somebody's.
    fn is_under_way(&self, until: u64) -> bool {
        let left = until.saturating_sub(self.now());
        0 < left && left <= TURN + MOST_SKEW
    }

    /// Nobody has to wait for a refresh that has failed. If this cannot be written, time does it.
    async fn leave_turn(&self, mut live: Live) {
        live.record.refreshing_until = None;
        if self.are_kept_here() {
            let _ = self.save(&live).await;
        }
    }

    /// Ends the session, unless it has newer tokens than those that were refused.
    async fn end_refused(&self, mut live: Live) -> Result<(), Ended> {
        let refreshes = live.record.refreshes;
        for _ in 0..MOST_WRITES {
            let has_ended = self.keeper.end_unchanged(&live, self.ends_at(&live.record)).await;
            if has_ended.map_err(Ended::Outage)? {
                return Err(Ended::Refused);
            }
            let Some(current) = self.reread(&live).await.map_err(Ended::Outage)? else { return Err(Ended::Refused) };
            if current.record.refreshes != refreshes {
                return Ok(());
            }
            live = current;
        }
        Err(Ended::Outage(store_down("session_contended")))
    }

    /// Writes what a refresh brought, over whatever was noted in the session meanwhile: the old refresh token may be used
    /// up, so a store that is down for a moment is asked again. A session that has ended stays so.
    async fn keep(&self, mut live: Live, tokens: &Tokens, permissions: Option<Vec<String>>) -> Result<(), AuthError> {
        let mut outcome = Err(store_down("session_contended"));
        for _ in 0..MOST_WRITES {
            live.record.adopt(tokens, self.now());
            if let Some(permissions) = &permissions {
                live.record.permissions.clone_from(permissions);
            }
            match self.written(&live).await {
                Ok(Written::Done) => return Ok(()),
                Ok(Written::Changed(current)) => live = *current,
                Err(error) => {
                    outcome = Err(error);
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
            }
        }
        outcome
    }

    async fn written(&self, live: &Live) -> Result<Written, AuthError> {
        if self.save(live).await?.is_some() {
            return Ok(Written::Done);
        }
        let current = self.reread(live).await?;
        Ok(current.map_or(Written::Done, |current| Written::Changed(Box::new(current))))
    }

    pub(super) fn is_due(&self, record: &Record) -> bool {
        record.refresh_token.is_some() && record.refresh_from.is_some_and(|from| from <= self.now())
    }
}

/// Whether it is the login that the provider refuses, and not us.
///
/// # Security
/// A wrong client secret must not log everybody out; a refresh token that is used up, revoked or of another user must.
fn ends_the_login(error: &ProviderError) -> bool {
    match error.kind() {
        ProviderErrorKind::InvalidIdToken(_) => true,
        ProviderErrorKind::Refused(refusal) => !matches!(
            refusal,
            OAuthError::InvalidClient
                | OAuthError::UnauthorizedClient
                | OAuthError::UnsupportedGrantType
                | OAuthError::ServerError
                | OAuthError::TemporarilyUnavailable
        ),
        _ => false,
    }
}

/// The permissions that the session has from now on; `None` if those that it has.
async fn refreshed_permissions(live: &Live, tokens: &Tokens, guard: &Guard) -> Option<Vec<String>> {
    match granted_permissions(guard, tokens.access_token(), tokens.id_token(), None).await {
        Granted::Permissions(permissions) => Some(permissions),
        // An ID token that claimed some has been succeeded by one that claims none.
        Granted::Unsaid if tokens.id_token().is_some() => {
            claimed_by(&live.record.id_token.restore()).map(|_| Vec::new())
        }
        Granted::Unsaid | Granted::Unknown => None,
    }
}
