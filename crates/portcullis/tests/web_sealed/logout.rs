//! What has ended stays so, whatever the browser brings back.

use portcullis::UserInfo;

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
