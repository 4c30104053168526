//! Time, injected: every rule that compares instants asks a [`Clock`], so tests never sleep.

use std::fmt::Debug;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Tells the time: wall-clock time for the claims of a token, monotonic time for the age of what is cached.
///
/// The two are separate because a wall clock can be set back. An age measured with it could then let a
/// withdrawn key live on.
pub trait Clock: Debug + Send + Sync + 'static {
    /// Time since the Unix epoch: what `exp`, `nbf`, `iat` and `auth_time` are compared with.
    fn unix_time(&self) -> Duration;

    /// Time since some fixed instant; never goes back.
    fn monotonic(&self) -> Duration;
}

/// The clock of the operating system.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// Returns a clock whose monotonic time starts now.
    #[must_use]
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn unix_time(&self) -> Duration {
        // A clock set before 1970 reads as 1970: every token is then "issued in the future" and refused.
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}

/// A clock that always shows this Unix second.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct Standing(pub(crate) u64);

#[cfg(test)]
impl Clock for Standing {
    fn unix_time(&self) -> Duration {
        Duration::from_secs(self.0)
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}
