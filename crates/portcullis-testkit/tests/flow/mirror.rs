//! What the mirror of the conformance suite needs: everything that can be wrong with the tokens of a login.

use portcullis_testkit::{Algorithm, TestProvider, TokenBuilder, TokenKind};
use serde_json::{Value, json};

use crate::app::{App, text};
use crate::support::jws::{Jws, parse};
use crate::support::{fetch, json as body};

/// What is wrong, how it gets so, and how to see it.
type Row = (&'static str, fn(TokenBuilder) -> TokenBuilder, fn(&Jws) -> bool);

async fn verifies(provider: &TestProvider, jws: &Jws) -> usize {
    let keys = body(&fetch(provider, "/jwks").await)["keys"].clone();
    let fits = |key: &&Value| key["kty"] == "EC" || key["kty"] == "RSA";
    keys.as_array().unwrap().iter().filter(fits).filter(|key| jws.verifies_with(key)).count()
}

#[tokio::test]
async fn an_id_token_can_be_wrong_in_every_way() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let table: [Row; 12] = [
        ("iss", |token| token.claim("iss", "https://evil.example"), |jws| jws.claims["iss"] == "https://evil.example"),
        ("sub", |token| token.without("sub"), |jws| jws.claims["sub"].is_null()),
        ("aud", |token| token.claim("aud", "other"), |jws| jws.claims["aud"] == "other"),
        ("iat", |token| token.without("iat"), |jws| jws.claims["iat"].is_null()),
        ("nonce", |token| token.nonce("n-11"), |jws| jws.claims["nonce"] == "n-11"),
        ("no nonce", |token| token.without("nonce"), |jws| jws.claims["nonce"].is_null()),
        ("at_hash", |token| token.claim("at_hash", "x"), |jws| jws.claims["at_hash"] == "x"),
        ("c_hash", |token| token.claim("c_hash", "x"), |jws| jws.claims["c_hash"] == "x"),
        ("kid", |token| token.without_header("kid"), |jws| jws.header["kid"].is_null()),
        ("azp", |token| token.claim("azp", "other"), |jws| jws.claims["azp"] == "other"),
        ("expired", |token| token.expires_in(-360), |jws| jws.claims["exp"].as_u64() < jws.claims["iat"].as_u64()),
        ("acr", |token| token.acr("0"), |jws| jws.claims["acr"] == "0"),
    ];
    for (name, change, is_wrong) in table {
        provider.id_token_fault(change);
        let jws = parse(text(&app.tokens("alice").await["id_token"]));
        assert!(is_wrong(&jws), "{name}: {}", jws.claims);
        assert_eq!(verifies(&provider, &jws).await, 1, "{name}: the signature is good");
    }
    provider.heal_tokens(TokenKind::IdToken);
    assert_eq!(parse(text(&app.tokens("alice").await["id_token"])).claims["iss"], json!(provider.issuer()));
}

#[tokio::test]
async fn a_signature_can_be_corrupt_or_missing() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    provider.id_token_fault(TokenBuilder::corrupt_signature);
    let jws = parse(text(&app.tokens("alice").await["id_token"]));
    assert_eq!((jws.signature.len(), verifies(&provider, &jws).await), (64, 0));
    provider.id_token_fault(TokenBuilder::unsigned);
    let jws = parse(text(&app.tokens("alice").await["id_token"]));
    assert_eq!((&jws.header["alg"], jws.signature.len()), (&json!("none"), 0));
}

#[tokio::test]
async fn id_tokens_are_signed_as_the_client_is_registered() {
    let provider = TestProvider::in_memory();
    for algorithm in ["RS256", "PS256", "ES256", "EdDSA", "HS256", "none"] {
        provider.client("app").id_token_alg(algorithm).register();
        let announced = body(&fetch(&provider, "/jwks").await)["keys"].clone();
        let tokens = App::new(&provider).tokens("alice").await;
        let jws = parse(text(&tokens["id_token"]));
        assert_eq!(jws.header["alg"], algorithm);
        let known = announced.as_array().unwrap().iter().any(|key| key["alg"] == algorithm && jws.verifies_with(key));
        assert_eq!(known, !["HS256", "none"].contains(&algorithm), "{algorithm}: the key was there before the login");
        let access = parse(text(&tokens["access_token"]));
        assert_eq!(access.header["alg"], "ES256", "access tokens do not change with it");
    }
}

#[tokio::test]
async fn the_refreshed_id_token_is_changed_apart() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    provider.token_fault(TokenKind::RefreshedIdToken, |token| token.claim("sub", "mallory").nonce("n-2"));
    provider.token_fault_times(TokenKind::AccessToken, 1, |token| token.without("exp"));
    let first = app.tokens("alice").await;
    assert_eq!(parse(text(&first["id_token"])).claims["sub"], "alice");
    assert!(parse(text(&first["access_token"])).claims["exp"].is_null());
    let second = body(&app.refresh(text(&first["refresh_token"]), &[]).await);
    let claims = parse(text(&second["id_token"])).claims;
    assert_eq!((&claims["sub"], &claims["nonce"]), (&json!("mallory"), &json!("n-2")));
    assert!(parse(text(&second["access_token"])).claims["exp"].is_u64(), "only the next one");
}

#[tokio::test]
async fn keys_can_rotate_just_before_signing() {
    let provider = TestProvider::builder().algorithms([Algorithm::Rs256]).in_memory();
    let app = App::new(&provider);
    let code = app.code("alice", &[]).await;
    let before = provider.signing_key();
    provider.rotate_keys_before_signing(1);
    let tokens = body(&app.exchange(&code).await);
    let jws = parse(text(&tokens["id_token"]));
    assert!(!jws.verifies_with(&before.public_jwk()) && jws.verifies_with(&provider.signing_key().public_jwk()));
    assert_ne!(jws.header["kid"], before.kid());
    let again = parse(text(&app.tokens("alice").await["id_token"]));
    assert_eq!(again.header["kid"], jws.header["kid"], "once");
}

#[tokio::test]
async fn key_sets_can_lack_kids() {
    for per_algorithm in [1, 3] {
        let algorithms = [Algorithm::Rs256, Algorithm::Es256];
        let provider = TestProvider::builder().algorithms(algorithms).in_memory();
        provider.publish_without_kids(per_algorithm);
        let last = provider.keys().into_iter().rfind(|key| key.algorithm() == Algorithm::Rs256).unwrap();
        let kid = last.kid().to_owned();
        provider.id_token_fault(move |token| token.kid(kid.as_str()).without_header("kid"));
        let jws = parse(text(&App::new(&provider).tokens("alice").await["id_token"]));
        assert!(jws.header["kid"].is_null() && jws.verifies_with(&last.public_jwk()));
        let keys = body(&fetch(&provider, "/jwks").await)["keys"].clone();
        let keys = keys.as_array().unwrap();
        assert_eq!(keys.len(), 2 * per_algorithm);
        assert!(keys.iter().all(|key| key["kid"].is_null()));
        let fitting = keys.iter().filter(|key| key["kty"] == "RSA" && jws.verifies_with(key)).count();
        assert_eq!(fitting, 1, "the keys differ");
    }
}
