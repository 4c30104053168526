//! New tokens for a session of which browsers hold copies.

use std::sync::Arc;

use portcullis::{AccessToken, RefreshedSession, UserInfo};
use portcullis_testkit::{Endpoint, Fault, TestProvider};
use serde_json::json;
use tokio::task::JoinSet;

use crate::app::{App, LIFE, NAME, ask, is_deleted, seconds, set_cookies};

const DUE: u64 = LIFE - 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn atk_t06_p11_fifty_at_once_refresh_once_and_all_get_the_new_cookie() {
    for age in [DUE, LIFE + 10] {
        let app = App::new();
        let browser = app.logged_in().await;
        let before = browser.get(NAME).unwrap();
        app.advance(age);
        let gate = app.provider.hold(Endpoint::Token);
        let mut requests = JoinSet::new();
        let jars: Vec<_> = (0..50).map(|_| Arc::new(browser.copy())).collect();
        for jar in &jars {
            let (guard, jar) = (app.guard.clone(), Arc::clone(jar));
            requests.spawn(async move { ask::<AccessToken>(&guard, &jar).await });
        }
        gate.waiting(1).await;
        gate.release();
        let answers = requests.join_all().await;
        assert!(answers.iter().all(|answer| answer.outcome == (200, "ok")));
        assert_eq!(app.token_requests(), 1);
        for jar in &jars {
            assert_ne!(jar.get(NAME).unwrap(), before);
            assert_eq!(app.ask::<UserInfo>(jar).await.outcome, (200, "ok"));
        }
        app.advance(DUE);
        assert_eq!(app.ask::<UserInfo>(&jars[49]).await.outcome, (200, "ok"), "with the rotated refresh token");
        assert_eq!(app.token_requests(), 2);
    }
}

/// The browser had sent the request before it was told: for a minute it is served with the new tokens.
#[tokio::test]
async fn a_straggler_gets_what_the_session_has_become() {
    let app = App::new();
    let browser = app.logged_in().await;
    let straggler = browser.copy();
    app.advance(LIFE);
    assert_eq!(app.ask::<UserInfo>(&browser).await.outcome, (200, "ok"));
    app.advance(59);
    assert_eq!(app.ask::<UserInfo>(&straggler).await.outcome, (200, "ok"));
    assert_eq!(straggler.get(NAME), browser.get(NAME));
    assert_eq!(app.token_requests(), 1);
}

/// A refresh token that is used a second time is somebody's who has stolen it, or was left behind: the provider says no.
#[tokio::test]
async fn atk_t06_a_copy_from_before_the_refresh_ends_with_the_providers_no() {
    let app = App::new();
    let browser = app.logged_in().await;
    let stolen = browser.copy();
    app.advance(LIFE);
    assert_eq!(app.ask::<UserInfo>(&browser).await.outcome, (200, "ok"));
    app.advance(61);
    let answer = app.ask::<UserInfo>(&stolen).await;
    assert_eq!(answer.outcome, (401, "missing_credentials"));
    assert!(is_deleted(&answer.headers));
}

/// The response that was decided first may arrive last.
#[tokio::test]
async fn atk_s09_an_older_response_does_not_bring_the_old_tokens_back() {
    let app = App::with(|builder| builder.session_limits(seconds(1000), seconds(100_000)));
    let browser = app.logged_in().await;
    app.advance(100);
    let slow = {
        let request = http::Request::get("/page")
            .header(http::header::COOKIE, format!("{NAME}={}", browser.get(NAME).unwrap()))
            .body(())
            .unwrap();
        let attempt = app.guard.attempt(&portcullis::Head::of(&request));
        attempt.promise_write_back();
        attempt.admit::<UserInfo, ()>().await.unwrap();
        attempt
    };
    assert_eq!(app.ask::<RefreshedSession>(&browser).await.outcome, (200, "ok"));
    let mut headers = http::HeaderMap::new();
    slow.write_back(&mut headers);
    let late = set_cookies(&headers);
    assert_eq!(late.len(), 2);
    assert!(late[0].starts_with(&format!("{NAME}={};", browser.get(NAME).unwrap())), "the newest");
    app.log_out(&browser).await;
    let mut headers = http::HeaderMap::new();
    slow.write_back(&mut headers);
    assert!(set_cookies(&headers).is_empty(), "said once");
}

#[tokio::test]
async fn atk_s09_logout_wins_over_a_refresh_on_its_way() {
    let app = App::new();
    let browser = Arc::new(app.logged_in().await);
    app.advance(DUE);
    let gate = app.provider.hold(Endpoint::Token);
    let (guard, jar) = (app.guard.clone(), Arc::new(browser.copy()));
    let request = {
        let jar = Arc::clone(&jar);
        tokio::spawn(async move { ask::<UserInfo>(&guard, &jar).await })
    };
    gate.waiting(1).await;
    app.log_out(&browser).await;
    gate.release();
    let answer = request.await.unwrap();
    assert_eq!(answer.outcome, (401, "missing_credentials"));
    assert!(is_deleted(&answer.headers));
    assert!(jar.get(NAME).is_none());
}

#[tokio::test]
async fn atk_t07_a_refused_refresh_ends_the_session_and_a_wrong_secret_does_not() {
    let refusal = |code: &str| Fault::json(&json!({"error": code})).and_status(400);
    for code in ["invalid_client", "unauthorized_client", "server_error", "temporarily_unavailable"] {
        let app = App::new();
        // What it answered was made up: it must not have used the refresh token up.
        let client = app.provider.client(TestProvider::CLIENT_ID).refresh_token_rotation(false);
        client.access_token_lifetime(seconds(LIFE)).register();
        let browser = app.logged_in().await;
        app.advance(DUE);
        app.provider.fault(Endpoint::Token, refusal(code));
        assert_eq!(app.ask::<UserInfo>(&browser).await.outcome, (200, "ok"), "{code}: the access token lives");
        app.advance(60);
        assert_eq!(app.ask::<UserInfo>(&browser).await.outcome, (503, "temporarily_unavailable"), "{code}");
        app.provider.heal(Endpoint::Token);
        assert_eq!(app.ask::<UserInfo>(&browser).await.outcome, (200, "ok"), "{code}: nothing is lost");
    }
    let app = App::new();
    let browser = app.logged_in().await;
    app.advance(DUE);
    app.provider.fault(Endpoint::Token, refusal("invalid_grant"));
    let answer = app.ask::<UserInfo>(&browser).await;
    assert_eq!(answer.outcome, (401, "missing_credentials"));
    assert!(is_deleted(&answer.headers));
}
