//! The mirror of the OpenID Foundation's conformance suite over browser sessions: the Basic, Config and
//! third-party-initiated plans. The page `docs/conformance.md` says what each module does.

use portcullis_testkit::{Algorithm, ClientAuth, Endpoint, Fault, TestProvider};
use serde_json::json;

use crate::module::{Asked, Module, Must, NEEDED, refuse, refuse_after_a_second_look};
use crate::web::{BASE_URL, Browser, parameter};
use crate::{ResponseMode, SessionKind, TestApp};

/// One behaviour per module: what the provider does, and what we must do.
macro_rules! modules {
    ($($module:ident: $wrong:expr => $must:expr;)+) => {
        $(pub async fn $module<A: TestApp, K: SessionKind, M: ResponseMode>() {
            let module = Module::<A, K>::new::<M>();
            let wrong: fn(&TestProvider) = $wrong;
            wrong(&module.fixture.provider);
            module.play($must).await;
        })+

        /// The names of these behaviours, for the test that none is forgotten in the list.
        #[cfg(test)]
        pub(crate) const TABLE: &[&str] = &[$(stringify!($module)),+];
    };
}

modules! {
    conf_oidcc_client_test: |_| {} => Must::LogIn(NEEDED);
    conf_oidcc_client_test_idtoken_sig_rs256: |provider| {
        assert_eq!(provider.signing_key().algorithm(), Algorithm::Rs256);
    } => Must::LogIn(NEEDED);
    conf_oidcc_client_test_invalid_iss: |provider| {
        provider.id_token_fault(|token| token.claim("iss", "https://evil.example/"));
    } => refuse("iss");
    conf_oidcc_client_test_missing_sub: |provider| {
        provider.id_token_fault(|token| token.without("sub"));
    } => refuse("sub");
    conf_oidcc_client_test_invalid_aud: |provider| {
        provider.id_token_fault(|token| token.claim("aud", "someone-else"));
    } => refuse("aud");
    conf_oidcc_client_test_missing_aud: |provider| {
        provider.id_token_fault(|token| token.without("aud"));
    } => refuse("aud");
    conf_oidcc_client_test_missing_iat: |provider| {
        provider.id_token_fault(|token| token.without("iat"));
    } => refuse("iat");
    conf_oidcc_client_test_idtoken_sig_none: |provider| {
        provider.client(TestProvider::CLIENT_ID).id_token_alg("none").register();
    } => refuse("signature_empty");
    conf_oidcc_client_test_invalid_sig_rs256: |provider| {
        provider.id_token_fault(|token| token.corrupt_signature());
    } => refuse_after_a_second_look("signature");
    conf_oidcc_client_test_invalid_sig_es256: |provider| {
        provider.id_token_fault(|token| token.algorithm(Algorithm::Es256).corrupt_signature());
    } => refuse_after_a_second_look("signature");
    conf_oidcc_client_test_invalid_sig_hs256: |provider| {
        provider.id_token_fault(|token| token.hmac(TestProvider::CLIENT_SECRET).corrupt_signature());
    } => refuse("alg_not_allowed");
    conf_oidcc_client_test_invalid_athash: |provider| {
        provider.id_token_fault(|token| token.claim("at_hash", "LDktKdoQak3Pk0cnXxCltA"));
    } => refuse("at_hash");
    conf_oidcc_client_test_invalid_chash: |provider| {
        provider.id_token_fault(|token| token.claim("c_hash", "LDktKdoQak3Pk0cnXxCltA"));
    } => refuse("c_hash");
    conf_oidcc_client_test_kid_absent_single_jwks: |provider| {
        provider.publish_without_kids(1);
        provider.id_token_fault(|token| token.without_header("kid"));
    } => Must::LogIn(NEEDED);
    conf_oidcc_client_test_kid_absent_multiple_jwks: |provider| {
        provider.publish_without_kids(3);
        provider.id_token_fault(|token| token.without_header("kid"));
    } => Must::LogIn(NEEDED);
    conf_oidcc_client_test_userinfo_invalid_sub: |provider| {
        provider.fault(Endpoint::UserInfo, Fault::patch(|claims| claims["sub"] = json!("alice-invalid")));
    } => Must::Refuse("subject_mismatch", NEEDED);
    conf_oidcc_client_test_userinfo_signed: |provider| {
        provider.client(TestProvider::CLIENT_ID).userinfo_alg("RS256").register();
    } => Must::LogIn(NEEDED);
    conf_oidcc_client_test_discovery_openid_config: |_| {} => Must::LogIn(NEEDED);
    conf_oidcc_client_test_discovery_jwks_uri_keys: |provider| {
        provider.set_metadata(|document| document["jwks_uri"] = json!(JWKS_URI));
    } => Must::LogIn(NEEDED);
    conf_oidcc_client_test_signing_key_rotation_just_before_signing: |provider| {
        provider.rotate_keys_before_signing(1);
    } => Must::LogIn(Asked { jwks: 2, ..NEEDED });
    conf_oidcc_client_test_aggregated_claims: |provider| {
        let sources = json!({"office": {"JWT": "eyJhbGciOiJub25lIn0.eyJhZGRyZXNzIjp7fX0."}});
        provider.user("alice", json!({"_claim_names": {"address": "office"}, "_claim_sources": sources}));
    } => Must::LogIn(NEEDED);
    conf_oidcc_client_test_distributed_claims: |provider| {
        let sources = json!({"bank": {"endpoint": "https://provider.test/bank", "access_token": "t"}});
        provider.user("alice", json!({"_claim_names": {"credit_score": "bank"}, "_claim_sources": sources}));
    } => Must::LogIn(NEEDED);
}

