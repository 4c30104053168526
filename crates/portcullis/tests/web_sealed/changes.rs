//! Keys that change, processes that end, applications that forget the way out.

use bytes::Bytes;
use http::header::COOKIE;
use http::{HeaderMap, Request};
use portcullis::{Head, UserInfo};

use crate::app::{App, LIFE, NAME, NEW_KEY, OLD_KEY, ask, seconds};

#[tokio::test]
async fn p14_key_rotation_logs_nobody_out() {
    let app = App::with(|builder| builder.session_limits(seconds(1000), seconds(100_000)));
    let browser = app.logged_in().await;
    let ring = format!("{NEW_KEY} {OLD_KEY}");
    let rotated =
        app.other_process(|builder| builder.cookie_keys(ring).session_limits(seconds(1000), seconds(100_000)));
    assert_eq!(ask::<UserInfo>(&rotated, &browser).await.outcome, (200, "ok"));
    app.advance(50);
    assert_eq!(ask::<UserInfo>(&rotated, &browser).await.outcome, (200, "ok"), "sealed anew as it is used");
    let without_old = app.other_process(|builder| builder.cookie_keys(NEW_KEY));
    assert_eq!(ask::<UserInfo>(&without_old, &browser).await.outcome, (200, "ok"));
}

#[tokio::test]
async fn a_restart_keeps_sessions_and_a_key_that_is_gone_ends_them() {
    let app = App::new();
    let browser = app.logged_in().await;
    assert_eq!(ask::<UserInfo>(&app.other_process(|builder| builder), &browser).await.outcome, (200, "ok"));
    let gone = app.other_process(|builder| builder.cookie_keys(NEW_KEY));
    assert_eq!(ask::<UserInfo>(&gone, &browser.copy()).await.outcome, (401, "missing_credentials"));
}

#[tokio::test]
async fn atk_m06_without_a_way_to_the_response_it_is_a_wiring_error_and_never_anonymous() {
    let app = App::new();
    let browser = app.logged_in().await;
    let cookie = format!("{NAME}={}", browser.get(NAME).unwrap());
    let request = Request::get("/page").header(COOKIE, cookie).body(Bytes::new()).unwrap();
    let attempt = app.guard.attempt(&Head::of(&request));
    let refusal = attempt.admit::<Option<UserInfo>, ()>().await.unwrap_err();
    assert_eq!((refusal.error().status().as_u16(), refusal.error().code()), (500, "wiring"));
    let mut headers = HeaderMap::new();
    attempt.write_back(&mut headers);
    assert!(!headers.contains_key("set-cookie"), "the session is not to blame");
    let anonymous = Request::get("/page").body(()).unwrap();
    let attempt = app.guard.attempt(&Head::of(&anonymous));
    assert!(attempt.admit::<Option<UserInfo>, ()>().await.unwrap().is_none(), "no session, no need");
}

/// A guard for a part of the application has no `attach` of its own: the outer one takes its cookies too.
#[tokio::test]
async fn a_guard_further_in_speaks_through_the_outer_one() {
    let app = App::with(|builder| builder.session_limits(seconds(1000), seconds(100_000)));
    let browser = app.logged_in().await;
    app.advance(100);
    let cookie = format!("{NAME}={}", browser.get(NAME).unwrap());
    let mut request = Request::get("/page").header(COOKIE, cookie).body(Bytes::new()).unwrap();
    let outer = portcullis::Guard::api(app.provider.issuer(), "https://api.example.com").build().unwrap();
    let attached = outer.attempt(&Head::of(&request));
    attached.promise_write_back();
    request.extensions_mut().insert(attached.clone());
    let inner = app.guard.attempt(&Head::of(&request));
    inner.admit::<UserInfo, ()>().await.unwrap();
    let mut headers = HeaderMap::new();
    attached.write_back(&mut headers);
    assert!(headers["set-cookie"].to_str().unwrap().starts_with(NAME));
}

/// A body that is still written, or a task, asks when the cookies have gone: what the session became would be lost.
#[tokio::test]
async fn a_session_met_after_the_response_has_gone_is_a_mistake_in_the_wiring() {
    let app = App::new();
    let browser = app.logged_in().await;
    app.advance(LIFE);
    let cookie = format!("{NAME}={}", browser.get(NAME).unwrap());
    let request = http::Request::get("/page").header(http::header::COOKIE, cookie).body(()).unwrap();
    let attempt = app.guard.attempt(&Head::of(&request));
    attempt.promise_write_back();
    attempt.write_back(&mut HeaderMap::new());
    let refusal = attempt.admit::<UserInfo, ()>().await.unwrap_err();
    assert_eq!((refusal.error().code(), app.token_requests()), ("wiring", 0), "and no refresh token is used up");
}
