//! Each known weakness of the Python Fief client, by its number in `docs/parity.md`: shown to be absent here.

use std::time::Duration;

use portcullis::InvalidToken::{
    self, Audience, Claim, Expired, IdToken, Issuer, NotYetValid, Signature, Type, UnknownKey,
};
use portcullis::{AuthError, Guard, OAuthError, Profile, ProviderErrorKind};
use portcullis_testkit::{Algorithm, Endpoint, Fault, SigningKey, TestProvider};
use serde_json::json;

use crate::api::Api;
use crate::support::{Login, invalid, parameter};

#[tokio::test]
async fn weakness_01_and_02_tokens_of_another_issuer_or_client() {
    let api = Api::new();
    assert!(api.admits(&api.token().mint()).await.is_ok());
    let other_client = api.token().client_id("other-app");
    api.refuses("issuer", &api.token().claim("iss", "https://other.example").mint(), Issuer).await;
    api.refuses("no issuer", &api.token().without("iss").mint(), Issuer).await;
    api.refuses("another client of the tenant", &other_client.mint(), Audience).await;
    api.refuses("no audience", &api.token().without("aud").mint(), Audience).await;
    let mut ours = Login::new();
    ours.server.id_token_fault(|token| token.claim("aud", json!(["other-app"])).claim("azp", "other-app"));
    assert_eq!(ours.refusal().await, invalid(Audience));
    ours = Login::new();
    ours.server.id_token_fault(|token| token.claim("azp", "other-app"));
    assert_eq!(ours.refusal().await, invalid(InvalidToken::AuthorizedParty));
}

#[tokio::test]
async fn weakness_03_state_nonce_and_pkce_are_made_and_checked_without_being_asked_for() {
    let login = Login::with(|builder| builder.profile(Profile::FIEF));
    let begun = login.begin().await;
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(parameter(&begun.url, name).unwrap().len(), 43, "{name}");
    }
    assert!(!begun.transaction.matches_state("another"));
    login.server.id_token_fault(|token| token.nonce("another"));
    assert_eq!(login.finish(&begun).await.unwrap_err().kind(), invalid(InvalidToken::Nonce));
}

#[tokio::test]
async fn weakness_04_lifetimes_are_required_and_checked() {
    let api = Api::new();
    api.refuses("no exp", &api.token().without("exp").mint(), Claim("exp")).await;
    api.refuses("no iat", &api.token().without("iat").mint(), Claim("iat")).await;
    api.refuses("expired", &api.token().expires_in(-60).mint(), Expired).await;
    api.refuses("of tomorrow", &api.token().claim("iat", 9_999_999_999_u64).mint(), NotYetValid).await;
    let guard = Guard::api(api.server.issuer(), "app").profile(Profile::FIEF).leeway(Duration::ZERO);
    let guard = guard.http_client(api.server.http_client()).clock(api.server.clock()).build().unwrap();
    let strict = Api { guard, server: api.server };
    strict.refuses("the leeway is a setting", &strict.token().expires_in(0).mint(), Expired).await;
}

#[tokio::test]
async fn weakness_05_access_and_id_tokens_are_told_apart() {
    let api = Api::new();
    let id_token = api.token().id_token();
    // The `scope` that Fief's ID tokens lack is all that keeps them out in Python.
    api.refuses("ID token", &id_token.clone().claim("scope", "openid").mint(), IdToken).await;
    api.refuses("another typ", &api.token().typ("logout+jwt").mint(), Type).await;
    assert!(api.admits(&id_token.mint()).await.is_err());
    let login = Login::new();
    let access_token = login.server.token().user("alice").audience("app").mint();
    let swapped = Fault::patch(move |answer| answer["id_token"] = json!(access_token));
    login.server.fault(Endpoint::Token, swapped);
    assert_eq!(login.refusal().await, invalid(Type));
}

#[tokio::test]
async fn weakness_06_new_keys_are_found_and_strangers_cost_little() {
    let api = Api::new();
    let old = api.token().mint();
    assert!(api.admits(&old).await.is_ok());
    api.server.rotate_keys();
    assert!(api.admits(&api.token().mint()).await.is_ok(), "without a restart");
    api.refuses("the withdrawn key", &old, UnknownKey).await;
    api.refuses("unknown kid", &api.token().header("kid", "unknown").mint(), UnknownKey).await;
    let foreign = SigningKey::generate(Algorithm::Rs256);
    let nameless = api.token().sign_with(foreign).without_header("kid").mint();
    api.refuses("no kid, no key of ours", &nameless, Signature).await;
    assert!(api.server.requests(Endpoint::Jwks) <= 5, "{}", api.server.requests(Endpoint::Jwks));
}

#[tokio::test]
async fn weakness_07_an_error_at_discovery_is_not_kept() {
    let api = Api::new();
    let token = api.token().mint();
    let detail = json!({"detail": "CANT_DETERMINE_VALID_WORKSPACE"});
    api.server.fault(Endpoint::Discovery, Fault::json(&detail).and_status(400));
    assert!(matches!(api.admits(&token).await, Err(AuthError::Unavailable(_))));
    api.server.fault(Endpoint::Discovery, Fault::json(&detail));
    api.server.clock().advance(Duration::from_secs(2));
    assert!(matches!(api.admits(&token).await, Err(AuthError::Unavailable(_))), "nor one that says 200");
    api.server.heal(Endpoint::Discovery);
    api.server.clock().advance(Duration::from_secs(2));
    assert!(api.admits(&token).await.is_ok());
}

