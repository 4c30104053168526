//! What the provider says about the user, as JSON and as a signed JWT.

use bytes::Bytes;
use portcullis::transport::HttpErrorKind;
use portcullis::{ProviderEndpoint, ProviderErrorKind, Secret};
use portcullis_testkit::{Algorithm, Endpoint, Fault, SigningKey, TestProvider, TokenBuilder, TokenKind};
use serde_json::json;

use crate::support::{Asked, Login};

fn signed() -> Login {
    let login = Login::at(TestProvider::builder().algorithms([Algorithm::Es256]).in_memory(), |builder| builder);
    login.server.client(TestProvider::CLIENT_ID).userinfo_alg("RS256").register();
    login
}

/// A login up to userinfo, whose answer is then refused: asked once, and the login has nothing of it.
async fn refusal(login: &Login) -> ProviderErrorKind {
    let tokens = login.tokens().await;
    let error = login.user_info(&tokens).await.unwrap_err();
    assert_eq!(error.endpoint(), ProviderEndpoint::UserInfo);
    assert_eq!((login.asked().token, login.asked().userinfo), (1, 1), "after {:?}", error.kind());
    error.kind()
}

#[tokio::test]
async fn claims_follow_the_scopes() {
    let login = Login::with(|builder| builder.scopes(["openid", "email"]));
    let user = login.whole().await.unwrap();
    assert_eq!((user.email(), user.email_verified()), (Some("alice@example.com"), true));
    assert_eq!((user.name(), user.phone_number()), (None, None));
    let request = login.last(Endpoint::UserInfo);
    assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/userinfo"), "never in the query");
    assert!(request.header("authorization").unwrap().starts_with("Bearer "));
    assert!(request.body.is_empty());
}

#[tokio::test]
async fn atk_c12_a_signed_answer() {
    let login = signed();
    let user = login.whole().await.unwrap();
    assert_eq!((user.subject(), user.name()), ("alice", Some("Alice Liddell")));
    assert_eq!(login.asked(), Asked { discovery: 1, jwks: 1, token: 1, userinfo: 1 });
}

#[tokio::test]
async fn atk_c12_signed_answers_that_are_refused() {
    type Change = fn(TokenBuilder) -> TokenBuilder;
    let rows: [(&str, Change, &str); 14] = [
        ("unsigned", |token| token.unsigned(), "signature_empty"),
        ("says none", |token| token.header("alg", "none"), "alg_not_allowed"),
        ("public key as secret", |token| token.hmac("a public key of the provider"), "alg_not_allowed"),
        ("corrupt", |token| token.corrupt_signature(), "signature"),
        ("foreign key", |token| token.sign_with(SigningKey::generate(Algorithm::Es256)), "unknown_key"),
        ("other audience", |token| token.claim("aud", "other"), "aud"),
        ("no audience", |token| token.without("aud"), "aud"),
        ("one more audience", |token| token.claim("aud", json!(["app", "evil"])), "aud"),
        ("other issuer", |token| token.claim("iss", "https://evil.example"), "iss"),
        ("no issuer", |token| token.without("iss"), "iss"),
        ("an access token", |token| token.typ("at+jwt"), "typ"),
        ("other subject", |token| token.claim("sub", "bob"), "subject_mismatch"),
        ("no subject", |token| token.without("sub"), "no_subject"),
        ("a list", |token| token.raw_payload("[1]"), "payload_json"),
    ];
    for (name, change, reason) in rows {
        let login = signed();
        login.server.token_fault(TokenKind::UserInfo, change);
        assert_eq!(refusal(&login).await, ProviderErrorKind::Unusable(reason), "{name}");
    }
}

#[tokio::test]
async fn atk_c12_a_signed_answer_that_has_expired() {
    let login = signed();
    login.server.token_fault(TokenKind::UserInfo, |token| token.claim("exp", 1_000_000_000));
    assert_eq!(refusal(&login).await, ProviderErrorKind::Unusable("expired"));
}

