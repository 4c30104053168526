//! Which published keys open the gate.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis::IssuerState;
use portcullis_testkit::{Algorithm, SigningKey, TestProvider, TokenBuilder};
use serde_json::{Value, json};

use crate::{Fixture, TestApp, until};

/// A provider with this key beside a good one, which signs where a token does not ask for another.
fn beside_a_good_one(key: &SigningKey) -> TestProvider {
    let provider = TestProvider::in_memory();
    provider.publish_key(key.clone());
    provider
}

/// The key is refused, what it signs too, and the good key beside it is used.
async fn assert_only_the_good_key_counts<A: TestApp>(what: &str, key: SigningKey) {
    let fixture = Fixture::<A>::of(beside_a_good_one(&key), |guard| guard);
    fixture.get_valid().await.assert_ok(what);
    assert_eq!(fixture.status().keys, 1, "{what}");
    let token = fixture.provider.token().user("alice").sign_with(&key).mint();
    fixture.get_as("/token", &token).await.assert_invalid_token(what);
    let without_name = fixture.provider.token().user("alice").sign_with(&key).without_header("kid").mint();
    fixture.get_as("/token", &without_name).await.assert_invalid_token(what);
    fixture.get_valid().await.assert_ok(what);
}

fn rsa() -> SigningKey {
    TestProvider::builder().algorithms([Algorithm::Rs256]).in_memory().signing_key().with_kid("beside")
}

fn member(key: &SigningKey, name: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(key.public_jwk()[name].as_str().unwrap()).unwrap()
}

fn text(bytes: &[u8]) -> Value {
    json!(URL_SAFE_NO_PAD.encode(bytes))
}

pub async fn atk_k01_an_rsa_key_with_bad_numbers<A: TestApp>() {
    let modulus = member(&rsa(), "n");
    let even = [&modulus[..255], &[modulus[255] & 0xfe]].concat();
    let too_long = [&[1], &modulus.repeat(8)[..]].concat();
    let rows = [
        ("a modulus of 512 bits", "n", text(&modulus[192..])),
        ("a modulus of 1024 bits", "n", text(&modulus[128..])),
        ("a modulus of 2040 bits", "n", text(&[&[0x81], &modulus[2..]].concat())),
        ("a modulus of more than 16384 bits", "n", text(&too_long)),
        ("an even modulus", "n", text(&even)),
        ("a modulus of zero", "n", text(&[0; 256])),
        ("no modulus", "n", Value::Null),
        ("exponent 1", "e", text(&[1])),
        ("exponent 2", "e", text(&[2])),
        ("exponent 65536", "e", text(&[1, 0, 0])),
        ("an exponent of 72 bits", "e", text(&[1, 0, 0, 0, 0, 0, 0, 0, 1])),
        ("no exponent", "e", text(&[])),
    ];
    for (what, name, value) in rows {
        assert_only_the_good_key_counts::<A>(what, rsa().jwk_member(name, value)).await;
    }
}

pub async fn atk_k01_leading_zeros_of_a_modulus_are_stripped<A: TestApp>() {
    let padded = [&[0, 0], &member(&rsa(), "n")[..]].concat();
    let key = rsa().jwk_member("n", text(&padded));
    let fixture = Fixture::<A>::of(beside_a_good_one(&key), |guard| guard);
    let token = fixture.provider.token().user("alice").sign_with(&key).mint();
    fixture.get_as("/token", &token).await.assert_ok("the key's own token");
    assert_eq!(fixture.status().keys, 2);
}

pub async fn atk_k02_a_point_that_is_none<A: TestApp>() {
    let key = SigningKey::generate(Algorithm::Es256);
    let (x, y) = (member(&key, "x"), member(&key, "y"));
    let beside_the_curve = [&y[..31], &[y[31] ^ 1]].concat();
    let rows = [
        ("not on the curve", "y", text(&beside_the_curve)),
        ("infinity, in half", "x", text(&[0; 32])),
        ("x short", "x", text(&x[1..])),
        ("x long", "x", text(&[&[0], &x[..]].concat())),
        ("y short", "y", text(&y[..31])),
        ("y long", "y", text(&[&y[..], &[0]].concat())),
        ("no y", "y", Value::Null),
        ("another curve", "crv", json!("P-384")),
        ("a curve that is not used", "crv", json!("secp256k1")),
    ];
    for (what, name, value) in rows {
        assert_only_the_good_key_counts::<A>(what, key.clone().jwk_member(name, value)).await;
    }
    let edwards = SigningKey::generate(Algorithm::EdDsa);
    let short = text(&member(&edwards, "x")[1..]);
    assert_only_the_good_key_counts::<A>("Ed25519, short", edwards.jwk_member("x", short)).await;
}

