//! What a session tells, and whom it asks for that: nobody.

use portcullis_testkit::Endpoint;

use crate::web::{AUDIENCE, LIFE};
use crate::{SessionKind, TestApp, WebFixture};

pub async fn while_the_access_token_lives_nobody_is_asked<A: TestApp, K: SessionKind>() {
    for fixture in [WebFixture::<A, K>::refreshing(), WebFixture::new()] {
        let browser = fixture.logged_in("alice").await;
        for _ in 0..2 {
            let user = fixture.ask(&browser, "/account").await.json();
            assert_eq!((user["sub"].as_str(), user["email"].as_str()), (Some("alice"), Some("alice@example.com")));
            for path in ["/token", "/", "/if-present", "/three"] {
                assert_eq!(fixture.ask(&browser, path).await.json()["id"], "alice", "{path}");
            }
            fixture.after((LIFE - 61) / 2);
        }
        assert_eq!(fixture.asked(), 0);
    }
}

pub async fn the_token_of_a_session<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::with(|guard| guard.audience(AUDIENCE).scopes(crate::web::WITH_REFRESH));
    let login = fixture.clock.unix();
    let token = fixture.get("/token", &fixture.session().await).await.json();
    assert_eq!((token["issuer"].as_str(), token["id"].as_str()), (Some(&*fixture.provider.issuer()), Some("alice")));
    assert_eq!(token["client"], false);
    assert_eq!((token["acr"].as_str(), token["auth_time"].as_u64()), (Some("1"), Some(login)));
    assert_eq!(token["expires_at"], login + LIFE);
    let has = |list: &str, wanted| token[list].as_array().expect("a list").iter().any(|name| name == wanted);
    assert!(has("scope", "email") && has("scope", "offline_access") && !has("scope", "phone"));
    assert!(has("permissions", "castles:read") && !has("permissions", "castles:never"));
    let (debug, secret) = (token["debug"].as_str().expect("text"), token["secret"].as_str().expect("a token"));
    assert!(!debug.contains(secret));
}

pub async fn requirements_on_a_session<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::with(|guard| guard.audience(AUDIENCE));
    let cookie = fixture.session().await;
    for (path, expected) in [
        ("/castles", "200"),
        ("/mail", "200"),
        ("/strong", "200"),
        ("/recent", "200"),
        ("/never", "403 missing_permission"),
        ("/scoped", "403 insufficient_scope"),
        ("/optional/never", "403 missing_permission"),
        ("/silver", "401 insufficient_user_authentication"),
    ] {
        assert_eq!(fixture.get(path, &cookie).await.outcome(), expected, "{path}");
    }
    fixture.after(361);
    let old = fixture.get("/recent", &cookie).await;
    assert_eq!(old.outcome(), "401 insufficient_user_authentication");
    assert!(old.cookies().is_empty(), "the session goes on");
    assert!(old.challenge().is_some_and(|challenge| challenge.contains("max_age=\"300\"")), "{old:?}");
    assert_eq!(fixture.asked(), 0, "a refusal asks nobody");
}

pub async fn fresh_claims_are_asked_once<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let cookie = fixture.session().await;
    assert_eq!(fixture.get("/fresh", &cookie).await.outcome(), "200");
    assert_eq!((fixture.provider.requests(Endpoint::UserInfo), fixture.asked()), (1, 1));
    assert_eq!(fixture.get("/fresh/never", &cookie).await.status, 403);
    assert_eq!(fixture.asked(), 1, "who is refused asks nobody");
}

pub async fn permissions_come_from_the_access_token_where_that_validates<A: TestApp, K: SessionKind>() {
    let ours = WebFixture::<A, K>::with(|guard| guard.audience(AUDIENCE));
    let others = WebFixture::<A, K>::with(|guard| guard.audience("https://another.example.com"));
    for (fixture, expected) in [(ours, "200"), (others, "403 missing_permission")] {
        assert_eq!(fixture.get("/castles", &fixture.session().await).await.outcome(), expected);
    }
}

pub async fn one_request_opens_the_session_once<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let cookie = fixture.session().await;
    let calls = fixture.sessions.calls();
    assert_eq!(fixture.get("/account", &cookie).await.outcome(), "200");
    let one = fixture.sessions.calls() - calls;
    assert!(one <= 1);
    for path in ["/three", "/nested/inner/account"] {
        let calls = fixture.sessions.calls();
        assert_eq!(fixture.get(path, &cookie).await.outcome(), "200", "{path}");
        assert_eq!(fixture.sessions.calls() - calls, one, "{path}");
    }
}