#[tokio::test]
async fn weakness_08_addresses_of_any_form() {
    for path in ["", "/", "/tenant", "/tenant/"] {
        let login = Login::at(TestProvider::builder().issuer_path(path).in_memory(), |builder| builder);
        login.whole().await.unwrap();
        let logout = login.provider.end_session_url().build().await.unwrap().unwrap();
        assert!(!logout.trim_start_matches("https://").contains("//"), "{logout}");
        assert!(!login.last(Endpoint::UserInfo).path.contains("//"), "{path}");
        login.asked();
    }
    let elsewhere = Login::new();
    elsewhere.server.set_metadata(|document| document["userinfo_endpoint"] = json!("https://elsewhere.example/me"));
    let tokens = elsewhere.tokens().await;
    let error = elsewhere.user_info(&tokens).await.unwrap_err();
    assert!(matches!(error.kind(), ProviderErrorKind::Transport(_)), "memory reaches one provider only");
    assert!(elsewhere.server.unexpected().iter().all(|request| request.path == "https://elsewhere.example/me"));
}

#[tokio::test]
async fn weakness_09_claims_of_another_type_are_typed_errors() {
    let api = Api::new();
    let scope = api.token().claim("scope", json!(["openid", "castles"])).mint();
    assert!(matches!(api.admits(&scope).await, Err(AuthError::InvalidToken(_))), "scope as a list");
    let permissions = api.token().claim("permissions", "castles:read castles:create").mint();
    api.refuses("permissions as text", &permissions, Claim("permissions")).await;
    let login = Login::new();
    login.server.fault(Endpoint::Token, Fault::patch(|answer| answer["id_token"] = json!("garbage")));
    assert_eq!(login.refusal().await, invalid(InvalidToken::Malformed("token_parts")));
    let login = Login::new();
    let absent = |answer: &mut serde_json::Value| drop(answer.as_object_mut().unwrap().remove("id_token"));
    login.server.fault(Endpoint::Token, Fault::patch(absent));
    assert_eq!(login.refusal().await, ProviderErrorKind::Unusable("no_id_token"));
}

#[tokio::test]
async fn weakness_10_a_subject_is_any_text() {
    let api = Api::new();
    for subject in ["alice", "42", "7f8a6c1e-0000-4000-8000-000000000001", "auth0|5f7c8ec7", "émile"] {
        let token = api.server.token().subject(subject).fief().mint();
        assert_eq!(api.admits(&token).await.unwrap().subject(), subject);
    }
}

#[tokio::test]
async fn weakness_11_every_algorithm_that_the_provider_may_use() {
    for algorithm in Algorithm::ALL {
        let api = Api::at(TestProvider::builder().algorithms([algorithm]).in_memory());
        assert!(api.admits(&api.token().mint()).await.is_ok(), "{}", algorithm.name());
        assert!(api.admits(&api.token().unsigned().mint()).await.is_err());
        assert!(api.admits(&api.token().hmac("a public key").mint()).await.is_err());
    }
}

#[tokio::test]
async fn weakness_12_a_deleted_user_is_not_served_for_ever() {
    let api = Api::new();
    let token = api.token().claim("exp", 9_999_999_999_u64).mint();
    assert!(api.current_user(&token).await.is_ok());
    api.server.revoke(&token);
    assert!(api.current_user(&token).await.is_ok(), "for five minutes");
    api.server.clock().advance(Duration::from_secs(301));
    let refused = api.current_user(&token).await;
    assert!(matches!(refused, Err(AuthError::InvalidToken(InvalidToken::Refused))), "{refused:?}");
}

#[tokio::test]
async fn weakness_13_what_the_provider_refuses_is_no_crash() {
    let api = Api::new();
    let token = api.token().mint();
    api.server.revoke(&token);
    let refused = api.current_user(&token).await.unwrap_err();
    assert_eq!(refused.status().as_u16(), 401, "revoked");
    let api = Api::new();
    api.server.fault(Endpoint::UserInfo, Fault::body("text/plain", "Internal Server Error").and_status(500));
    let broken = api.current_user(&api.token().mint()).await.unwrap_err();
    assert_eq!(broken.status().as_u16(), 503, "Fief's answer about a deleted user");
    let login = Login::new();
    let begun = login.begin().await;
    let code = login.code(&begun).await;
    assert!(login.provider.exchange_code(&code, &begun.transaction).await.is_ok());
    let replayed = login.provider.exchange_code(&code, &begun.transaction).await.unwrap_err();
    assert_eq!(replayed.kind(), ProviderErrorKind::Refused(OAuthError::InvalidGrant));
}

#[tokio::test]
async fn weakness_18_the_subjects_are_compared() {
    let login = Login::with(|builder| builder.profile(Profile::FIEF));
    login.server.client(TestProvider::CLIENT_ID).fief().register();
    assert!(login.whole().await.is_ok());
    let login = Login::with(|builder| builder.profile(Profile::FIEF));
    login.server.user("alice", json!({"sub": "bob"}));
    assert_eq!(login.whole().await.unwrap_err().kind(), ProviderErrorKind::Unusable("subject_mismatch"));
}
