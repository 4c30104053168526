//! The tokens that the mint makes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_testkit::{Algorithm, SigningKey, TestClock, TestProvider};
use serde_json::{Value, json};
use support::jws::{decode, parse};
use support::{fetch, json as body};

async fn published(provider: &TestProvider, kid: &Value) -> Value {
    let document = body(&fetch(provider, "/jwks").await);
    let keys = document["keys"].as_array().unwrap();
    keys.iter().find(|key| key["kid"] == *kid).expect("the key is published").clone()
}

fn names(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn every_algorithm_verifies_with_its_published_key_and_no_other() {
    let provider = TestProvider::builder().algorithms(Algorithm::ALL).in_memory();
    for algorithm in Algorithm::ALL {
        let token = parse(&provider.token().algorithm(algorithm).mint());
        assert_eq!(token.header["alg"], algorithm.name());
        let jwk = published(&provider, &token.header["kid"]).await;
        assert_eq!((&jwk["alg"], &jwk["use"]), (&json!(algorithm.name()), &json!("sig")));
        assert!(token.verifies_with(&jwk), "{algorithm}");
    }
    let other = TestProvider::in_memory();
    let token = parse(&provider.token().algorithm(Algorithm::Es256).mint());
    assert!(!token.verifies_with(&other.signing_key().public_jwk()));
}

#[test]
fn the_parts_of_a_key_have_their_exact_length() {
    for (algorithm, member, length) in [
        (Algorithm::Rs256, "n", 256),
        (Algorithm::Rs256, "e", 3),
        (Algorithm::Es256, "x", 32),
        (Algorithm::Es384, "y", 48),
        (Algorithm::Es512, "x", 66),
        (Algorithm::EdDsa, "x", 32),
    ] {
        let provider = TestProvider::builder().algorithms([algorithm]).in_memory();
        let jwk = provider.signing_key().public_jwk();
        assert_eq!(decode(jwk[member].as_str().unwrap()).len(), length, "{algorithm} {member}");
        assert!(jwk.get("d").is_none());
    }
}

#[test]
fn a_default_token_is_an_rfc_9068_access_token() {
    let provider = TestProvider::builder().clock(TestClock::at(1_800_000_000)).in_memory();
    let token = parse(&provider.token().mint());
    assert_eq!(token.header, json!({"alg": "ES256", "typ": "at+jwt", "kid": provider.signing_key().kid()}));
    let mut claims = token.claims.clone();
    assert!(claims.as_object_mut().unwrap().remove("jti").unwrap().is_string());
    let expected = json!({
        "iss": "https://provider.test", "sub": "alice", "aud": "https://api.example.com", "client_id": "app",
        "iat": 1_800_000_000, "exp": 1_800_000_300, "auth_time": 1_800_000_000,
    });
    assert_eq!(claims, expected);
    assert_ne!(token.claims["jti"], parse(&provider.token().mint()).claims["jti"]);
}

#[test]
fn alice_may_everything_and_bob_nothing() {
    let provider = TestProvider::in_memory();
    let alice = parse(&provider.token_for("alice")).claims;
    assert_eq!(alice["permissions"], json!(["castles:read", "castles:create"]));
    assert_eq!((&alice["scope"], &alice["acr"]), (&json!("openid profile email castles"), &json!("1")));
    let bob = parse(&provider.token_for("bob")).claims;
    assert_eq!((&bob["sub"], &bob["permissions"]), (&json!("bob"), &json!([])));
}

#[test]
fn every_claim_can_be_set_changed_and_removed() {
    let provider = TestProvider::builder().clock(TestClock::at(1000)).audience("https://default.example").in_memory();
    let token = provider.token().subject("carol").client_id("cli").audience("a").audience("b");
    let token = token.scope("x y").permission("p").permission("q").acr("gold").auth_time(7).expires_in(-1);
    let claims = parse(&token.claim("exp", "soon").claim("own", json!([1])).without("iat").mint()).claims;
    assert_eq!(
        (&claims["sub"], &claims["client_id"], &claims["aud"]),
        (&json!("carol"), &json!("cli"), &json!(["a", "b"]))
    );
    assert_eq!((&claims["scope"], &claims["permissions"]), (&json!("x y"), &json!(["p", "q"])));
    assert_eq!((&claims["acr"], &claims["auth_time"], &claims["own"]), (&json!("gold"), &json!(7), &json!([1])));
    assert_eq!(claims["exp"], "soon");
    assert!(claims.get("iat").is_none());
    assert_eq!(parse(&provider.token().expires_in(-1).mint()).claims["exp"], 999);
    assert_eq!(parse(&provider.token().mint()).claims["aud"], "https://default.example");
}

#[test]
fn every_header_member_can_be_set_changed_and_removed() {
    let provider = TestProvider::in_memory();
    let token = provider.token().typ("JWT").kid("../../dev/null").header("crit", json!(["exp"])).header("alg", "NONE");
    let header = parse(&token.mint()).header;
    assert_eq!(header, json!({"alg": "NONE", "typ": "JWT", "kid": "../../dev/null", "crit": ["exp"]}));
    let header = parse(&provider.token().without_header("kid").without_header("typ").mint()).header;
    assert_eq!(header, json!({"alg": "ES256"}));
}

#[test]
fn raw_parts_are_signed_as_they_are() {
    let provider = TestProvider::in_memory();
    let header = r#"{"alg":"ES256","alg":"none"}"#;
    let token = provider.token().raw_header(header).raw_payload(&b"\xff{"[..]).mint();
    let parts: Vec<_> = token.split('.').map(decode).collect();
    assert_eq!((parts[0].as_slice(), parts[1].as_slice()), (header.as_bytes(), &b"\xff{"[..]));
    assert_eq!(parts[2].len(), 64);
    assert_eq!(parse(&provider.token().raw_signature(vec![0; 65]).mint()).signature, [0; 65]);
}

#[test]
fn other_signers_sign_what_they_say() {
    let provider = TestProvider::in_memory();
    let foreign = SigningKey::generate(Algorithm::Es256).with_kid(provider.signing_key().kid());
    let token = parse(&provider.token().sign_with(&foreign).mint());
    assert_eq!(token.header["kid"], provider.signing_key().kid());
    assert!(token.verifies_with(&foreign.public_jwk()));
    assert!(!token.verifies_with(&provider.signing_key().public_jwk()));

    let secret = provider.signing_key().public_pem();
    let token = parse(&provider.token().hmac(&secret).mint());
    assert_eq!(token.header["alg"], "HS256");
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    assert!(hmac::verify(&key, token.message(), &token.signature).is_ok());

    let token = parse(&provider.token().unsigned().mint());
    assert_eq!((&token.header["alg"], token.signature.len()), (&json!("none"), 0));
    assert!(token.header.get("kid").is_none());
}

#[test]
fn an_id_token_has_its_own_shape() {
    let provider = TestProvider::in_memory();
    let token = parse(&provider.token().user("alice").id_token().nonce("n-1").access_token("at").code("c").mint());
    assert_eq!((&token.header["typ"], &token.claims["aud"]), (&json!("JWT"), &json!("app")));
    let half = |value: &str| {
        let hash = digest::digest(&digest::SHA256, value.as_bytes());
        json!(URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]))
    };
    assert_eq!((&token.claims["at_hash"], &token.claims["c_hash"]), (&half("at"), &half("c")));
    assert_eq!(
        names(&token.claims),
        ["acr", "at_hash", "aud", "auth_time", "c_hash", "exp", "iat", "iss", "nonce", "sub"]
    );
    for (algorithm, length) in [(Algorithm::Es384, 24), (Algorithm::EdDsa, 32)] {
        let token = parse(&provider.token().id_token().algorithm(algorithm).mint());
        assert_eq!(decode(token.claims["at_hash"].as_str().unwrap()).len(), length);
    }
}

#[test]
fn fief_tokens_look_like_fief() {
    let provider = TestProvider::in_memory();
    let token = parse(&provider.token().fief().mint());
    assert_eq!(names(&token.header), ["alg", "kid"]);
    assert_eq!((&token.claims["aud"], &token.claims["azp"]), (&json!(["app"]), &json!("app")));
    let expected = ["acr", "aud", "auth_time", "azp", "exp", "iat", "iss", "permissions", "scope", "sub"];
    assert_eq!(names(&token.claims), expected);

    let id_token = parse(&provider.token().user("alice").fief().id_token().mint()).claims;
    for absent in ["scope", "permissions", "jti", "client_id"] {
        assert!(id_token.get(absent).is_none(), "{absent}");
    }
    for present in ["nonce", "at_hash", "c_hash", "azp", "acr", "tenant_id", "fields"] {
        assert!(id_token.get(present).is_some(), "{present}");
    }
    assert_eq!(id_token["email"], "alice@example.com");
}