pub async fn atk_k03_a_published_secret_verifies_nothing<A: TestApp>() {
    let secret = [7; 32];
    let fixture = Fixture::<A>::new();
    let good = fixture.provider.signing_key().public_jwk();
    let symmetric = json!({"kty": "oct", "kid": "shared", "alg": "HS256", "use": "sig", "k": text(&secret)});
    fixture.provider.publish_jwks(json!({"keys": [symmetric, good]}).to_string());
    fixture.get_valid().await.assert_ok("the key beside it");
    assert_eq!(fixture.status().keys, 1);
    let fetches = fixture.key_fetches();
    let forged = fixture.provider.token().user("alice").kid("shared").hmac(secret).mint();
    fixture.get_as("/token", &forged).await.assert_invalid_token("HS256 with the published secret");
    assert_eq!(fixture.key_fetches(), fetches, "refused before any key is looked up");
}

pub async fn atk_k03_private_members_are_not_used<A: TestApp>() {
    let private = text(&[9; 32]);
    let key = SigningKey::generate(Algorithm::Es256).with_kid("leaked").jwk_member("d", private);
    let fixture = Fixture::<A>::of(beside_a_good_one(&key), |guard| guard);
    let token = fixture.provider.token().user("alice").sign_with(&key).mint();
    fixture.get_as("/token", &token).await.assert_ok("its public half is a key as any other");
    assert!(!format!("{:?} {:?}", fixture.guard, fixture.status()).contains(&key.public_jwk()["d"].to_string()));
}

pub async fn atk_k04_one_name_for_two_types_of_key<A: TestApp>() {
    let (elliptic, rsa) = (SigningKey::generate(Algorithm::Es256).with_kid("one"), rsa().with_kid("one"));
    for order in [[&elliptic, &rsa], [&rsa, &elliptic]] {
        let fixture = Fixture::<A>::new();
        fixture.provider.set_keys(order.map(Clone::clone));
        for key in order {
            let token = fixture.provider.token().user("alice").sign_with(key).mint();
            fixture.get_as("/token", &token).await.assert_ok("type and alg select");
        }
        assert_eq!(fixture.key_fetches(), 1);
    }
}

/// Documented: keys equal in name, type and `alg` are each tried, eight at most.
pub async fn atk_k04_one_name_for_many_equal_keys_costs_eight_signature_checks<A: TestApp>() {
    let keys: Vec<_> = (0..9).map(|_| SigningKey::generate(Algorithm::Es256).with_kid("same")).collect();
    let fixture = Fixture::<A>::new();
    fixture.provider.set_keys(keys.clone());
    let signed_with = |key: &SigningKey| fixture.provider.token().user("alice").sign_with(key).mint();
    for key in &keys[..8] {
        fixture.get_as("/token", &signed_with(key)).await.assert_ok("one of the first eight");
    }
    fixture.get_as("/token", &signed_with(&keys[8])).await.assert_invalid_token("the ninth");
}