const JWKS_URI: &str = "https://provider.test/test/a/rp/jwks?random=4711";

pub async fn conf_oidcc_client_test_nonce_invalid<A: TestApp, K: SessionKind, M: ResponseMode>() {
    let module = Module::<A, K>::new::<M>();
    let authorize_url = module.begin().await;
    let nonce = parameter(&authorize_url, "nonce").expect("a nonce") + "1";
    module.fixture.provider.id_token_fault(move |token| token.nonce(&nonce));
    module.end(&authorize_url, refuse("nonce")).await;
}

pub async fn conf_oidcc_client_test_scope_userinfo_claims<A: TestApp, K: SessionKind, M: ResponseMode>() {
    let scopes = ["openid", "profile", "email", "phone", "address"];
    let module = Module::<A, K>::with::<M>(|guard| guard.scopes(scopes));
    module.play(Must::LogIn(NEEDED)).await;
    let account = module.fixture.open(&module.browser, "/account").await.json();
    assert_eq!((&account["name"], &account["email"]), (&json!("Alice Liddell"), &json!("alice@example.com")));
    assert_eq!(account["phone_number"], "+33 1 55 55 01 00");
    assert_eq!(account["address"]["country"], "France");
}

/// Dynamically registered ids and secrets hold every character.
pub async fn conf_oidcc_client_test_client_secret_basic<A: TestApp, K: SessionKind, M: ResponseMode>() {
    let (id, secret) = ("rp|%2B+:/ 1", "s%+:|/ ~secret");
    let module = Module::<A, K>::with::<M>(|guard| guard.client_id(id).client_secret(secret));
    let provider = &module.fixture.provider;
    let callback = format!("{BASE_URL}/auth/callback");
    provider.client(id).secret(secret).auth(ClientAuth::SecretBasic).redirect_uri(callback).register();
    provider
        .set_metadata(|document| document["token_endpoint_auth_methods_supported"] = json!(["client_secret_basic"]));
    module.play(Must::LogIn(NEEDED)).await;
    let request = provider.received(Endpoint::Token).pop().expect("a token request");
    assert!(request.header("authorization").is_some_and(|value| value.starts_with("Basic ")));
    assert_eq!((request.form("client_secret"), request.form("client_assertion")), (None, None));
}

/// No way to the login, and no key is fetched: a page says so.
pub async fn conf_oidcc_client_test_discovery_issuer_mismatch<A: TestApp, K: SessionKind, M: ResponseMode>() {
    let module = Module::<A, K>::new::<M>();
    module.fixture.provider.set_metadata(|document| {
        document["issuer"] = json!(format!("{}INVALID", document["issuer"].as_str().unwrap_or_default()));
    });
    let page = module.fixture.open(&module.browser, "/auth/login").await;
    page.assert_page("another issuer", 503);
    module.assert_logged("issuer_mismatch");
    assert!(page.cookies().is_empty(), "{:?}", page.cookies());
    module.fixture.sessions.assert_rows("another issuer", 0).await;
    module.assert_asked("another issuer", Asked { discovery: 1, jwks: 0, token: 0, userinfo: 0 });
    assert_eq!(module.fixture.provider.requests(Endpoint::Authorize), 0);
}

/// Two logins within the same second, new keys in between: the clock stands still here.
pub async fn conf_oidcc_client_test_signing_key_rotation<A: TestApp, K: SessionKind, M: ResponseMode>() {
    let module = Module::<A, K>::new::<M>();
    module.log_in().await;
    module.fixture.provider.rotate_keys();
    module.play(Must::LogIn(Asked { discovery: 1, jwks: 2, token: 2, userinfo: 2 })).await;
}

/// The same just before the signature of a second login, whose keys nobody can have yet.
pub async fn conf_oidcc_client_test_signing_key_rotation_just_before_signing_of_a_second_login<
    A: TestApp,
    K: SessionKind,
    M: ResponseMode,
>() {
    let module = Module::<A, K>::new::<M>();
    module.log_in().await;
    module.fixture.provider.rotate_keys_before_signing(1);
    module.play(Must::LogIn(Asked { discovery: 1, jwks: 2, token: 2, userinfo: 2 })).await;
}

/// The provider sends the browser to the login: nothing is asked before that, and the user ends where it says.
pub async fn conf_oidcc_client_test_3rd_party_init_login<A: TestApp, K: SessionKind, M: ResponseMode>() {
    let module = Module::<A, K>::new::<M>();
    let (fixture, browser) = (&module.fixture, &module.browser);
    assert_eq!(fixture.asked(), 0, "nothing before the visit");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("iss", &fixture.provider.issuer())
        .append_pair("login_hint", "alice@example.com")
        .append_pair("target_link_uri", &format!("{BASE_URL}/account?tab=1"))
        .finish();
    let authorize_url = fixture.begin(browser, &format!("/auth/login?{query}")).await;
    assert_eq!(parameter(&authorize_url, "login_hint").as_deref(), Some("alice@example.com"));
    module.end(&authorize_url, Must::LogIn(NEEDED)).await;

    let stranger = Browser::default();
    let refused = fixture.open(&stranger, "/auth/login?iss=https%3A%2F%2Fevil.example%2F").await;
    refused.assert_page("another issuer", 400);
    assert!(refused.cookies().is_empty(), "{:?}", refused.cookies());
}
