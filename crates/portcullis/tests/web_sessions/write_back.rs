//! What a session leaves in the headers of the response.

use http::header::{SET_COOKIE, VARY};
use http::{HeaderMap, HeaderValue};
use portcullis::{Head, UserInfo};

use crate::app::{App, DELETED, NAME, get};

fn all(headers: &HeaderMap, name: http::HeaderName) -> Vec<&str> {
    headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
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
async fn a_store_that_is_down_leaves_the_cookie_alone() {
    let app = App::new();
    let cookie = app.log_in().await;
    app.store.set_down(true);
    let answer = app.with_cookie::<UserInfo>(&cookie).await;
    assert_eq!((answer.outcome(), answer.cookies().len()), ((503, "temporarily_unavailable"), 0));
    assert_eq!((answer.header("retry-after").is_some(), answer.body.contains("login_url")), (true, false));
}