pub async fn atk_k05_unknown_and_malformed_entries_are_skipped<A: TestApp>() {
    let key = SigningKey::generate(Algorithm::Es256);
    let rows = [
        ("secp256k1", json!({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA", "kid": "a"})),
        ("ML-DSA", json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA", "kid": "a"})),
        ("an unknown alg", key.clone().jwk_member("alg", "ES999").public_jwk()),
        ("alg of another type", key.clone().jwk_member("alg", "RS256").public_jwk()),
        ("alg is a number", key.clone().jwk_member("alg", 256).public_jwk()),
        ("kid is a list", key.clone().jwk_member("kid", json!(["a"])).public_jwk()),
        ("a number", json!(7)),
        ("null", json!(null)),
        ("an empty object", json!({})),
        ("a list", json!([1, 2])),
    ];
    for (what, entry) in rows {
        let fixture = Fixture::<A>::new();
        let good = fixture.provider.signing_key().public_jwk();
        fixture.provider.publish_jwks(json!({"keys": [entry, good]}).to_string());
        fixture.get_valid().await.assert_ok(what);
        assert_eq!(fixture.status().keys, 1, "{what}");
    }
}

pub async fn atk_k05_key_sets_that_are_too_large<A: TestApp>() {
    let keys = |count: usize| json!({"keys": vec![json!({"kty": "oct"}); count]}).to_string();
    let padded = |bytes: usize| json!({"keys": [], "padding": "x".repeat(bytes)}).to_string();
    let rows = [
        ("101 keys", keys(101), "jwks_too_many_keys"),
        ("10,001 keys", keys(10_001), "jwks_too_many_keys"),
        ("257 KiB", padded(257 * 1024), "too_large"),
        ("5 MB", padded(5_000_000), "too_large"),
    ];
    for (what, document, reason) in rows {
        let fixture = Fixture::<A>::warm().await;
        fixture.provider.publish_jwks(document);
        fixture.after(601);
        fixture.get_valid().await.assert_ok(&format!("{what}: the last good set stays"));
        fixture.assert_state(what, IssuerState::Stale, Some(reason));
        assert_eq!(fixture.status().keys, 1, "{what}");
    }
    let full = Fixture::<A>::new();
    let good = full.provider.signing_key().public_jwk();
    let mut hundred = vec![json!({"kty": "oct"}); 99];
    hundred.push(good);
    full.provider.publish_jwks(json!({"keys": hundred}).to_string());
    full.get_valid().await.assert_ok("100 entries are not too many");
}

pub async fn atk_k06_a_key_for_another_purpose<A: TestApp>() {
    let rows = [
        ("use enc", "use", json!("enc")),
        ("use is empty", "use", json!("")),
        ("use is a list", "use", json!(["sig"])),
        ("key_ops encrypt", "key_ops", json!(["encrypt"])),
        ("key_ops sign", "key_ops", json!(["sign"])),
        ("key_ops is empty", "key_ops", json!([])),
        ("key_ops is no list", "key_ops", json!("verify")),
    ];
    for (what, name, value) in rows {
        let key = SigningKey::generate(Algorithm::Es256).with_kid("beside").jwk_member(name, value);
        assert_only_the_good_key_counts::<A>(what, key).await;
    }
}

pub async fn atk_k09_a_new_key_is_used_at_once<A: TestApp>() {
    let fixture = Fixture::<A>::warm().await;
    let new = fixture.provider.add_key(Algorithm::EdDsa);
    let with_new = || fixture.provider.token().user("alice").sign_with(&new).mint();
    fixture.get_as("/token", &with_new()).await.assert_ok("the first token of the new key");
    assert_eq!(fixture.key_fetches(), 2, "one refetch");
    fixture.get_as("/token", &with_new()).await.assert_ok("the next one");
    fixture.get_valid().await.assert_ok("the old key is still published");
    assert_eq!(fixture.key_fetches(), 2, "no more");
}

/// A token of the key that signs now; it stays the same token when the keys change.
fn minted(fixture: &Fixture<impl TestApp>, change: impl FnOnce(TokenBuilder) -> TokenBuilder) -> String {
    change(fixture.provider.token().user("alice")).mint()
}

pub async fn atk_k09_all_keys_replaced<A: TestApp>() {
    let provider = TestProvider::builder().algorithms([Algorithm::Es256, Algorithm::EdDsa]).in_memory();
    let fixture = Fixture::<A>::warm_of(provider, |guard| guard).await;
    let (seen, unseen) = (minted(&fixture, |token| token), minted(&fixture, |token| token));
    fixture.get_as("/token", &seen).await.assert_ok("before");
    fixture.provider.rotate_keys();
    fixture.get_as("/token", &seen).await.assert_ok("nobody has asked yet");
    fixture.get_valid().await.assert_ok("a token of the new key");
    assert_eq!(fixture.key_fetches(), 2, "one refetch");
    for (what, token) in [("verified before", &seen), ("never seen", &unseen)] {
        fixture.get_as("/token", token).await.assert_invalid_token(what);
    }
    fixture.get_valid().await.assert_ok("again");
}

pub async fn atk_k09_one_key_removed<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let second = fixture.provider.add_key(Algorithm::Es384);
    let of_the_second = minted(&fixture, |token| token.sign_with(&second));
    let of_the_first = minted(&fixture, |token| token);
    fixture.get_as("/token", &of_the_second).await.assert_ok("before");
    assert!(fixture.provider.remove_key(second.kid()));
    fixture.after(601);
    let long_lived = |key: SigningKey| minted(&fixture, |token| token.sign_with(key).expires_in(3600));
    fixture.get_as("/token", &long_lived(fixture.provider.signing_key())).await.assert_ok("the key that stays");
    fixture.get_as("/token", &long_lived(second)).await.assert_invalid_token("the key that went");
    fixture.get_as("/token", &of_the_first).await.assert_invalid_token("expired meanwhile");
}

pub async fn atk_k09_a_name_reused_for_new_material<A: TestApp>() {
    let fixture = Fixture::<A>::warm().await;
    let (seen, unseen) = (minted(&fixture, |token| token), minted(&fixture, |token| token));
    fixture.get_as("/token", &seen).await.assert_ok("before");
    fixture.provider.replace_key_same_kid();
    fixture.get_valid().await.assert_ok("a token of the new material");
    assert_eq!(fixture.key_fetches(), 2, "a second look");
    for (what, token) in [("verified before", &seen), ("never seen", &unseen)] {
        fixture.get_as("/token", token).await.assert_invalid_token(what);
    }
    assert_eq!(fixture.key_fetches(), 2, "the second look had its budget");
}

/// Withdrawing a key withdraws its tokens in the background refresh too, though nobody names an unknown key.
pub async fn atk_k09_a_background_refresh_withdraws_a_key<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let second = fixture.provider.add_key(Algorithm::Es384);
    let seen = minted(&fixture, |token| token.sign_with(&second).expires_in(3600));
    fixture.get_as("/token", &seen).await.assert_ok("before");
    fixture.provider.remove_key(second.kid());
    fixture.after(600 * 89 / 100);
    fixture.get_as("/token", &seen).await.assert_ok("it starts the refresh and does not wait for it");
    until("one key is left", || fixture.status().keys == 1).await;
    fixture.get_as("/token", &seen).await.assert_invalid_token("the cache has forgotten what that key verified");
}
