//! What has to be remembered of sessions that no store could be told about: only browsers keep them, or they are still
//! on their way.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::key::{SessionIndex, SessionKey};
use super::live::Live;
use crate::bounded::{BoundedMap, Full};
use crate::clock::Clock;

/// More logouts than this within the life of a session are answered with 503.
const MOST_LOGOUTS: usize = 100_000;
/// More changes of sessions than this within [`RENEWAL_LIFE`] have to wait.
const MOST_RENEWALS: usize = 10_000;
/// How long requests may still come with the cookie that was there before a change: those that the browser had sent
/// already,
const RENEWAL_LIFE: Duration = Duration::from_secs(60);

/// Logouts and recent changes of sessions, in this process.
///
/// A browser can bring back any cookie that it ever had. What has ended since, or has newer tokens, is only known here:
/// another process does not know it, nor does this one after a restart.
///
/// # Security
/// A mark is kept as long as a session can live, by a clock that nobody sets, and is never pushed out by others: without
/// room a logout fails aloud.
#[derive(Debug)]
pub(super) struct SessionMarks {
    marks: Mutex<Marks>,
    life: Duration,
    clock: Arc<dyn Clock>,
}

struct Marks {
    ended: BoundedMap<SessionKey, ()>,
    /// The sessions that began no later than the mark have ended.
    ended_by_index: BoundedMap<SessionIndex, u64>,
    /// What a version has become.
    renewed: BoundedMap<(SessionKey, u64), Live>,
    last_stamp: u64,
}

impl SessionMarks {
    /// Logouts are remembered for this long.
    pub(super) fn new(life: Duration, clock: Arc<dyn Clock>) -> Self {
        let marks = Marks {
            ended: BoundedMap::new(MOST_LOGOUTS),
            ended_by_index: BoundedMap::new(MOST_LOGOUTS),
            renewed: BoundedMap::new(MOST_RENEWALS),
            last_stamp: 0,
        };
        Self { marks: Mutex::new(marks), life, clock }
    }

    /// An instant in microseconds, later than all before: a login at the moment of a logout comes before it or after.
    pub(super) fn stamp(&self) -> u64 {
        self.lock().stamp(self.clock.unix_time())
    }

    /// The session has ended.
    pub(super) fn end(&self, key: SessionKey) -> Result<(), Full> {
        let (now, until) = self.until(self.life);
        self.lock().ended.insert(key, (), until, now)
    }

    /// Every session of this index that has begun so far has ended.
    pub(super) fn end_all(&self, index: SessionIndex) -> Result<(), Full> {
        let (now, until) = self.until(self.life);
        let mut marks = self.lock();
        let stamp = marks.stamp(self.clock.unix_time());
        marks.ended_by_index.insert(index, stamp, until, now)
    }

    /// Ends the session, unless it has changed since this version.
    pub(super) fn end_unchanged(&self, live: &Live) -> Result<bool, Full> {
        let (now, until) = self.until(self.life);
        let mut marks = self.lock();
        if marks.renewed.get(&(live.key(), live.version), now).is_some() {
            return Ok(false);
        }
        marks.ended.insert(live.key(), (), until, now).map(|()| true)
    }

    /// What has become of the session since the browser was given this cookie; `None` if it has ended.
    pub(super) fn newest(&self, live: &Live, issuer: &str) -> Option<Live> {
        let now = self.clock.monotonic();
        let mut marks = self.lock();
        // The clock may have been set back since: what ends from now on comes after what has begun.
        marks.last_stamp = marks.last_stamp.max(live.began);
        (!marks.has_ended(live, issuer, now)).then(|| marks.newest(live, now))
    }

    /// Notes what the session becomes. `false` if it has ended or changed meanwhile, and nothing is noted.
    pub(super) fn renew(&self, before: &Live, after: Live, issuer: &str) -> Result<bool, Full> {
        let (now, until) = self.until(RENEWAL_LIFE);
        let key = (before.key(), before.version);
        let mut marks = self.lock();
        if marks.has_ended(before, issuer, now) || marks.renewed.get(&key, now).is_some() {
            return Ok(false);
        }
        marks.renewed.insert(key, after, until, now).map(|()| true)
    }

    /// Whether a change could be noted now.
    pub(super) fn has_room(&self) -> bool {
        self.lock().renewed.has_room(self.clock.monotonic())
    }

    fn until(&self, life: Duration) -> (Duration, Duration) {
        let now = self.clock.monotonic();
        (now, now.saturating_add(life))
    }

    fn lock(&self) -> MutexGuard<'_, Marks> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Marks {
    fn stamp(&mut self, now: Duration) -> u64 {
        let now = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
        self.last_stamp = now.max(self.last_stamp.saturating_add(1));
        self.last_stamp
    }

    fn has_ended(&self, live: &Live, issuer: &str, now: Duration) -> bool {
        if self.ended.get(&live.key(), now).is_some() {
            return true;
        }
        // To know its indexes the ID token has to be read.
        !self.ended_by_index.is_empty()
            && live
                .indexes(issuer)
                .iter()
                .any(|index| self.ended_by_index.get(index, now).is_some_and(|mark| live.began <= *mark))
    }

    fn newest(&self, live: &Live, now: Duration) -> Live {
        let mut newest = live;
        while let Some(next) = self.renewed.get(&(newest.key(), newest.version), now) {
            newest = next;
        }
        newest.clone()
    }
}

impl std::fmt::Debug for Marks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Marks")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests;
