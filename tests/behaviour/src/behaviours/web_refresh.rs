//! New tokens for a session whose access token is about to die.

use portcullis_testkit::{Endpoint, Fault, TestProvider, TokenKind};
use serde_json::{Value, json};

use crate::web::{AUDIENCE, LIFE, WITH_REFRESH};
use crate::{Browser, SessionKind, TestApp, WebFixture};

const DUE: u64 = LIFE - 60;

fn has(token: &Value, list: &str, wanted: &str) -> bool {
    token[list].as_array().expect("a list").iter().any(|name| name == wanted)
}

fn without_rotation<A: TestApp, K: SessionKind>() -> WebFixture<A, K> {
    let fixture = WebFixture::refreshing();
    fixture.provider.client(TestProvider::CLIENT_ID).refresh_token_rotation(false).register();
    fixture
}

/// Refused: the session is over, and nobody asks for it again.
async fn assert_ends<A: TestApp, K: SessionKind>(fixture: &WebFixture<A, K>, browser: &Browser) {
    let before = browser.cookie();
    fixture.after(DUE);
    let answer = fixture.ask(browser, "/account").await;
    assert_eq!(answer.outcome(), "401 missing_credentials");
    answer.assert_ends_session("refused");
    fixture.sessions.assert_rows("refused", 0).await;
    assert_eq!(fixture.token_requests(), 1);
    for cookie in [browser.cookie(), before] {
        assert_eq!(fixture.get("/", &cookie).await.json(), json!({"id": null}), "the old cookie too is nobody's");
    }
    assert_eq!(fixture.token_requests(), 1, "nobody asks for a session that has ended");
}

pub async fn atk_t06_due_at_the_exact_second<A: TestApp, K: SessionKind>() {
    for (age, requests) in [(DUE - 1, 0), (DUE, 1), (LIFE, 1), (LIFE + 1000, 1)] {
        let fixture = WebFixture::<A, K>::refreshing();
        let browser = fixture.logged_in("alice").await;
        fixture.after(age);
        assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "200", "{age}");
        assert_eq!((fixture.token_requests(), fixture.provider.requests(Endpoint::UserInfo)), (requests, 0), "{age}");
        assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "200", "{age}");
        assert_eq!(fixture.token_requests(), requests, "{age}: not again");
    }
}

pub async fn without_a_refresh_token_the_facts_of_the_login_stay<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let browser = fixture.logged_in("alice").await;
    fixture.after(LIFE + 1000);
    assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "200");
    assert_eq!(fixture.asked(), 0);
}

/// Core 12.2: a refreshed ID token keeps `auth_time`; one with an earlier one is refused, never believed.
pub async fn atk_t08_facts_after_a_refresh<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::refreshing();
    let browser = fixture.logged_in("alice").await;
    fixture.provider.token_fault(TokenKind::RefreshedIdToken, |token| token.acr("9").auth_time(1));
    assert_ends(&fixture, &browser).await;
}

pub async fn atk_t08_acr_and_time_of_the_login_stay<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::refreshing();
    let login = fixture.clock.unix();
    let browser = fixture.logged_in("alice").await;
    let before = fixture.ask(&browser, "/token").await.json();
    fixture.provider.token_fault(TokenKind::RefreshedIdToken, move |token| token.acr("9").auth_time(login + 5));
    fixture.after(DUE);
    let token = fixture.ask(&browser, "/token").await.json();
    assert_eq!((token["acr"].as_str(), token["auth_time"].as_u64()), (Some("1"), Some(login)));
    assert_eq!(fixture.token_requests(), 1);
    assert_eq!(token["expires_at"], fixture.clock.unix() + LIFE);
    assert_ne!(token["secret"], before["secret"]);
}

pub async fn atk_t08_scopes_follow_and_stay_where_nothing_is_said<A: TestApp, K: SessionKind>() {
    for (scope, has_email) in [(json!("openid"), false), (json!(null), true)] {
        let fixture = WebFixture::<A, K>::refreshing();
        let browser = fixture.logged_in("alice").await;
        let answered = scope.clone();
        let patch = move |answer: &mut Value| {
            answer.as_object_mut().map(|answer| answer.remove("scope"));
            if !answered.is_null() {
                answer["scope"] = answered.clone();
            }
        };
        fixture.provider.fault(Endpoint::Token, Fault::patch(patch));
        fixture.after(DUE);
        for when in ["refreshed", "kept"] {
            let token = fixture.ask(&browser, "/token").await.json();
            assert_eq!(
                (has(&token, "scope", "email"), has(&token, "scope", "openid")),
                (has_email, true),
                "{when} {scope}"
            );
        }
    }
}

