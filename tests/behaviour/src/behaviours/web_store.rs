//! Sessions behind a store: what it gets to see, and what becomes of requests when it fails.

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use portcullis::{Head, SessionStore, StoredSession};

use crate::web::{Memory, SESSION, SessionKind, request, seconds};
use crate::{Browser, TestApp, WebFixture};

type Fixture<A> = WebFixture<A, Memory>;

fn id_of(cookie: &str) -> &str {
    cookie.split_once('=').expect("a cookie").1
}

pub async fn atk_s11_ids_have_256_bits_and_are_new_at_each_login<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let browser = Browser::default();
    let mut seen = BTreeSet::new();
    for _ in 0..4 {
        let before = browser.cookie();
        fixture.log_in(&browser, "/auth/login", "alice").await.assert_redirect("the callback", "/");
        let id = BASE64_URL_SAFE_NO_PAD.decode(id_of(&browser.cookie())).expect("base64url");
        assert_eq!(id.len(), 32);
        assert!(seen.insert(id), "used twice");
        assert_eq!(fixture.get("/account", &before).await.status, 401, "the earlier session has ended");
    }
}

pub async fn atk_s12_a_store_sees_nothing_in_clear<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let cookie = fixture.session().await;
    let token = fixture.get("/token", &cookie).await.json();
    let (key, row) = fixture.sessions.written().pop().expect("a session");
    let shown = serde_json::to_string(&row).expect("JSON");
    let seen = format!("{} {shown}", String::from_utf8_lossy(row.sealed()));
    let (access_token, id) = (token["secret"].as_str().expect("a token"), id_of(&cookie));
    for secret in [access_token, id, "alice", "Liddell", "eyJ", "castles", "openid", &fixture.provider.issuer()] {
        assert!(!seen.contains(secret), "{secret} in {seen}");
        for decoded in [BASE64_URL_SAFE_NO_PAD.decode(row.sealed()).unwrap_or_default(), row.sealed().to_vec()] {
            assert!(!decoded.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret}");
        }
    }
    assert_ne!(key.to_string(), id);
    assert!(!format!("{key} {key:?}").contains(id));
    assert!(!row.indexes().is_empty());
    assert_eq!(row.version(), 1);
    let page = request("GET", "/", &[("cookie", &cookie)]);
    let debug = format!("{:?} {:?}", fixture.guard, fixture.guard.attempt(&Head::of(&page)));
    assert!(!debug.contains(id), "{debug}");
}

pub async fn atk_p09_a_store_that_is_down_is_503_for_everybody<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let cookie = fixture.session().await;
    fixture.sessions.set_down(true);
    let script = [("cookie", cookie.as_str())];
    let person = [script[0], ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    for path in ["/account", "/token", "/", "/if-present", "/enforced", "/group/plain", "/refresh", "/no/such/page"] {
        let told = fixture.send(request("GET", path, &script)).await;
        assert_eq!(
            (told.status.as_u16(), &*told.body),
            (503, &br#"{"error":"temporarily_unavailable"}"#[..]),
            "{path}"
        );
        for answer in [told, fixture.send(request("GET", path, &person)).await] {
            assert_eq!(answer.status, 503, "{path}: never anonymous");
            assert!(answer.header("retry-after").is_some() && answer.header("location").is_none(), "{path}");
            assert!(answer.cookies().is_empty(), "{path}: the session is not thrown away");
            assert!(!answer.text().contains("login_url") && !answer.text().contains("alice"), "{path}: {answer:?}");
        }
    }
    let calls = fixture.sessions.calls();
    assert_eq!(fixture.send(request("GET", "/account", &[])).await.status, 401, "without a cookie nobody asks it");
    assert_eq!((fixture.sessions.calls(), fixture.asked()), (calls, 0));
    fixture.sessions.set_down(false);
    assert_eq!(fixture.send(request("GET", "/account", &person)).await.outcome(), "200");
}

pub async fn atk_p09_no_cookie_where_the_session_could_not_be_stored<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    fixture.sessions.set_down(true);
    fixture.log_in(&Browser::default(), "/auth/login", "alice").await.assert_page("store down", 503);
    assert!(fixture.sessions.written().is_empty());
}

pub async fn atk_s12_a_row_under_another_key_or_changed_is_no_session<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let cookie = fixture.session().await;
    let (key, row) = fixture.sessions.written().pop().expect("a session");
    let mut sealed = row.sealed().to_vec();
    *sealed.last_mut().expect("bytes") ^= 1;
    let changed = StoredSession::new(sealed, row.version(), row.expires_at(), row.indexes().to_vec());
    assert!(fixture.sessions.replace(&key, changed, row.version()).await.expect("memory does not fail"));
    assert_eq!(fixture.get("/account", &cookie).await.outcome(), "503 temporarily_unavailable");
    assert_eq!(fixture.get("/", &cookie).await.status, 503, "never anonymous");

    // The right bytes, but another session's.
    let other = fixture.logged_in("bob").await.cookie();
    let (other_key, now) = fixture.sessions.written().pop().expect("a session");
    assert!(fixture.sessions.replace(&other_key, row, now.version()).await.expect("memory does not fail"));
    assert_eq!(fixture.get("/account", &other).await.outcome(), "503 temporarily_unavailable");
}

pub async fn a_write_happens_seldom<A: TestApp>() {
    let fixture = Fixture::<A>::with(|guard| guard.session_limits(seconds(1000), seconds(5000)));
    let cookie = fixture.session().await;
    for _ in 0..20 {
        fixture.after(2);
        fixture.get("/account", &cookie).await.assert_ok("in use");
    }
    assert_eq!(fixture.sessions.written().len(), 1, "the login alone: less than a twentieth of the limit has passed");
    fixture.after(10);
    fixture.get("/account", &cookie).await.assert_ok("in use");
    assert_eq!(fixture.sessions.written().len(), 2);
}

/// The cookie of a session behind a store says nothing but which one it is: it is set once.
pub async fn a_request_sets_no_cookie<A: TestApp>() {
    let fixture = Fixture::<A>::with(|guard| guard.scopes(crate::web::WITH_REFRESH));
    let cookie = fixture.session().await;
    assert!(cookie.starts_with(&format!("{SESSION}=")) && !cookie.contains(';'), "{}", cookie.len());
    for path in ["/account", "/token", "/", "/refresh", "/group/plain", "/fails"] {
        assert!(fixture.get(path, &cookie).await.cookies().is_empty(), "{path}");
        fixture.after(crate::web::LIFE);
    }
}
