//! How clients say who they are, at the token and revocation endpoints.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use portcullis_testkit::{Algorithm, AssertionAudience, ClientAuth, ClientKey, SigningKey, TestProvider};
use serde_json::{Value, json};

use crate::app::{App, CALLBACK, assert_error, text};
use crate::support::json as body;
use crate::support::jws::parse;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const MACHINE: [(&str, &str); 2] = [("grant_type", "client_credentials"), ("scope", "castles")];

#[tokio::test]
async fn secrets_with_any_character_work_in_both_ways() {
    let provider = TestProvider::in_memory();
    for secret in ["simple", ":%+ \u{fc}", "a:b", "100%", "a+b c", "%41", "\u{1f3f0}=&?/#\""] {
        provider.client("my app:1").secret(secret).redirect_uri(CALLBACK).auth(ClientAuth::SecretBasic).register();
        let basic = App::basic(&provider, "my app:1", secret);
        assert_eq!(basic.token(&MACHINE).await.status(), 200, "{secret:?} by Basic");
        assert_error(&App::basic(&provider, "my app:1", "wrong").token(&MACHINE).await, 401, "invalid_client", secret);
        provider.client("my app:1").auth(ClientAuth::SecretPost).register();
        let post = App::posting(&provider, "my app:1", &[("client_id", "my app:1"), ("client_secret", secret)]);
        assert_eq!(post.token(&MACHINE).await.status(), 200, "{secret:?} by form");
    }
}

#[tokio::test]
async fn a_basic_header_that_is_not_form_urlencoded_is_refused() {
    let provider = TestProvider::in_memory();
    provider.client("c").secret("p@ss word%").register();
    let raw = |credentials: &[u8]| Some(format!("Basic {}", STANDARD.encode(credentials)));
    let table = [
        raw(b"c:p@ss word%"),
        raw(b"c:p%40ss+word%"),
        raw(b"c:p%40ss+word%zz"),
        raw(b"c"),
        raw(b"\xff:\xff"),
        Some("Basic !!!".to_owned()),
        Some("Bearer c".to_owned()),
        Some("Basic".to_owned()),
    ];
    for authorization in table {
        let app = App { authorization: authorization.clone(), ..App::posting(&provider, "c", &[]) };
        assert_error(&app.token(&MACHINE).await, 401, "invalid_client", &format!("{authorization:?}"));
    }
    let encoded = App { authorization: raw(b"c:p%40ss+word%25"), ..App::posting(&provider, "c", &[]) };
    assert_eq!(encoded.token(&MACHINE).await.status(), 200);
}

#[tokio::test]
async fn only_the_registered_method_counts() {
    let provider = TestProvider::in_memory();
    let (id, secret) = (TestProvider::CLIENT_ID, TestProvider::CLIENT_SECRET);
    let basic = || App::basic(&provider, id, secret);
    let with = |form: &[(&str, &str)]| App { form: crate::app::owned(form), ..basic() };
    let post = |form: &[(&str, &str)]| App::posting(&provider, id, form);
    let table = [
        ("post for basic", post(&[("client_id", id), ("client_secret", secret)]), 401, "invalid_client"),
        ("nothing", post(&[("client_id", id)]), 401, "invalid_client"),
        ("not even an id", post(&[]), 401, "invalid_client"),
        ("unknown", post(&[("client_id", "unknown")]), 401, "invalid_client"),
        ("two ways", with(&[("client_secret", secret)]), 400, "invalid_request"),
        ("two ids", with(&[("client_id", "public-app")]), 400, "invalid_request"),
        ("twice", with(&[("client_id", id), ("client_id", id)]), 400, "invalid_request"),
        ("basic for none", App::basic(&provider, "public-app", ""), 401, "invalid_client"),
    ];
    for (name, app, status, error) in table {
        assert_error(&app.token(&MACHINE).await, status, error, name);
        assert_error(&app.post("/revoke", &[("token", "x")]).await, status, error, name);
    }
    assert_eq!(with(&[("client_id", id)]).token(&MACHINE).await.status(), 200, "the same id twice is fine");
}

#[tokio::test]
async fn a_machine_is_its_own_subject() {
    let provider = TestProvider::in_memory();
    provider.client("app").permission("castles:read").register();
    let response = App::new(&provider).token(&MACHINE).await;
    let tokens = body(&response);
    assert!(tokens["id_token"].is_null() && tokens["refresh_token"].is_null());
    let claims = parse(text(&tokens["access_token"])).claims;
    assert_eq!((&claims["sub"], &claims["client_id"]), (&json!("app"), &json!("app")));
    assert_eq!((&claims["scope"], &claims["permissions"]), (&json!("castles"), &json!(["castles:read"])));
    assert!(claims["auth_time"].is_null() && claims["acr"].is_null());
    assert_eq!(App::new(&provider).userinfo(text(&tokens["access_token"])).await.status(), 403);

    for (scope, error) in [("openid", "invalid_scope"), ("offline_access", "invalid_scope")] {
        let grant = [("grant_type", "client_credentials"), ("scope", scope)];
        assert_error(&App::new(&provider).token(&grant).await, 400, error, scope);
    }
    assert_error(&App::public(&provider).token(&MACHINE).await, 400, "unauthorized_client", "public");
}

