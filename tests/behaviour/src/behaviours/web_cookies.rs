//! Which cookie is a session.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;

use crate::web::{SESSION, request};
use crate::{Browser, SessionKind, TestApp, WebFixture};

fn stranger() -> String {
    format!("{SESSION}={}", BASE64_URL_SAFE_NO_PAD.encode([7; 32]))
}

pub async fn atk_s11_what_is_no_id_is_nobody_and_asks_no_store<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let cookie = fixture.session().await;
    let (_, id) = cookie.split_once('=').expect("a cookie");
    let calls = fixture.sessions.calls();
    let rows = [
        ("empty", String::new()),
        ("short", id[1..].to_owned()),
        ("long", format!("{id}A")),
        ("padded", format!("{id}=")),
        ("quoted", format!("\"{id}\"")),
        ("not base64url", format!("+{}", &id[1..])),
        ("hex", "0".repeat(64)),
        ("8 KiB", "A".repeat(8192)),
        ("traversal", "../../../../etc/passwd".to_owned()),
        ("a wildcard", "*".repeat(43)),
    ];
    for (name, garbage) in rows {
        let cookie = format!("{SESSION}={garbage}");
        let answer = fixture.get("/account", &cookie).await;
        assert_eq!(answer.outcome(), "401 missing_credentials", "{name}");
        answer.assert_ends_session(name);
        let optional = fixture.get("/", &cookie).await;
        optional.assert_ends_session(name);
        assert_eq!(optional.json(), json!({"id": null}), "{name}");
        assert_eq!(fixture.get("/if-present", &cookie).await.json(), json!({"id": null}), "{name}");
    }
    assert_eq!((fixture.sessions.calls(), fixture.asked()), (calls, 0));
}

pub async fn an_unknown_id_is_nobody_and_deleted<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    fixture.session().await;
    let answer = fixture.get("/token", &stranger()).await;
    assert_eq!(answer.outcome(), "401 missing_credentials");
    answer.assert_ends_session("unknown");
    assert_eq!(fixture.asked(), 0);
}

pub async fn atk_s03_two_cookies_of_our_name_are_as_none<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let cookie = fixture.session().await;
    let calls = fixture.sessions.calls();
    let tossed = stranger();
    let rows = [
        vec![("cookie", format!("{cookie}; {tossed}"))],
        vec![("cookie", format!("{tossed}; {cookie}"))],
        vec![("cookie", format!("{cookie}; {cookie}"))],
        vec![("cookie", cookie.clone()), ("cookie", tossed.clone())],
    ];
    for headers in &rows {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = fixture.send(request("GET", "/account", &headers)).await;
        assert_eq!(answer.outcome(), "401 missing_credentials", "{headers:?}");
        answer.assert_ends_session("two");
        assert_eq!(fixture.send(request("GET", "/", &headers)).await.json(), json!({"id": null}));
    }
    assert_eq!((fixture.sessions.calls(), fixture.asked()), (calls, 0));
    assert_eq!(fixture.get("/account", &format!("a=b; {cookie}; c=d")).await.status, 200, "among others");
    assert_eq!(fixture.get("/account", &format!("x{cookie}")).await.status, 401, "of another name");
}

pub async fn atk_s11_a_planted_id_does_not_become_a_session<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let (browser, planted) = (Browser::default(), stranger());
    let (name, value) = planted.split_once('=').expect("a cookie");
    browser.put(name, value);
    fixture.log_in(&browser, "/auth/login", "alice").await.assert_redirect("the callback", "/");
    assert_ne!(browser.get(name).as_deref(), Some(value));
    assert_eq!(fixture.get("/account", &planted).await.status, 401);
    assert_eq!(fixture.ask(&browser, "/account").await.status, 200);
}

/// S01, S02: each login is a session of its own, and ends the one before it.
pub async fn atk_s02_the_session_before_ends_with_a_login<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let browser = fixture.logged_in("alice").await;
    for user in ["alice", "bob", "alice"] {
        let before = browser.cookie();
        fixture.log_in(&browser, "/auth/login?max_age=0", user).await.assert_redirect(user, "/");
        assert_ne!(browser.cookie(), before, "{user}");
        assert_eq!(fixture.get("/account", &before).await.outcome(), "401 missing_credentials", "{user}");
        assert_eq!(fixture.ask(&browser, "/account").await.json()["sub"], user);
        fixture.sessions.assert_rows(user, 1).await;
    }
}
