//! A session that a handler refreshes.

use portcullis::{RefreshedSession, UserInfo};
use portcullis_testkit::{Endpoint, Fault};
use serde_json::json;

use crate::app::{App, DELETED};

fn counts(app: &App) -> (usize, usize) {
    (app.token_requests(), app.server.requests(Endpoint::UserInfo))
}

#[tokio::test]
async fn new_tokens_and_new_claims() {
    let app = App::new();
    let cookie = app.log_in().await;
    app.server.user("alice", json!({"email": "new@example.com"}));
    let answer = app.with_cookie::<RefreshedSession>(&cookie).await;
    let Some(RefreshedSession::Active(user)) = answer.value else { panic!("{answer:?}") };
    assert_eq!(user.email(), Some("new@example.com"));
    assert_eq!(counts(&app), (1, 1));
    let next = app.with_cookie::<UserInfo>(&cookie).await.value.unwrap();
    assert_eq!((next.email(), counts(&app)), (Some("new@example.com"), (1, 1)), "the session keeps them");
    assert!(matches!(app.with_cookie::<RefreshedSession>(&cookie).await.value, Some(RefreshedSession::Active(_))));
    assert_eq!(counts(&app), (2, 2));
}

#[tokio::test]
async fn a_login_that_the_provider_has_ended() {
    let app = App::new();
    let cookie = app.log_in().await;
    app.server.fault(Endpoint::Token, Fault::json(&json!({"error": "invalid_grant"})).and_status(400));
    let answer = app.with_cookie::<RefreshedSession>(&cookie).await;
    assert_eq!((answer.value.as_ref(), answer.cookies()), (Some(&RefreshedSession::Ended), vec![DELETED]));
    assert_eq!(counts(&app), (1, 0));
    assert!(app.store.last_row().await.is_none());
    assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.status, 401);
}

#[tokio::test]
async fn without_a_refresh_token_only_the_claims() {
    let app = App::without_refresh();
    let cookie = app.log_in().await;
    let answer = app.with_cookie::<RefreshedSession>(&cookie).await;
    assert!(matches!(answer.value, Some(RefreshedSession::Active(_))));
    assert_eq!(counts(&app), (0, 1));
}

#[tokio::test]
async fn a_provider_that_is_down_keeps_the_session() {
    for endpoint in [Endpoint::Token, Endpoint::UserInfo] {
        let app = App::new();
        let cookie = app.log_in().await;
        app.server.fault(endpoint, Fault::status(503));
        let answer = app.with_cookie::<RefreshedSession>(&cookie).await;
        assert_eq!(answer.outcome(), (503, "temporarily_unavailable"), "{endpoint:?}");
        assert!(answer.cookies().is_empty());
        app.server.heal(endpoint);
        assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (200, "ok"), "{endpoint:?}");
        assert_eq!(app.with_cookie::<RefreshedSession>(&cookie).await.outcome(), (200, "ok"), "{endpoint:?}");
    }
}

#[tokio::test]
async fn nobody_has_no_session_to_refresh() {
    let app = App::new();
    let answer = app.with_cookie::<RefreshedSession>("a=b").await;
    assert_eq!((answer.outcome(), app.asked()), ((401, "missing_credentials"), 0));
}