#[tokio::test]
async fn grants_that_make_no_sense() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    assert_error(&app.token(&[]).await, 400, "invalid_request", "no grant");
    assert_error(&app.token(&[("grant_type", "password")]).await, 400, "unsupported_grant_type", "password");
    assert_error(&app.token(&[("grant_type", "authorization_code")]).await, 400, "invalid_request", "no code");
    assert_error(&app.token(&[("grant_type", "refresh_token")]).await, 400, "invalid_request", "no refresh token");
}

fn assertion(key: &SigningKey, changes: &Value, provider: &TestProvider) -> String {
    let now = provider.clock().unix();
    let mut claims = json!({"iss": "shop", "sub": "shop", "aud": provider.issuer(), "exp": now + 60, "jti": "j-1"});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let header = json!({"alg": key.algorithm().name(), "kid": key.kid()});
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&header), part(&claims));
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes())))
}

async fn present(provider: &TestProvider, path: &str, assertion: String) -> http::Response<bytes::Bytes> {
    let form = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion.as_str())];
    App::posting(provider, "shop", &form).post(path, &MACHINE).await
}

#[tokio::test]
async fn an_assertion_is_validated() {
    let provider = TestProvider::builder().issuer_path("/dex/").in_memory();
    let key = ClientKey::generate(Algorithm::Es256);
    provider.client("shop").key(&key).register();
    let key = key.signing_key();
    let now = provider.clock().unix();
    let url = |path: &str| format!("{}/dex{path}", provider.base_url());
    let refused = [
        json!({"iss": "app"}),
        json!({"sub": "app"}),
        json!({"aud": url("/token")}),
        json!({"aud": url("")}),
        json!({"aud": [provider.issuer()]}),
        json!({"exp": now}),
        json!({"exp": now + 61}),
        json!({"exp": null}),
        json!({"jti": null}),
    ];
    let post = |assertion: String| present(&provider, "/dex/token", assertion);
    for changes in refused {
        let response = post(assertion(key, &changes, &provider)).await;
        assert_error(&response, 401, "invalid_client", &changes.to_string());
    }
    let foreign = SigningKey::generate(Algorithm::Es256).with_kid(key.kid());
    assert_error(&post(assertion(&foreign, &json!({}), &provider)).await, 401, "invalid_client", "foreign key");
    assert_error(&post("not a JWT".to_owned()).await, 401, "invalid_client", "not a JWT");

    let good = assertion(key, &json!({"jti": "j-2"}), &provider);
    assert_eq!(post(good.clone()).await.status(), 200);
    assert_error(&post(good).await, 401, "invalid_client", "used before");

    provider.client("shop").assertion_audience(AssertionAudience::TokenEndpoint).register();
    let good = assertion(key, &json!({"jti": "j-3", "aud": url("/token")}), &provider);
    assert_eq!(post(good).await.status(), 200);
}

#[tokio::test]
async fn every_algorithm_has_client_keys() {
    let provider = TestProvider::in_memory();
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::Es512, Algorithm::EdDsa] {
        let key = ClientKey::generate(algorithm);
        provider.client("shop").key(&key).register();
        let jti = json!({"jti": algorithm.name()});
        let response = present(&provider, "/token", assertion(key.signing_key(), &jti, &provider)).await;
        assert_eq!(response.status(), 200, "{algorithm}");

        let (public, private) = (key.public_jwk(), key.private_jwk());
        for (name, value) in public.as_object().unwrap() {
            assert_eq!(&private[name], value, "{algorithm} {name}");
        }
        assert!(private["d"].is_string() && public["d"].is_null(), "{algorithm}");
        let more = private.as_object().unwrap().len() - public.as_object().unwrap().len();
        assert_eq!(more, if private["kty"] == "RSA" { 6 } else { 1 }, "{algorithm}");
    }
}

#[tokio::test]
async fn private_jwks_are_the_private_keys() {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair};

    let member = |jwk: &Value, name: &str| URL_SAFE_NO_PAD.decode(text(&jwk[name])).unwrap();
    let ec = ClientKey::generate(Algorithm::Es256).private_jwk();
    let point = [vec![4], member(&ec, "x"), member(&ec, "y")].concat();
    let algorithm = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
    let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &member(&ec, "d"), &point).unwrap();
    assert!(pair.sign(&SystemRandom::new(), b"message").is_ok());
    let ed = ClientKey::generate(Algorithm::EdDsa).private_jwk();
    assert_eq!(Ed25519KeyPair::from_seed_unchecked(&member(&ed, "d")).unwrap().public_key().as_ref(), member(&ed, "x"));
    let rsa = ClientKey::generate(Algorithm::Ps256).private_jwk();
    let integers =
        ["n", "e", "d", "p", "q", "dp", "dq", "qi"].map(|name| der(2, &[&[0], &*member(&rsa, name)].concat()));
    // Refused unless the primes, the exponents and the modulus belong together.
    let pair = RsaKeyPair::from_der(&der(0x30, &[&[2, 1, 0][..], &integers.concat()].concat())).unwrap();
    assert_eq!(pair.public_modulus_len(), 256);
}

/// A value with this tag; an integer may have zeros in front here only because they are taken away.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let content = match (tag, content) {
        (2, [0, rest @ ..]) if rest[0] < 0x80 => rest,
        _ => content,
    };
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    let length = match (high, low) {
        (0, 0..0x80) => vec![low],
        (0, _) => vec![0x81, low],
        _ => vec![0x82, high, low],
    };
    [&[tag][..], &length, content].concat()
}