pub async fn atk_t08_permissions_follow_the_new_tokens<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::with(|guard| guard.audience(AUDIENCE).scopes(WITH_REFRESH));
    fixture.provider.client(TestProvider::CLIENT_ID).audience(AUDIENCE).register();
    let browser = fixture.logged_in("alice").await;
    assert!(has(&fixture.ask(&browser, "/token").await.json(), "permissions", "castles:create"));
    fixture.provider.grant("alice", ["castles:read"]);
    fixture.after(DUE);
    let token = fixture.ask(&browser, "/token").await.json();
    assert_eq!(fixture.token_requests(), 1);
    assert!(has(&token, "permissions", "castles:read"));
    assert!(!has(&token, "permissions", "castles:create"), "what was taken is gone");
}

pub async fn atk_t07_a_refused_refresh_ends_the_session<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::refreshing();
    let browser = fixture.logged_in("alice").await;
    fixture.provider.fault_times(Endpoint::Token, 1, Fault::json(&json!({"error": "invalid_grant"})).and_status(400));
    assert_ends(&fixture, &browser).await;
}

pub async fn atk_t07_an_outage_keeps_the_session_until_the_access_token_dies<A: TestApp, K: SessionKind>() {
    // The provider acts before its answer is broken: a rotated refresh token would be lost with the answer.
    for (name, fault) in
        [("503", Fault::status(503)), ("closed", Fault::close()), ("429", Fault::status(429)), ("page", Fault::html())]
    {
        let fixture = without_rotation::<A, K>();
        let browser = fixture.logged_in("alice").await;
        fixture.provider.fault(Endpoint::Token, fault);
        fixture.after(LIFE - 1);
        assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "200", "{name}");
        fixture.after(1);
        let dead = fixture.ask(&browser, "/account").await;
        assert_eq!(dead.outcome(), "503 temporarily_unavailable", "{name}");
        assert!(dead.cookies().is_empty() && dead.header("retry-after").is_some(), "{name}");
        assert_eq!(fixture.ask(&browser, "/").await.status, 503, "{name}: never anonymous");
        fixture.sessions.assert_rows(name, 1).await;
        fixture.provider.heal(Endpoint::Token);
        assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "200", "{name}: recovered");
    }
}

/// The whole provider is gone: who is signed in stays so until the access token dies, also where nothing can be refreshed.
pub async fn p12_sessions_outlive_an_outage<A: TestApp, K: SessionKind>() {
    let everything = [Endpoint::Discovery, Endpoint::Jwks, Endpoint::Token, Endpoint::UserInfo];
    for refreshes in [true, false] {
        let fixture = if refreshes { without_rotation::<A, K>() } else { WebFixture::<A, K>::new() };
        let browser = fixture.logged_in("alice").await;
        everything.iter().for_each(|endpoint| fixture.provider.fault(*endpoint, Fault::close()));
        for _ in 0..5 {
            fixture.after((LIFE - 60) / 5);
            assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "200");
        }
        fixture.after(60);
        let dead = fixture.ask(&browser, "/account").await.outcome();
        assert_eq!(dead, if refreshes { "503 temporarily_unavailable" } else { "200" });
        everything.iter().for_each(|endpoint| fixture.provider.heal(*endpoint));
        // A failed refresh is not tried again within the same second.
        fixture.after(1);
        assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "200", "nothing was lost");
    }
}

pub async fn atk_t06_another_users_id_token_ends_the_session<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::refreshing();
    let browser = fixture.logged_in("alice").await;
    fixture.provider.token_fault(TokenKind::RefreshedIdToken, |token| token.claim("sub", "bob"));
    assert_ends(&fixture, &browser).await;
}

pub async fn a_provider_that_does_not_rotate<A: TestApp, K: SessionKind>() {
    let fixture = without_rotation::<A, K>();
    let browser = fixture.logged_in("alice").await;
    for round in 1..=3 {
        fixture.after(DUE);
        assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "200");
        assert_eq!(fixture.token_requests(), round);
    }
}
