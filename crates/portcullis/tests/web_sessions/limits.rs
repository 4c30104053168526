//! When a session ends by itself.

use portcullis::{AccessToken, UserInfo};

use crate::app::{App, DELETED, WITHOUT_REFRESH, seconds};

const IDLE: u64 = 1000;
const ABSOLUTE: u64 = 5000;

fn limited() -> App {
    App::with(|builder| builder.scopes(WITHOUT_REFRESH).session_limits(seconds(IDLE), seconds(ABSOLUTE)))
}

#[tokio::test]
async fn atk_s02_idle_ends_at_the_exact_second() {
    for (idle, expected) in
        [(IDLE - 1, (200, "ok")), (IDLE, (401, "missing_credentials")), (IDLE + 1, (401, "missing_credentials"))]
    {
        let app = limited();
        let cookie = app.log_in().await;
        app.advance(idle);
        let answer = app.with_cookie::<UserInfo>(&cookie).await;
        assert_eq!(answer.outcome(), expected, "after {idle} s");
        assert_eq!(answer.cookies() == [DELETED], expected.0 == 401, "after {idle} s");
        assert_eq!(app.asked(), 0);
    }
}

#[tokio::test]
async fn atk_s08_use_does_not_stretch_the_absolute_limit() {
    let app = limited();
    let cookie = app.log_in().await;
    for _ in 0..9 {
        app.advance(500);
        assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (200, "ok"), "in use");
    }
    app.advance(499);
    assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (200, "ok"));
    app.advance(1);
    assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (401, "missing_credentials"));
    assert_eq!(app.asked(), 0);
}

#[tokio::test]
async fn a_write_happens_seldom() {
    let app = limited();
    let cookie = app.log_in().await;
    for _ in 0..20 {
        app.advance(2);
        app.with_cookie::<UserInfo>(&cookie).await;
    }
    assert_eq!(app.store.written().len(), 1, "the login alone: less than a twentieth of the limit has passed");
    app.advance(10);
    app.with_cookie::<UserInfo>(&cookie).await;
    assert_eq!(app.store.written().len(), 2);
}

#[tokio::test]
async fn clock_jumps() {
    const DAY: i64 = 86_400;
    for (jump, expected) in [(-DAY, 200), (DAY, 401), (-1, 200), (0, 200)] {
        let app = limited();
        let cookie = app.log_in().await;
        let now = app.server.clock().unix();
        app.server.clock().set_unix(now.checked_add_signed(jump).unwrap());
        assert_eq!(app.with_cookie::<AccessToken>(&cookie).await.status, expected, "{jump}");
        app.server.clock().set_unix(now + 1);
        let back = app.with_cookie::<AccessToken>(&cookie).await.status;
        assert_eq!(back, 200, "back again: a jump removes nothing that is alive");
    }
}

#[tokio::test]
async fn the_year_2038_and_later() {
    for now in [i32::MAX as u64 - 10, i32::MAX as u64 + 10, u64::from(u32::MAX) - 10, u64::from(u32::MAX) + 10] {
        let app = limited();
        app.server.clock().set_unix(now);
        let cookie = app.log_in().await;
        app.advance(20);
        assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (200, "ok"), "{now}");
        app.advance(IDLE);
        assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.status, 401, "{now}");
    }
}

#[tokio::test]
async fn limits_without_end() {
    let app = App::with(|builder| builder.scopes(WITHOUT_REFRESH).session_limits(seconds(u64::MAX), seconds(u64::MAX)));
    let cookie = app.log_in().await;
    app.advance(86_400 * 365);
    assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (200, "ok"));
}

/// Every request finds the access token about to die: it counts as use of the session nevertheless.
#[tokio::test]
async fn a_session_in_use_does_not_idle_out_by_its_refreshes() {
    let app = App::with(|builder| builder.session_limits(seconds(IDLE), seconds(ABSOLUTE)));
    let cookie = app.log_in().await;
    for round in 1..=4 {
        app.advance(550);
        assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (200, "ok"), "round {round}");
        assert_eq!(app.token_requests(), round);
    }
}
