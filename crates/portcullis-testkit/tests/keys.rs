//! What happens to a provider's keys.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use portcullis_testkit::{Algorithm, SigningKey, TestProvider};
use serde_json::{Value, json};
use support::jws::parse;
use support::{fetch, json as body};

async fn jwks(provider: &TestProvider) -> Vec<Value> {
    body(&fetch(provider, "/jwks").await)["keys"].as_array().unwrap().clone()
}

async fn kids(provider: &TestProvider) -> Vec<Value> {
    jwks(provider).await.iter().map(|key| key["kid"].clone()).collect()
}

#[tokio::test]
async fn rotation_replaces_every_key_and_kid() {
    let provider = TestProvider::builder().algorithms([Algorithm::Es256, Algorithm::Rs256]).in_memory();
    let old = parse(&provider.token().mint());
    let before = jwks(&provider).await;
    provider.rotate_keys();
    let after = jwks(&provider).await;
    assert_eq!((before.len(), after.len()), (2, 2));
    for (before, after) in before.iter().zip(&after) {
        assert_ne!(before["kid"], after["kid"]);
        assert_eq!(before["alg"], after["alg"]);
        assert_ne!((&before["x"], &before["n"]), (&after["x"], &after["n"]));
    }
    assert!(!old.verifies_with(&after[0]));
    assert!(parse(&provider.token().mint()).verifies_with(&after[0]));
}

#[tokio::test]
async fn a_kid_can_be_reused_with_other_material() {
    let provider = TestProvider::in_memory();
    let old = parse(&provider.token().mint());
    provider.replace_key_same_kid();
    let key = &jwks(&provider).await[0];
    assert_eq!(key["kid"], old.header["kid"]);
    assert!(!old.verifies_with(key));
    assert!(parse(&provider.token().mint()).verifies_with(key));
}

#[tokio::test]
async fn keys_are_added_ahead_and_removed() {
    let provider = TestProvider::in_memory();
    let first = provider.signing_key();
    let second = provider.add_key(Algorithm::Es256);
    assert_eq!(kids(&provider).await, [first.kid(), second.kid()]);
    assert_eq!(parse(&provider.token().mint()).header["kid"], first.kid());
    let token = parse(&provider.token().kid(second.kid()).mint());
    assert!(token.verifies_with(&second.public_jwk()));
    assert!(provider.remove_key(first.kid()));
    assert!(!provider.remove_key(first.kid()));
    assert_eq!(kids(&provider).await, [second.kid()]);
    assert_eq!(parse(&provider.token().mint()).header["kid"], second.kid());
}

#[tokio::test]
async fn a_missing_algorithm_is_published_when_a_token_asks_for_it() {
    let provider = TestProvider::in_memory();
    let token = parse(&provider.token().algorithm(Algorithm::EdDsa).mint());
    let keys = jwks(&provider).await;
    assert_eq!(keys.len(), 2);
    assert!(token.verifies_with(&keys[1]));
}

#[tokio::test]
async fn published_keys_can_lack_or_lie_about_anything() {
    let provider = TestProvider::in_memory();
    let key = SigningKey::generate(Algorithm::Es256).jwk_without("kid").jwk_without("alg").jwk_member("use", "enc");
    provider.set_keys([key]);
    let published = &jwks(&provider).await[0];
    assert_eq!(published["use"], "enc");
    assert!(published.get("kid").is_none() && published.get("alg").is_none());
    provider.rotate_keys();
    assert_eq!(jwks(&provider).await[0]["use"], "enc");
}

#[tokio::test]
async fn any_document_can_stand_in_for_the_key_set() {
    let provider = TestProvider::in_memory();
    provider.publish_jwks(r#"{"keys": "none"}"#);
    assert_eq!(body(&fetch(&provider, "/jwks").await), json!({"keys": "none"}));
    provider.publish_keys();
    assert_eq!(jwks(&provider).await.len(), 1);
}

#[test]
fn rsa_keys_are_shared_until_a_rotation_or_a_wish() {
    let rsa = || TestProvider::builder().algorithms([Algorithm::Rs256, Algorithm::Ps512]);
    let (one, two, own) = (rsa().in_memory(), rsa().in_memory(), rsa().own_rsa_keys().in_memory());
    let modulus = |provider: &TestProvider, index: usize| provider.keys()[index].public_jwk()["n"].clone();
    assert_eq!(modulus(&one, 0), modulus(&two, 0));
    assert_eq!(modulus(&one, 0), modulus(&one, 1));
    assert_ne!(modulus(&one, 0), modulus(&own, 0));
    one.rotate_keys();
    assert_ne!(modulus(&one, 0), modulus(&two, 0));
}

#[tokio::test]
async fn the_key_set_can_have_a_cache_control() {
    let provider = TestProvider::in_memory();
    assert!(fetch(&provider, "/jwks").await.headers().get("cache-control").is_none());
    provider.set_jwks_cache_control(Some("max-age=60"));
    assert_eq!(fetch(&provider, "/jwks").await.headers()["cache-control"], "max-age=60");
}

#[test]
fn a_public_key_can_be_had_as_pem() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es384, Algorithm::EdDsa] {
        let provider = TestProvider::builder().algorithms([algorithm]).in_memory();
        let pem = provider.signing_key().public_pem();
        assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\nM"));
        assert!(pem.ends_with("\n-----END PUBLIC KEY-----\n"));
        assert!(pem.lines().all(|line| line.len() <= 64));
    }
}