#[tokio::test]
async fn atk_c12_answers_that_are_no_claims_of_this_user() {
    let rows = [
        ("a list", Fault::body("application/json", r#"[{"sub":"alice"}]"#), "not_a_json_object"),
        ("text", Fault::body("application/json", r#""alice""#), "not_a_json_object"),
        ("doubled subject", Fault::body("application/json", r#"{"sub":"alice","sub":"bob"}"#), "not_a_json_object"),
        ("truncated", Fault::truncated(), "not_a_json_object"),
        ("empty", Fault::empty(), "not_a_json_object"),
        ("a page", Fault::html(), "content_type"),
        ("no subject", Fault::json(&json!({"email": "alice@example.com"})), "no_subject"),
        ("empty subject", Fault::json(&json!({"sub": ""})), "no_subject"),
        ("number as subject", Fault::json(&json!({"sub": 7})), "no_subject"),
        ("list as subject", Fault::json(&json!({"sub": ["alice"]})), "no_subject"),
        ("other subject", Fault::json(&json!({"sub": "bob"})), "subject_mismatch"),
        ("case of the subject", Fault::json(&json!({"sub": "Alice"})), "subject_mismatch"),
        ("a JWT that is none", Fault::body("application/jwt", "no.jwt"), "token_parts"),
        ("bytes as JWT", Fault::body("application/jwt", Bytes::from_static(b"\xff\xfe")), "not_a_jwt"),
        ("JSON as JWT", Fault::body("application/jwt", r#"{"sub":"alice"}"#), "token_characters"),
    ];
    for (name, fault, reason) in rows {
        let login = Login::new();
        login.server.fault(Endpoint::UserInfo, fault);
        assert_eq!(refusal(&login).await, ProviderErrorKind::Unusable(reason), "{name}");
    }
}

#[tokio::test]
async fn atk_c12_an_answer_of_five_megabytes() {
    for fault in [Fault::oversized(5 << 20), Fault::endless()] {
        let login = Login::new();
        login.server.fault(Endpoint::UserInfo, fault);
        assert_eq!(refusal(&login).await, ProviderErrorKind::Transport(HttpErrorKind::TooLarge));
    }
}

#[tokio::test]
async fn a_token_that_the_provider_refuses() {
    let login = Login::new();
    let tokens = login.tokens().await;
    login.server.revoke(tokens.access_token().expose());
    let error = login.user_info(&tokens).await.unwrap_err();
    assert_eq!(error.kind(), ProviderErrorKind::Status(401));
    assert!(!error.is_transient());
    let machine = login.server.token().subject("alice").mint();
    login.server.fault(Endpoint::UserInfo, Fault::status(403));
    let error = login.provider.user_info(&Secret::from(machine), "alice").await.unwrap_err();
    assert_eq!(error.kind(), ProviderErrorKind::Status(403));
    assert_eq!(login.asked().userinfo, 2, "no second try after a no");
}

#[tokio::test]
async fn a_provider_in_trouble_is_asked_twice() {
    let login = Login::new();
    let tokens = login.tokens().await;
    login.server.fault(Endpoint::UserInfo, Fault::status(500));
    let error = login.user_info(&tokens).await.unwrap_err();
    assert_eq!((error.kind(), error.is_transient()), (ProviderErrorKind::Status(500), true));
    assert_eq!(login.asked().userinfo, 2, "a question without effect may be repeated, once");
}

#[tokio::test]
async fn a_provider_without_userinfo_is_not_asked() {
    let login = Login::new();
    login.server.set_metadata(|document| document["userinfo_endpoint"] = json!(null));
    let error = login.whole().await.unwrap_err();
    assert_eq!(error.kind(), ProviderErrorKind::Unusable("no_userinfo_endpoint"));
    assert_eq!(login.asked().userinfo, 0);
}

#[tokio::test]
async fn atk_c15_distributed_claims_are_not_fetched() {
    let login = Login::new();
    let claims = json!({
        "_claim_names": {"credit_score": "bank"},
        "_claim_sources": {"bank": {"endpoint": "https://provider.test/bank", "access_token": "t"}},
    });
    login.server.user("alice", claims);
    assert!(login.whole().await.is_ok());
    assert_eq!(login.asked(), Asked { discovery: 1, jwks: 1, token: 1, userinfo: 1 });
}
