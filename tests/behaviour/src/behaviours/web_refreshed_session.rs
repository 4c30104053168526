//! A session that a handler refreshes.

use portcullis_testkit::{Endpoint, Fault};
use serde_json::{Value, json};

use crate::{SessionKind, TestApp, WebFixture};

fn counts<A: TestApp, K: SessionKind>(fixture: &WebFixture<A, K>) -> (usize, usize) {
    (fixture.token_requests(), fixture.provider.requests(Endpoint::UserInfo))
}

pub async fn new_tokens_and_new_claims<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::refreshing();
    let browser = fixture.logged_in("alice").await;
    fixture.provider.user("alice", json!({"email": "new@example.com"}));
    let answer = fixture.post(&browser, "/refresh").await;
    assert_eq!(answer.json()["active"]["email"], "new@example.com");
    assert_eq!(counts(&fixture), (1, 1));
    let next = fixture.ask(&browser, "/account").await.json();
    assert_eq!(next["email"], "new@example.com", "the session keeps them");
    assert_eq!(counts(&fixture), (1, 1));
    assert_eq!(fixture.post(&browser, "/refresh").await.json()["active"]["sub"], "alice");
    assert_eq!(counts(&fixture), (2, 2));
}

/// Where neither token says anything of permissions, the claims do: what was taken is gone with the claims asked anew.
pub async fn atk_t08_permissions_of_the_claims_follow_them<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::refreshing();
    let says = |permissions: Value| fixture.provider.user("alice", json!({"sub": "alice", "permissions": permissions}));
    says(json!(["castles:read", "castles:create"]));
    let browser = fixture.logged_in("alice").await;
    for permissions in [json!(["castles:read"]), json!([]), json!(["castles:create"])] {
        says(permissions.clone());
        assert_eq!(fixture.post(&browser, "/refresh").await.outcome(), "200");
        assert_eq!(fixture.ask(&browser, "/token").await.json()["permissions"], permissions);
    }
    fixture.provider.user("alice", json!({"sub": "alice"}));
    assert_eq!(fixture.post(&browser, "/refresh").await.outcome(), "200");
    assert_eq!(fixture.ask(&browser, "/token").await.json()["permissions"], json!([]), "unsaid is none");
}

pub async fn a_login_that_the_provider_has_ended<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::refreshing();
    let browser = fixture.logged_in("alice").await;
    let cookie = browser.cookie();
    fixture.provider.fault(Endpoint::Token, Fault::json(&json!({"error": "invalid_grant"})).and_status(400));
    let answer = fixture.post(&browser, "/refresh").await;
    assert_eq!(answer.json(), json!({"active": null}));
    answer.assert_ends_session("ended");
    assert_eq!(counts(&fixture), (1, 0));
    fixture.sessions.assert_rows("ended", 0).await;
    assert_eq!(fixture.get("/account", &cookie).await.status, 401);
}

pub async fn without_a_refresh_token_only_the_claims<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let browser = fixture.logged_in("alice").await;
    assert_eq!(fixture.post(&browser, "/refresh").await.json()["active"]["sub"], "alice");
    assert_eq!(counts(&fixture), (0, 1));
}

pub async fn a_provider_that_is_down_keeps_the_session<A: TestApp, K: SessionKind>() {
    for endpoint in [Endpoint::Token, Endpoint::UserInfo] {
        let fixture = WebFixture::<A, K>::refreshing();
        let browser = fixture.logged_in("alice").await;
        fixture.provider.fault(endpoint, Fault::status(503));
        let answer = fixture.ask(&browser, "/refresh").await;
        assert_eq!(answer.outcome(), "503 temporarily_unavailable", "{endpoint:?}");
        assert!(!browser.cookie().is_empty(), "{endpoint:?}");
        fixture.provider.heal(endpoint);
        assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "200", "{endpoint:?}");
        assert_eq!(fixture.post(&browser, "/refresh").await.outcome(), "200", "{endpoint:?}");
    }
}

pub async fn nobody_has_no_session_to_refresh<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let answer = fixture.get("/refresh", "a=b").await;
    assert_eq!((answer.outcome().as_str(), fixture.asked()), ("401 missing_credentials", 0));
}
