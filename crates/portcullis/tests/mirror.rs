//! The mirror of the OpenID Foundation's conformance suite: its relying-party modules that need no browser session,
//! played by our own provider. The page `docs/conformance.md` says what each does; a test of the behaviour suite keeps it complete.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use portcullis::{ClientAuth, InvalidToken, OAuthError, ProviderEndpoint, ProviderErrorKind};
use portcullis_testkit::{Algorithm, ClientAuth as Registered, Endpoint, Fault, TestProvider, TokenKind};
use serde_json::json;

use self::InvalidToken::{Audience, Claim, Hash, Issuer, Malformed, Nonce, Signature, Successor};
use self::ProviderErrorKind::Unusable;
use self::support::{Asked, CALLBACK, Login, bare, invalid};

/// As the suite has it: RS256 first, further keys beside it, and an issuer with a slash at its end.
fn suite() -> Login {
    let algorithms = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];
    Login::at(TestProvider::builder().issuer_path("/test/a/rp/").algorithms(algorithms).in_memory(), |builder| builder)
}

/// What we must do.
enum Must {
    /// Sign the user in, with exactly these requests.
    Accept(Asked),
    /// Refuse for this reason; the key set may be asked so often, userinfo never.
    Refuse(ProviderErrorKind, usize),
}

/// Exactly the requests that a login with userinfo needs.
const NEEDED: Asked = Asked { discovery: 1, jwks: 1, token: 1, userinfo: 1 };

async fn play(wrong: fn(&TestProvider), must: Must) {
    let login = suite();
    wrong(&login.server);
    match must {
        Must::Accept(asked) => {
            assert_eq!(login.whole().await.unwrap().subject(), "alice");
            assert_eq!(login.asked(), asked);
        }
        Must::Refuse(reason, jwks) => {
            assert_eq!(login.refusal().await, reason);
            assert_eq!(login.asked().jwks, jwks);
        }
    }
}

fn refuse(reason: InvalidToken) -> Must {
    Must::Refuse(invalid(reason), 0)
}

/// One test per module: what the provider does, and what we must do.
macro_rules! modules {
    ($($module:ident: $wrong:expr => $must:expr;)+) => {
        $(#[tokio::test]
        async fn $module() {
            play($wrong, $must).await;
        })+
    };
}

modules! {
    conf_oidcc_client_test: |_| {} => Must::Accept(NEEDED);
    conf_oidcc_client_test_idtoken_sig_rs256: |server| assert_eq!(server.signing_key().algorithm(), Algorithm::Rs256)
        => Must::Accept(NEEDED);
    conf_oidcc_client_test_invalid_iss:
        |server| server.id_token_fault(|token| token.claim("iss", "https://evil.example/"))
        => refuse(Issuer);
    conf_oidcc_client_test_missing_sub: |server| server.id_token_fault(|token| token.without("sub"))
        => refuse(Claim("sub"));
    conf_oidcc_client_test_invalid_aud: |server| server.id_token_fault(|token| token.claim("aud", "someone-else"))
        => refuse(Audience);
    conf_oidcc_client_test_missing_aud: |server| server.id_token_fault(|token| token.without("aud"))
        => refuse(Audience);
    conf_oidcc_client_test_missing_iat: |server| server.id_token_fault(|token| token.without("iat"))
        => refuse(Claim("iat"));
    conf_oidcc_client_test_idtoken_sig_none:
        |server| server.client(TestProvider::CLIENT_ID).id_token_alg("none").register()
        => refuse(Malformed("signature_empty"));
    conf_oidcc_client_test_invalid_sig_rs256: |server| server.id_token_fault(|token| token.corrupt_signature())
        => Must::Refuse(invalid(Signature), 2);
    conf_oidcc_client_test_invalid_sig_es256:
        |server| server.id_token_fault(|token| token.algorithm(Algorithm::Es256).corrupt_signature())
        => Must::Refuse(invalid(Signature), 2);
    conf_oidcc_client_test_invalid_sig_hs256:
        |server| server.id_token_fault(|token| token.hmac(TestProvider::CLIENT_SECRET).corrupt_signature())
        => refuse(Malformed("alg_not_allowed"));
    conf_oidcc_client_test_invalid_athash:
        |server| server.id_token_fault(|token| token.claim("at_hash", "LDktKdoQak3Pk0cnXxCltA"))
        => refuse(Hash("at_hash"));
    conf_oidcc_client_test_invalid_chash:
        |server| server.id_token_fault(|token| token.claim("c_hash", "LDktKdoQak3Pk0cnXxCltA"))
        => refuse(Hash("c_hash"));
    conf_oidcc_client_test_kid_absent_single_jwks: |server| {
        server.publish_without_kids(1);
        server.id_token_fault(|token| token.without_header("kid"));
    } => Must::Accept(NEEDED);
    conf_oidcc_client_test_kid_absent_multiple_jwks: |server| {
        server.publish_without_kids(3);
        server.id_token_fault(|token| token.without_header("kid"));
    } => Must::Accept(NEEDED);
    conf_oidcc_client_test_discovery_openid_config: |_| {} => Must::Accept(NEEDED);
    conf_oidcc_client_test_signing_key_rotation_just_before_signing: |server| {
        server.rotate_keys_before_signing(1);
    } => Must::Accept(NEEDED);
    conf_oidcc_client_test_userinfo_signed: |server| {
        server.client(TestProvider::CLIENT_ID).userinfo_alg("RS256").register();
    } => Must::Accept(NEEDED);
}

