//! When a session ends by itself.

use crate::web::{WITH_REFRESH, seconds};
use crate::{SessionKind, TestApp, WebFixture};

const IDLE: u64 = 1000;
const ABSOLUTE: u64 = 5000;

fn limited<A: TestApp, K: SessionKind>() -> WebFixture<A, K> {
    WebFixture::with(|guard| guard.session_limits(seconds(IDLE), seconds(ABSOLUTE)))
}

pub async fn atk_s02_idle_ends_at_the_exact_second<A: TestApp, K: SessionKind>() {
    for (idle, is_alive) in [(IDLE - 1, true), (IDLE, false), (IDLE + 1, false)] {
        let fixture = limited::<A, K>();
        let browser = fixture.logged_in("alice").await;
        fixture.after(idle);
        let answer = fixture.ask(&browser, "/account").await;
        if is_alive {
            assert_eq!(answer.outcome(), "200", "after {idle} s");
            assert!(!browser.cookie().is_empty(), "after {idle} s");
        } else {
            assert_eq!(answer.outcome(), "401 missing_credentials", "after {idle} s");
            answer.assert_ends_session("idle");
        }
        assert_eq!(fixture.asked(), 0);
    }
}

pub async fn atk_s08_use_does_not_stretch_the_absolute_limit<A: TestApp, K: SessionKind>() {
    let fixture = limited::<A, K>();
    let browser = fixture.logged_in("alice").await;
    for _ in 0..9 {
        fixture.after(500);
        assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "200", "in use");
    }
    fixture.after(499);
    assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "200");
    fixture.after(1);
    assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "401 missing_credentials");
    assert_eq!(fixture.asked(), 0);
}

pub async fn atk_s08_clock_jumps<A: TestApp, K: SessionKind>() {
    const DAY: i64 = 86_400;
    for (jump, expected) in [(-DAY, 200), (DAY, 401), (-1, 200), (0, 200)] {
        let fixture = limited::<A, K>();
        let cookie = fixture.session().await;
        let now = fixture.clock.unix();
        fixture.clock.set_unix(now.checked_add_signed(jump).expect("a time"));
        assert_eq!(fixture.get("/token", &cookie).await.status, expected, "{jump}");
        fixture.clock.set_unix(now + 1);
        let back = fixture.get("/token", &cookie).await.status;
        assert_eq!(back, 200, "back again: a jump removes nothing that is alive");
    }
}

pub async fn atk_s08_the_year_2038_and_later<A: TestApp, K: SessionKind>() {
    for now in [i32::MAX as u64 - 10, i32::MAX as u64 + 10, u64::from(u32::MAX) - 10, u64::from(u32::MAX) + 10] {
        let fixture = limited::<A, K>();
        fixture.clock.set_unix(now);
        let browser = fixture.logged_in("alice").await;
        fixture.after(20);
        assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "200", "{now}");
        fixture.after(IDLE);
        assert_eq!(fixture.ask(&browser, "/account").await.status, 401, "{now}");
    }
}

pub async fn limits_without_end<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::with(|guard| guard.session_limits(seconds(u64::MAX), seconds(u64::MAX)));
    let cookie = fixture.session().await;
    fixture.after(86_400 * 365);
    assert_eq!(fixture.get("/account", &cookie).await.outcome(), "200");
}

/// Every request finds the access token about to die: it counts as use of the session nevertheless.
pub async fn a_session_in_use_does_not_idle_out_by_its_refreshes<A: TestApp, K: SessionKind>() {
    let fixture =
        WebFixture::<A, K>::with(|guard| guard.scopes(WITH_REFRESH).session_limits(seconds(IDLE), seconds(ABSOLUTE)));
    let browser = fixture.logged_in("alice").await;
    for round in 1..=4 {
        fixture.after(550);
        assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "200", "round {round}");
        assert_eq!(fixture.token_requests(), round);
    }
}
