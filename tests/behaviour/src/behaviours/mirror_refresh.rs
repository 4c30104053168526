//! The mirror of the conformance suite over browser sessions: the Refresh plan.

use portcullis_testkit::{Endpoint, TokenKind};
use serde_json::json;

use crate::module::{Asked, Module};
use crate::web::WITH_REFRESH;
use crate::{ResponseMode, SessionKind, TestApp};

async fn with_refresh<A: TestApp, K: SessionKind, M: ResponseMode>() -> Module<A, K> {
    let module = Module::<A, K>::with::<M>(|guard| guard.scopes(WITH_REFRESH));
    module.log_in().await;
    module.fixture.provider.reset_counters();
    module
}

pub async fn conf_oidcc_client_test_refresh_token<A: TestApp, K: SessionKind, M: ResponseMode>() {
    let module = with_refresh::<A, K, M>().await;
    let (fixture, browser) = (&module.fixture, &module.browser);
    let before = fixture.open(browser, "/token").await.json();
    let refreshed = fixture.post(browser, "/refresh").await;
    assert_eq!(refreshed.json()["active"]["sub"], "alice");
    let after = fixture.open(browser, "/token").await.json();
    assert_ne!(before["secret"], after["secret"]);
    let asked = fixture.provider.received(Endpoint::UserInfo).pop().expect("userinfo was asked");
    let bearer = format!("Bearer {}", after["secret"].as_str().expect("a token"));
    assert!(asked.header("authorization") == Some(&bearer), "with the NEW access token");
    module.assert_asked("refreshed", Asked { discovery: 0, jwks: 0, token: 1, userinfo: 1 });
    fixture.sessions.assert_rows("refreshed", 1).await;
    // The provider rotates: the second time goes with the second refresh token.
    assert_eq!(fixture.post(browser, "/refresh").await.json()["active"]["sub"], "alice");
}

/// A refused refresh ends the session, whether a handler asked for it or it was due; userinfo is not asked after it.
async fn refused_refresh<A: TestApp, K: SessionKind, M: ResponseMode>(
    claim: &'static str,
    value: &'static str,
    reason: &str,
) {
    for is_due in [false, true] {
        let module = with_refresh::<A, K, M>().await;
        let (fixture, browser) = (&module.fixture, &module.browser);
        fixture.provider.token_fault(TokenKind::RefreshedIdToken, move |token| token.claim(claim, value));
        let answer = if is_due {
            fixture.after(300);
            let answer = fixture.open(browser, "/account").await;
            assert_eq!(answer.header("location"), Some("/auth/login?return_to=%2Faccount"), "{answer:?}");
            answer
        } else {
            let answer = fixture.post(browser, "/refresh").await;
            assert_eq!(answer.json(), json!({"active": null}));
            answer
        };
        answer.assert_ends_session(reason);
        assert!(!answer.text().contains("eyJ"));
        module.assert_logged(reason);
        assert_eq!(browser.names(""), [""; 0]);
        fixture.sessions.assert_rows(reason, 0).await;
        assert_eq!(fixture.open(browser, "/account").await.outcome(), "303");
        module.assert_asked(reason, Asked { discovery: 0, jwks: 0, token: 1, userinfo: 0 });
    }
}

pub async fn conf_oidcc_client_test_refresh_token_invalid_issuer<A: TestApp, K: SessionKind, M: ResponseMode>() {
    refused_refresh::<A, K, M>("iss", "https://evil.example/", "iss").await;
}

pub async fn conf_oidcc_client_test_refresh_token_invalid_sub<A: TestApp, K: SessionKind, M: ResponseMode>() {
    refused_refresh::<A, K, M>("sub", "alice-invalid", "sub").await;
}