#[tokio::test]
async fn conf_oidcc_client_test_nonce_invalid() {
    let login = suite();
    let begun = login.begin().await;
    let nonce = support::parameter(&begun.url, "nonce").unwrap() + "1";
    login.server.id_token_fault(move |token| token.nonce(&nonce));
    assert_eq!(login.finish(&begun).await.unwrap_err().kind(), invalid(Nonce));
    assert_eq!(login.asked(), Asked { discovery: 1, token: 1, ..Asked::default() });
}

#[tokio::test]
async fn conf_oidcc_client_test_userinfo_invalid_sub() {
    let login = suite();
    login.server.fault(Endpoint::UserInfo, Fault::patch(|claims| claims["sub"] = json!("alice-invalid")));
    assert_eq!(login.whole().await.unwrap_err().kind(), Unusable("subject_mismatch"));
    assert_eq!(login.asked(), NEEDED, "asked once, and nothing of the answer is used");
}

#[tokio::test]
async fn conf_oidcc_client_test_scope_userinfo_claims() {
    let login = Login::with(|builder| builder.scopes(["openid", "profile", "email", "phone", "address"]));
    let user = login.whole().await.unwrap();
    assert_eq!((user.name(), user.email()), (Some("Alice Liddell"), Some("alice@example.com")));
    assert_eq!(user.phone_number(), Some("+33 1 55 55 01 00"));
    assert_eq!(user.claim::<serde_json::Value>("address").unwrap()["country"], "France");
    assert_eq!(login.asked(), NEEDED);
}

/// Dynamically registered ids and secrets hold every character.
#[tokio::test]
async fn conf_oidcc_client_test_client_secret_basic() {
    let (id, secret) = ("rp|%2B+:/ 1", "s%+:|/ ~secret");
    let server = TestProvider::in_memory();
    server.client(id).secret(secret).auth(Registered::SecretBasic).redirect_uri(CALLBACK).register();
    server.set_metadata(|document| document["token_endpoint_auth_methods_supported"] = json!(["client_secret_basic"]));
    let login = Login { provider: bare(&server, id).client_secret(secret).build().unwrap(), server };
    login.whole().await.unwrap();
    let request = login.last(Endpoint::Token);
    assert!(request.header("authorization").unwrap().starts_with("Basic "));
    assert_eq!((request.form("client_secret"), request.form("client_assertion")), (None, None));
    assert_eq!(login.asked(), NEEDED);
}

#[tokio::test]
async fn conf_oidcc_client_test_discovery_jwks_uri_keys() {
    let login = suite();
    let path = "https://provider.test/test/a/rp/jwks?random=4711";
    login.server.set_metadata(move |document| document["jwks_uri"] = json!(path));
    let begun = login.begin().await;
    assert_eq!(login.asked(), Asked { discovery: 1, ..Asked::default() }, "discovery first");
    let tokens = login.finish(&begun).await.unwrap();
    assert_eq!(login.asked(), Asked { userinfo: 0, ..NEEDED }, "then the keys");
    assert!(path.ends_with(&login.last(Endpoint::Jwks).path), "where the metadata says");
    login.user_info(&tokens).await.unwrap();
    assert_eq!(login.asked(), NEEDED, "then userinfo");
}

#[tokio::test]
async fn conf_oidcc_client_test_discovery_issuer_mismatch() {
    let login = suite();
    login.server.set_metadata(|document| {
        document["issuer"] = json!(format!("{}INVALID", document["issuer"].as_str().unwrap()));
    });
    let error = login.provider.authorize_url(CALLBACK).build().await.unwrap_err();
    assert_eq!((error.endpoint(), error.kind()), (ProviderEndpoint::Discovery, Unusable("issuer_mismatch")));
    assert_eq!(login.asked(), Asked { discovery: 1, ..Asked::default() }, "no way to the login, and no key");
    assert_eq!(login.server.requests(Endpoint::Authorize), 0);
}

/// Two logins within the same second, new keys in between: the clock stands still here.
#[tokio::test]
async fn conf_oidcc_client_test_signing_key_rotation() {
    let login = suite();
    login.whole().await.unwrap();
    login.server.rotate_keys();
    login.whole().await.unwrap();
    assert_eq!(login.asked(), Asked { discovery: 1, jwks: 2, token: 2, userinfo: 2 });
}

/// The same just before the signature of a second login, whose keys nobody can have yet.
#[tokio::test]
async fn conf_oidcc_client_test_signing_key_rotation_just_before_signing_of_a_second_login() {
    let login = suite();
    login.whole().await.unwrap();
    login.server.rotate_keys_before_signing(1);
    login.whole().await.unwrap();
    assert_eq!(login.asked(), Asked { discovery: 1, jwks: 2, token: 2, userinfo: 2 });
}

