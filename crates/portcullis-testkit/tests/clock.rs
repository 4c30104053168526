//! Time that a test sets.

use std::time::Duration;

use portcullis::{Clock, SystemClock};
use portcullis_testkit::TestClock;

#[test]
fn a_frozen_clock_moves_only_when_told() {
    let clock = TestClock::at(1000);
    let shared = clock.clone();
    assert_eq!((clock.unix_time(), clock.monotonic()), (Duration::from_secs(1000), Duration::ZERO));
    shared.advance(Duration::from_millis(1500));
    assert_eq!(clock.unix_time(), Duration::from_millis(1_001_500));
    assert_eq!((clock.unix(), clock.monotonic()), (1001, Duration::from_millis(1500)));
}

#[test]
fn setting_the_wall_clock_back_leaves_monotonic_time_alone() {
    let clock = TestClock::at(1000);
    clock.advance(Duration::from_secs(60));
    clock.set_unix(5);
    assert_eq!((clock.unix(), clock.monotonic()), (5, Duration::from_secs(60)));
    clock.set_unix(253_402_300_799); // the last second of the year 9999
    assert_eq!(clock.unix(), 253_402_300_799);
}

#[test]
fn a_running_clock_follows_the_system_and_can_be_moved() {
    let system = SystemClock::new();
    let clock = TestClock::running();
    assert!(clock.unix_time() >= system.unix_time() - Duration::from_secs(1));
    clock.advance(Duration::from_secs(86_400));
    assert!(clock.unix_time() >= system.unix_time() + Duration::from_secs(86_399));
    assert!(clock.monotonic() >= Duration::from_secs(86_400));
    clock.set_unix(1000);
    assert!((1000..1100).contains(&clock.unix()));
}
