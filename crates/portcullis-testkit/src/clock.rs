//! Time that a test sets.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use portcullis::{Clock, SystemClock};

const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// A clock that stands still until a test moves it; clones share one time.
///
/// Give the same clock to the provider and to what it tests, and no test needs to sleep:
///
/// ```
/// use std::time::Duration;
/// use portcullis::Clock;
/// use portcullis_testkit::TestClock;
///
/// let clock = TestClock::at(1_800_000_000);
/// clock.clone().advance(Duration::from_secs(301));
/// assert_eq!(clock.unix_time(), Duration::from_secs(1_800_000_301));
/// ```
#[derive(Clone)]
pub struct TestClock {
    shared: Arc<Shared>,
}

struct Shared {
    start: Start,
    shift: Mutex<Shift>,
}

enum Start {
    Frozen(Duration),
    Running(SystemClock),
}

#[derive(Clone, Copy, Default)]
struct Shift {
    /// Signed, because a wall clock can be set back.
    unix_nanos: i128,
    monotonic: Duration,
}

impl TestClock {
    /// A frozen clock that shows the present second.
    #[must_use]
    pub fn new() -> Self {
        Self::at(SystemClock::new().unix_time().as_secs())
    }

    /// A frozen clock that shows this many seconds since the Unix epoch.
    #[must_use]
    pub fn at(unix: u64) -> Self {
        Self::starting(Start::Frozen(Duration::from_secs(unix)))
    }

    /// A clock that runs with the operating system's and can still be moved.
    #[must_use]
    pub fn running() -> Self {
        Self::starting(Start::Running(SystemClock::new()))
    }

    /// Lets time pass: wall clock and monotonic time go forward together.
    pub fn advance(&self, by: Duration) {
        let mut shift = self.shared.shift.lock().unwrap_or_else(PoisonError::into_inner);
        shift.unix_nanos += nanos(by);
        shift.monotonic += by;
    }

    /// Sets the wall clock, forward or back, as an administrator would: monotonic time does not notice.
    pub fn set_unix(&self, unix: u64) {
        let start = self.start_unix();
        let mut shift = self.shared.shift.lock().unwrap_or_else(PoisonError::into_inner);
        shift.unix_nanos = nanos(Duration::from_secs(unix)) - nanos(start);
    }

    /// The wall clock in whole seconds since the Unix epoch.
    #[must_use]
    pub fn unix(&self) -> u64 {
        self.unix_time().as_secs()
    }

    fn starting(start: Start) -> Self {
        Self { shared: Arc::new(Shared { start, shift: Mutex::default() }) }
    }

    fn start_unix(&self) -> Duration {
        match &self.shared.start {
            Start::Frozen(unix) => *unix,
            Start::Running(clock) => clock.unix_time(),
        }
    }

    fn shift(&self) -> Shift {
        *self.shared.shift.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TestClock {
    fn unix_time(&self) -> Duration {
        let unix = (nanos(self.start_unix()) + self.shift().unix_nanos).max(0);
        let seconds = u64::try_from(unix / NANOS_PER_SECOND).unwrap_or(u64::MAX);
        Duration::new(seconds, u32::try_from(unix % NANOS_PER_SECOND).unwrap_or(0))
    }

    fn monotonic(&self) -> Duration {
        let started = match &self.shared.start {
            Start::Frozen(_) => Duration::ZERO,
            Start::Running(clock) => clock.monotonic(),
        };
        started + self.shift().monotonic
    }
}

impl fmt::Debug for TestClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TestClock").field(&self.unix_time()).finish()
    }
}

fn nanos(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX)
}
