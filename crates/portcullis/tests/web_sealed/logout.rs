//! What has ended stays so, whatever the browser brings back.

use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use portcullis::{Guard, Head, UserInfo, WebRoute};

use crate::app::{App, ask, is_deleted};

#[tokio::test]
async fn atk_s02_a_cookie_from_before_the_logout_is_nobody() {
    let app = App::new();
    let browser = app.logged_in().await;
    let thief = browser.copy();
    let response = app.log_out(&browser).await;
    assert_eq!(response.status(), 303);
    assert!(is_deleted(response.headers()));
    let answer = app.ask::<UserInfo>(&thief).await;
    assert_eq!(answer.outcome, (401, "missing_credentials"));
    assert!(is_deleted(&answer.headers));
    assert_eq!(app.token_requests(), 0);
}

#[tokio::test]
async fn atk_s02_every_cookie_that_the_session_ever_had_ends_with_it() {
    let app = App::new();
    let browser = app.logged_in().await;
    let mut thieves = vec![browser.copy()];
    for _ in 0..3 {
        app.advance(crate::app::LIFE - 30);
        assert_eq!(app.ask::<UserInfo>(&browser).await.outcome, (200, "ok"));
        thieves.push(browser.copy());
    }
    app.log_out(&browser).await;
    for thief in thieves {
        assert_eq!(app.ask::<UserInfo>(&thief).await.outcome, (401, "missing_credentials"));
    }
}

#[tokio::test]
async fn atk_s01_a_login_ends_the_session_before() {
    let app = App::new();
    let browser = app.logged_in().await;
    let before = browser.copy();
    app.log_in(&browser).await;
    assert_eq!(app.ask::<UserInfo>(&browser).await.outcome, (200, "ok"));
    assert_eq!(app.ask::<UserInfo>(&before).await.outcome, (401, "missing_credentials"));
}

#[tokio::test]
async fn who_logs_in_at_the_moment_of_a_logout_is_logged_in() {
    let app = App::new();
    let browser = app.logged_in().await;
    app.log_out(&browser).await;
    app.log_in(&browser).await;
    assert_eq!(app.ask::<UserInfo>(&browser).await.outcome, (200, "ok"));
}

/// What the documentation says of this kind: a logout is known to its own process only.
#[tokio::test]
async fn another_process_does_not_know_of_the_logout() {
    let app = App::new();
    let browser = app.logged_in().await;
    let (thief, other) = (browser.copy(), app.other_process(|builder| builder));
    app.log_out(&browser).await;
    assert_eq!(ask::<UserInfo>(&other, &thief).await.outcome, (200, "ok"));
}

async fn tell(guard: &Guard, logout_token: &str) -> u16 {
    let request = Request::post("/auth/backchannel-logout")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Bytes::from(format!("logout_token={logout_token}")))
        .unwrap();
    guard.visit(WebRoute::BackChannelLogout, &Head::of(&request), request.body()).serve().await.status().as_u16()
}

/// By the clock the logout comes before the login. It is the other way round.
#[tokio::test]
async fn atk_s08_a_clock_that_was_set_back_does_not_save_a_session_from_its_logout() {
    let app = App::new();
    let browser = app.logged_in().await;
    let restarted = app.other_process(|builder| builder);
    let clock = app.provider.clock();
    clock.set_unix(clock.unix() - 3600);
    assert_eq!(ask::<UserInfo>(&restarted, &browser).await.outcome, (200, "ok"));
    assert_eq!(tell(&restarted, &app.provider.logout_token().mint()).await, 200);
    assert_eq!(ask::<UserInfo>(&restarted, &browser).await.outcome, (401, "missing_credentials"));
}

/// Marks are kept for as long as a session lives, not until a clock says so that is wrong for a moment.
#[tokio::test]
async fn atk_s08_a_clock_that_leaps_does_not_revive_what_has_ended() {
    let app = App::new();
    let browser = app.logged_in().await;
    let (thief, all) = (browser.copy(), app.logged_in().await);
    app.log_out(&browser).await;
    assert_eq!(tell(&app.guard, &app.provider.logout_token().mint()).await, 200);
    let clock = app.provider.clock();
    let now = clock.unix();
    clock.set_unix(now + 30 * 24 * 3600);
    // Something is marked while the clock is wrong.
    assert_eq!(tell(&app.guard, &app.provider.logout_token().subject("bob").mint()).await, 200);
    clock.set_unix(now);
    for ended in [thief, all] {
        assert_eq!(app.ask::<UserInfo>(&ended).await.outcome, (401, "missing_credentials"));
    }
}
