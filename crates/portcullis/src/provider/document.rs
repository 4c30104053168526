//! A document of the provider that is kept: fetched when first needed, refreshed before it is old, and served
//! past its age for a bounded time when the provider cannot be reached.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::timeout;

use super::flights::{Flights, Landed};
use crate::clock::Clock;
use crate::error::ProviderError;

/// After a failed fetch nobody asks again for this long: an outage does not become a flood of connections.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);
/// While an older document can still be served, it is served for this long before the next try: nobody is waiting for
/// the answer then. Whoever needs what the old document lacks asks after the shorter pause.
const PAUSE_WHILE_STALE: Duration = Duration::from_secs(10);
/// Nobody waits longer for a newer document while an older one can be served: a provider that swallows requests must
/// not use up the patience of ours.
const PATIENCE_WHILE_STALE: Duration = Duration::from_secs(1);

/// Where a document comes from.
pub(crate) trait Source: Send + Sync + 'static {
    type Value: Send + Sync + 'static;

    /// Fetches the document and says for how long it is fresh.
    fn fetch(&self) -> impl Future<Output = Result<Fetched<Self::Value>, ProviderError>> + Send;

    /// Puts a new document in the place of the previous one.
    fn adopt(&self, new: Self::Value, _previous: Option<&Self::Value>) -> Self::Value {
        new
    }
}

pub(crate) struct Fetched<T> {
    pub(crate) value: T,
    pub(crate) fresh_for: Duration,
}

/// What a fetch brought.
pub(crate) struct Refetched<T> {
    pub(crate) value: Arc<T>,
    /// The fetch was under way when it was asked for: what the provider has changed since may be missing.
    pub(crate) left_earlier: bool,
}

/// One document and its age. Clones share it.
pub(crate) struct Document<S: Source>(Arc<Shared<S>>);

struct Shared<S: Source> {
    source: S,
    clock: Arc<dyn Clock>,
    max_stale: Duration,
    state: RwLock<State<S::Value>>,
    /// Until then the document is served without asking anybody; milliseconds of the monotonic clock.
    serve_until: AtomicU64,
    /// From then on it is refreshed in the background.
    refresh_at: AtomicU64,
    flights: Flights<(), Result<Arc<S::Value>, ProviderError>>,
}

struct State<T> {
    kept: Option<Kept<T>>,
    failure: Option<Failure>,
}

struct Kept<T> {
    value: Arc<T>,
    fetched_at: Duration,
    fresh_until: Duration,
    usable_until: Duration,
}

#[derive(Clone, Copy)]
struct Failure {
    error: ProviderError,
    pause_until: Duration,
}

/// Whether a document that may be served should be refreshed meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refresh {
    NotYet,
    Due,
}

/// What a status page may say about a document.
pub(crate) struct DocumentStatus<T> {
    pub(crate) value: Option<Arc<T>>,
    pub(crate) age: Option<Duration>,
    pub(crate) fresh: bool,
    pub(crate) usable: bool,
    pub(crate) last_error: Option<ProviderError>,
}

impl<S: Source> Document<S> {
    pub(crate) fn new(source: S, clock: Arc<dyn Clock>, max_stale: Duration) -> Self {
        Self(Arc::new(Shared {
            source,
            clock,
            max_stale,
            state: RwLock::new(State { kept: None, failure: None }),
            serve_until: AtomicU64::new(0),
            refresh_at: AtomicU64::new(u64::MAX),
            flights: Flights::new(),
        }))
    }

    /// Says when to refresh the document if it may be served now without asking anybody, `None` if it may not. No
    /// lock and one look at the clock: the warm path asks it each time.
    pub(crate) fn currency(&self) -> Option<Refresh> {
        self.currency_at(self.0.clock.about_monotonic())
    }

    fn currency_at(&self, now: Duration) -> Option<Refresh> {
        let now = millis(now);
        let is_due = now >= self.0.refresh_at.load(Ordering::Acquire);
        let is_current = now < self.0.serve_until.load(Ordering::Acquire);
        is_current.then_some(if is_due { Refresh::Due } else { Refresh::NotYet })
    }

    /// The document: at once while it is fresh, else fetched anew; an older one only where the fetch fails, or takes
    /// too long.
    pub(crate) async fn current(&self) -> Result<Arc<S::Value>, ProviderError> {
        if let Some((value, refresh)) = self.serveable() {
            if refresh == Refresh::Due {
                self.refresh_if_due();
            }
            return Ok(value);
        }
        let Some(older) = self.older() else { return self.refetch().await.map(|refetched| refetched.value) };
        match timeout(PATIENCE_WHILE_STALE, self.refetch()).await {
            Ok(Ok(refetched)) => Ok(refetched.value),
            Ok(Err(error)) => self.older().ok_or(error),
            Err(_) => Ok(older),
        }
    }

    /// Fetches the document now, whatever its age, unless a failure is so recent that asking again is no use.
    pub(crate) async fn refetch(&self) -> Result<Refetched<S::Value>, ProviderError> {
        if let Some(error) = self.pausing() {
            return Err(error);
        }
        // A flight is lost only with its runtime: a second one then runs on the caller's own.
        for _ in 0..2 {
            match self.0.flights.join((), || Arc::clone(&self.0).fly()).await {
                Landed::Own(result) => return result.map(|value| Refetched { value, left_earlier: false }),
                Landed::Joined(result) => return result.map(|value| Refetched { value, left_earlier: true }),
                Landed::Lost => {}
            }
        }
        Err(self.0.lost())
    }