#[tokio::test]
async fn conf_oidcc_client_test_refresh_token() {
    let login = suite();
    let first = login.tokens().await;
    let second = login.refresh(&first).await.unwrap();
    assert_ne!(first.refresh_token().unwrap().expose(), second.refresh_token().unwrap().expose());
    assert_eq!(login.user_info(&second).await.unwrap().subject(), "alice");
    let bearer = format!("Bearer {}", second.access_token().expose());
    assert!(login.last(Endpoint::UserInfo).header("authorization") == Some(&bearer), "with the NEW access token");
    assert_eq!(login.asked(), Asked { token: 2, ..NEEDED });
}

async fn refused_refresh(claim: &'static str, value: &'static str, reason: InvalidToken) {
    let login = suite();
    let tokens = login.tokens().await;
    login.server.token_fault(TokenKind::RefreshedIdToken, move |token| token.claim(claim, value));
    assert_eq!(login.refresh(&tokens).await.unwrap_err().kind(), invalid(reason));
    assert_eq!(login.asked(), Asked { discovery: 1, jwks: 1, token: 2, userinfo: 0 });
}

#[tokio::test]
async fn conf_oidcc_client_test_refresh_token_invalid_issuer() {
    refused_refresh("iss", "https://evil.example/", Issuer).await;
}

#[tokio::test]
async fn conf_oidcc_client_test_refresh_token_invalid_sub() {
    refused_refresh("sub", "alice-invalid", Successor("sub")).await;
}

#[tokio::test]
async fn conf_oidcc_client_test_aggregated_claims() {
    let login = suite();
    let sources = json!({"office": {"JWT": "eyJhbGciOiJub25lIn0.eyJhZGRyZXNzIjp7fX0."}});
    login.server.user("alice", json!({"_claim_names": {"address": "office"}, "_claim_sources": sources}));
    let user = login.whole().await.unwrap();
    assert_eq!(user.claim::<serde_json::Value>("address"), None, "nobody vouches for what nobody validated");
    assert_eq!(user.claim::<serde_json::Value>("_claim_sources"), Some(sources));
    assert_eq!(login.asked(), NEEDED);
}

#[tokio::test]
async fn conf_oidcc_client_test_distributed_claims() {
    let login = suite();
    let sources = json!({"bank": {"endpoint": "https://provider.test/bank", "access_token": "t"}});
    let claims = json!({"_claim_names": {"credit_score": "bank"}, "_claim_sources": sources});
    login.server.user("alice", claims);
    let user = login.whole().await.unwrap();
    assert_eq!(user.claim::<serde_json::Value>("_claim_sources"), Some(sources));
    assert_eq!(login.asked(), NEEDED);
}

/// The suite's further plans: other algorithms, other ways to authenticate.
#[tokio::test]
async fn the_first_module_in_every_variant() {
    for name in ["RS256", "PS256", "ES256", "EdDSA"] {
        let login = suite();
        login.server.client(TestProvider::CLIENT_ID).id_token_alg(name).register();
        login.whole().await.unwrap();
        assert_eq!(login.asked(), NEEDED, "{name}");
    }
    for (registered, method) in
        [(Registered::SecretPost, ClientAuth::ClientSecretPost), (Registered::None, ClientAuth::None)]
    {
        let login = Login::with(|builder| builder.client_auth(method));
        login.server.client(TestProvider::CLIENT_ID).auth(registered).register();
        login.whole().await.unwrap();
        assert_eq!(login.asked(), NEEDED, "{method:?}");
    }
}

/// The suite's key set: no `alg`, keys for encryption, a curve that nobody here knows.
#[tokio::test]
async fn one_unusable_key_does_not_spoil_the_set() {
    let login = suite();
    let mut keys: Vec<_> = login.server.keys().iter().map(|key| key.clone().jwk_without("alg").public_jwk()).collect();
    keys.insert(0, json!({"kty": "EC", "crv": "secp256k1", "kid": "k", "x": "AA", "y": "AA"}));
    keys.insert(0, json!({"kty": "RSA", "use": "enc", "alg": "RSA-OAEP", "kid": "e", "n": "AA", "e": "AQAB"}));
    keys.insert(0, json!({"kty": "EC", "use": "enc", "alg": "ECDH-ES", "crv": "P-256", "kid": "e", "x": 1}));
    login.server.publish_jwks(json!({ "keys": keys }).to_string());
    login.whole().await.unwrap();
    assert_eq!(login.asked(), NEEDED);
}

/// Finished means finished: a refusal is not followed by anything, not even the same code again.
#[tokio::test]
async fn nothing_follows_a_refusal() {
    let login = suite();
    let begun = login.begin().await;
    let code = login.code(&begun).await;
    login.provider.exchange_code(&code, &begun.transaction).await.unwrap();
    let error = login.provider.exchange_code(&code, &begun.transaction).await.unwrap_err();
    assert_eq!(error.kind(), ProviderErrorKind::Refused(OAuthError::InvalidGrant));
    assert_eq!(login.asked(), Asked { discovery: 1, jwks: 1, token: 2, userinfo: 0 });
}
