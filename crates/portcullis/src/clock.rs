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

    /// [`unix_time`](Self::unix_time), give or take some milliseconds: for questions of every request, which compare
    /// whole seconds. Worth writing only where it is faster.
    fn about_unix_time(&self) -> Duration {
        self.unix_time()
    }

    /// [`monotonic`](Self::monotonic), give or take some milliseconds.
    fn about_monotonic(&self) -> Duration {
        self.monotonic()
    }
}

/// The clock of the operating system.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    started: Instant,
    coarse: coarse::Started,
}

impl SystemClock {
    /// Returns a clock whose monotonic time starts now.
    #[must_use]
    pub fn new() -> Self {
        Self { started: Instant::now(), coarse: coarse::Started::now() }
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

    fn about_unix_time(&self) -> Duration {
        coarse::unix_time().unwrap_or_else(|| self.unix_time())
    }

    fn about_monotonic(&self) -> Duration {
        self.coarse.elapsed().unwrap_or_else(|| self.monotonic())
    }
}

/// The time of the kernel's last tick, at most 10 ms ago. The exact time costs four times as much to read, and lets no
/// read of memory begin before it.
#[cfg(target_os = "linux")]
mod coarse {
    use std::time::Duration;

    use nix::time::ClockId;

    /// On the coarse clock too, so that no difference of the two clocks counts.
    #[derive(Debug, Clone, Copy)]
    pub(super) struct Started(Option<Duration>);

    impl Started {
        pub(super) fn now() -> Self {
            Self(read(ClockId::CLOCK_MONOTONIC_COARSE))
        }

        pub(super) fn elapsed(self) -> Option<Duration> {
            Some(read(ClockId::CLOCK_MONOTONIC_COARSE)?.saturating_sub(self.0?))
        }
    }

    pub(super) fn unix_time() -> Option<Duration> {
        read(ClockId::CLOCK_REALTIME_COARSE)
    }

    /// `None` where the kernel does not tell.
    fn read(clock: ClockId) -> Option<Duration> {
        let time = clock.now().ok()?;
        Some(Duration::new(u64::try_from(time.tv_sec()).ok()?, u32::try_from(time.tv_nsec()).ok()?))
    }
}

/// Elsewhere there is none that is safe to ask.
#[cfg(not(target_os = "linux"))]
mod coarse {
    use std::time::Duration;

    #[derive(Debug, Clone, Copy)]
    pub(super) struct Started;

    impl Started {
        pub(super) fn now() -> Self {
            Self
        }

        pub(super) fn elapsed(self) -> Option<Duration> {
            None
        }
    }

    pub(super) fn unix_time() -> Option<Duration> {
        None
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

#[cfg(test)]
mod tests {
    use super::*;

    /// More than any machine takes between two lines of a test.
    const NEVER: Duration = Duration::from_secs(60);

    #[test]
    fn the_faster_look_shows_the_same_time() {
        let clock = SystemClock::new();
        for _ in 0..1000 {
            assert!(clock.about_unix_time().abs_diff(clock.unix_time()) < NEVER);
            assert!(clock.about_monotonic().abs_diff(clock.monotonic()) < NEVER);
        }
    }

    #[test]
    fn the_faster_look_never_goes_back() {
        let clock = SystemClock::new();
        let (mut last, mut looks) = (clock.about_monotonic(), 0_u64);
        let started = Instant::now();
        // Some ticks of the slowest kernel.
        while started.elapsed() < Duration::from_millis(50) && looks < 100_000_000 {
            let now = clock.about_monotonic();
            assert!(now >= last);
            (last, looks) = (now, looks + 1);
        }
        assert!(last > Duration::ZERO, "it goes");
    }

    #[test]
    fn a_clock_of_ones_own_need_not_know_of_it() {
        let clock = Standing(7);
        assert_eq!((clock.about_unix_time(), clock.about_monotonic()), (Duration::from_secs(7), Duration::ZERO));
    }
}