    /// The failure that is so recent that asking again is no use.
    pub(crate) fn pausing(&self) -> Option<ProviderError> {
        self.0.read(|state, now| state.pausing(now))
    }

    /// Whether a fetch is under way, which a caller would join.
    pub(crate) fn is_fetching(&self) -> bool {
        self.0.flights.is_running(&())
    }

    /// Starts a background refresh from 80 % of the document's life on. Needs a runtime.
    pub(crate) fn refresh_if_due(&self) {
        let due = self.0.refresh_at.load(Ordering::Acquire);
        if millis(self.0.clock.monotonic()) < due {
            return;
        }
        // Not again at the next request: the flight sets the next time, also when it fails. Where one has just set it,
        // that time stands.
        if self.0.refresh_at.compare_exchange(due, u64::MAX, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
            self.0.flights.board((), || Arc::clone(&self.0).fly());
        }
    }

    pub(crate) fn status(&self) -> DocumentStatus<S::Value> {
        self.0.read(|state, now| DocumentStatus {
            value: state.kept.as_ref().map(|kept| Arc::clone(&kept.value)),
            age: state.kept.as_ref().map(|kept| now.saturating_sub(kept.fetched_at)),
            fresh: state.kept.as_ref().is_some_and(|kept| now < kept.fresh_until),
            usable: state.kept.as_ref().is_some_and(|kept| now < kept.usable_until),
            last_error: state.failure.map(|failure| failure.error),
        })
    }

    fn serveable(&self) -> Option<(Arc<S::Value>, Refresh)> {
        let now = self.0.clock.about_monotonic();
        let refresh = self.currency_at(now)?;
        let state = self.0.state.read().unwrap_or_else(PoisonError::into_inner);
        Some((state.usable(now)?, refresh))
    }

    /// What is kept, as long as it may be served at all.
    fn older(&self) -> Option<Arc<S::Value>> {
        self.0.read(|state, now| state.usable(now))
    }
}

impl<S: Source> Shared<S> {
    async fn fly(self: Arc<Self>) -> Result<Arc<S::Value>, ProviderError> {
        let fetched = self.source.fetch().await;
        let now = self.clock.monotonic();
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        match fetched {
            Ok(fetched) => Ok(self.install(&mut state, fetched, now)),
            Err(error) => {
                self.note_failure(&mut state, error, now);
                Err(error)
            }
        }
    }

    fn install(&self, state: &mut State<S::Value>, fetched: Fetched<S::Value>, now: Duration) -> Arc<S::Value> {
        let previous = state.kept.as_ref().map(|kept| &*kept.value);
        let value = Arc::new(self.source.adopt(fetched.value, previous));
        let fresh_until = now + fetched.fresh_for;
        state.kept = Some(Kept {
            value: Arc::clone(&value),
            fetched_at: now,
            fresh_until,
            usable_until: fresh_until.saturating_add(self.max_stale),
        });
        state.failure = None;
        self.serve_until.store(millis(fresh_until), Ordering::Release);
        self.refresh_at.store(millis(now + fetched.fresh_for.mul_f64(refresh_point())), Ordering::Release);
        value
    }

    fn note_failure(&self, state: &mut State<S::Value>, error: ProviderError, now: Duration) {
        tracing::warn!(target: "portcullis::provider", reason = error.reason(), "{error}");
        state.failure = Some(Failure { error, pause_until: now + PAUSE_AFTER_FAILURE });
        let Some(kept) = state.kept.as_ref().filter(|kept| now < kept.usable_until) else { return };
        let next_try = now + PAUSE_WHILE_STALE;
        let serve_until = kept.fresh_until.max(next_try).min(kept.usable_until);
        self.serve_until.store(millis(serve_until), Ordering::Release);
        self.refresh_at.store(millis(next_try), Ordering::Release);
    }

    fn lost(&self) -> ProviderError {
        let known = self.read(|state, _| state.failure.map(|failure| failure.error));
        known.unwrap_or_else(|| {
            ProviderError::unusable(crate::error::ProviderEndpoint::Discovery, "fetch_ended_with_its_runtime")
        })
    }

    fn read<R>(&self, look: impl FnOnce(&State<S::Value>, Duration) -> R) -> R {
        let now = self.clock.monotonic();
        look(&self.state.read().unwrap_or_else(PoisonError::into_inner), now)
    }
}

impl<T> State<T> {
    fn usable(&self, now: Duration) -> Option<Arc<T>> {
        self.kept.as_ref().filter(|kept| now < kept.usable_until).map(|kept| Arc::clone(&kept.value))
    }

    fn pausing(&self, now: Duration) -> Option<ProviderError> {
        self.failure.filter(|failure| now < failure.pause_until).map(|failure| failure.error)
    }
}

/// 80 % of the life, give or take 10 %, so that many processes do not ask in the same second.
fn refresh_point() -> f64 {
    let mut byte = [0u8; 1];
    // Without randomness the refresh comes at exactly 80 %: nothing depends on it but the provider's comfort.
    let _ = aws_lc_rs::rand::fill(&mut byte);
    0.72 + 0.16 * f64::from(byte[0]) / 255.0
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl<S: Source> Clone for Document<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Source> fmt::Debug for Document<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status();
        f.debug_struct("Document").field("age", &status.age).field("fresh", &status.fresh).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail by panicking")]
mod tests;
