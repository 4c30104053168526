//! What a session leaves in the headers of the response.

use http::header::{CACHE_CONTROL, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderValue};
use portcullis::{Head, UserInfo};

use crate::app::{App, DELETED, NAME, get};

fn all(headers: &HeaderMap, name: http::HeaderName) -> Vec<&str> {
    headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
}

#[tokio::test]
async fn caches_are_told() {
    let app = App::new();
    let answer = app.with_cookie::<UserInfo>(&app.log_in().await).await;
    assert_eq!(all(&answer.headers, VARY), ["authorization", "cookie"]);
    assert_eq!(all(&answer.headers, CACHE_CONTROL), ["no-store"]);
    assert!(answer.cookies().is_empty());
    let nobody = app.ask::<Option<UserInfo>, ()>(&get("/", "a=b")).await;
    assert_eq!(all(&nobody.headers, VARY), ["authorization", "cookie"], "the page differs for who is logged in");
    assert!(all(&nobody.headers, CACHE_CONTROL).is_empty());
    let refused = app.with_cookie::<UserInfo>("a=b").await;
    assert_eq!(all(&refused.headers, VARY), ["authorization", "cookie"]);
    assert_eq!(all(&refused.headers, CACHE_CONTROL), ["no-store"]);
}

#[tokio::test]
async fn a_page_that_asked_nobody_is_left_alone() {
    let app = App::new();
    let attempt = app.guard.attempt(&Head::of(&get("/", &format!("{NAME}=a; {NAME}=b"))));
    let mut headers = HeaderMap::new();
    attempt.write_back(&mut headers);
    assert!(headers.is_empty(), "{headers:?}");
    assert_eq!(app.store.calls(), 0);
}

#[tokio::test]
async fn cookies_of_the_handler_stay() {
    let app = App::new();
    let attempt = app.guard.attempt(&Head::of(&get("/", &format!("{NAME}=garbage"))));
    assert!(attempt.admit::<Option<UserInfo>, ()>().await.is_ok_and(|user| user.is_none()));
    let mut headers = HeaderMap::new();
    headers.append(SET_COOKIE, HeaderValue::from_static("theme=dark"));
    headers.append(VARY, HeaderValue::from_static("Accept, Cookie"));
    attempt.write_back(&mut headers);
    assert_eq!(all(&headers, SET_COOKIE), ["theme=dark", DELETED]);
    assert_eq!(all(&headers, VARY), ["Accept, Cookie", "authorization"]);
    attempt.write_back(&mut headers);
    assert_eq!(all(&headers, SET_COOKIE), ["theme=dark", DELETED], "once");
}

#[tokio::test]
async fn one_attempt_opens_the_session_once() {
    let app = App::new();
    let cookie = app.log_in().await;
    let calls = app.store.calls();
    let attempt = app.guard.attempt(&Head::of(&get("/", &cookie)));
    for _ in 0..3 {
        assert!(attempt.admit::<UserInfo, ()>().await.is_ok());
        assert!(attempt.clone().principal::<portcullis::AccessToken>().await.is_ok());
    }
    assert_eq!(app.store.calls(), calls + 1);
}

#[tokio::test]
async fn a_stricter_word_of_the_handler_stands() {
    let app = App::new();
    let cookie = app.log_in().await;
    for (own, expected) in [("private, max-age=60", "private, max-age=60"), ("public, max-age=60", "no-store")] {
        let attempt = app.guard.attempt(&Head::of(&get("/", &cookie)));
        attempt.admit::<UserInfo, ()>().await.unwrap();
        let mut headers = HeaderMap::from_iter([(CACHE_CONTROL, HeaderValue::from_static(own))]);
        attempt.write_back(&mut headers);
        assert_eq!(all(&headers, CACHE_CONTROL), [expected]);
    }
}
