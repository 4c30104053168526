//! Whose signature counts: only that of a key the provider publishes, used as what it is.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_testkit::Algorithm::{self, EdDsa, Es256, Es384, Ps256, Rs256, Rs512};
use portcullis_testkit::{Endpoint, SigningKey, TestProvider};

use crate::{Fixture, TestApp};

fn with_keys<A: TestApp>(algorithms: impl IntoIterator<Item = Algorithm>) -> Fixture<A> {
    Fixture::of(TestProvider::builder().algorithms(algorithms).in_memory(), |guard| guard)
}

type Change = fn(Vec<u8>) -> Vec<u8>;

/// The signature as bytes, changed, and the token put together again.
fn resigned(token: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> String {
    let (message, signature) = token.rsplit_once('.').expect("a token");
    let signature = change(URL_SAFE_NO_PAD.decode(signature).expect("base64url"));
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

pub async fn atk_j03_public_key_as_hmac_secret<A: TestApp>() {
    let fixture = with_keys::<A>([Rs256, Es256]);
    for key in fixture.provider.keys() {
        let jwk = key.public_jwk();
        let number = jwk.get("n").or(jwk.get("x")).and_then(|number| number.as_str()).expect("a number").to_owned();
        let pem = key.public_pem();
        let secrets: [(&str, Vec<u8>); 8] = [
            ("PEM", pem.clone().into()),
            ("PEM without its last line break", pem.trim_end().into()),
            ("PEM after white space", format!(" \n{pem}").into()),
            ("DER", key.public_der()),
            ("the number's bytes", URL_SAFE_NO_PAD.decode(&number).expect("base64url")),
            ("the number as text", number.into()),
            ("JWK", jwk.to_string().into()),
            ("nothing", Vec::new()),
        ];
        for (what, secret) in secrets {
            let forged = fixture.provider.token().user("alice").kid(key.kid()).hmac(&secret);
            for alg in ["HS256", "HS384", "HS512"] {
                fixture.assert_refused_unasked(what, &forged.clone().header("alg", alg).mint()).await;
            }
            // An honest name for a dishonest signature gets as far as the keys, and no further.
            let renamed = forged.header("alg", key.algorithm().name()).mint();
            fixture.get_as("/token", &renamed).await.assert_invalid_token(what);
        }
        let genuine = fixture.provider.token().user("alice").algorithm(key.algorithm());
        fixture.assert_admitted("the key's own signature", &genuine.mint()).await;
    }
}

pub async fn atk_j04_a_key_without_alg_serves_the_allowed_algorithms_of_its_type<A: TestApp>() {
    let provider = TestProvider::builder().algorithms([Rs256]).in_memory();
    let key = provider.signing_key().jwk_without("alg");
    provider.set_keys([key.clone()]);
    let token = |algorithm| {
        let key = key.clone().with_algorithm(algorithm);
        provider.token().user("alice").sign_with(&key).mint()
    };
    let (rs256, rs512, ps256) = (token(Rs256), token(Rs512), token(Ps256));
    let hs256 = provider.token().user("alice").kid(key.kid()).hmac(key.public_pem()).mint();
    let fixture = Fixture::<A>::of(provider, |guard| {
        guard.algorithms([portcullis::Algorithm::Rs256, portcullis::Algorithm::Es256])
    });
    fixture.assert_refused_unasked("HS256", &hs256).await;
    fixture.assert_refused_unasked("RS512 is not in the list", &rs512).await;
    fixture.assert_refused_unasked("PS256 is not in the list", &ps256).await;
    fixture.assert_admitted("RS256 is in the list and fits", &rs256).await;
    let misnamed = fixture.provider.token().user("alice").sign_with(&key).header("alg", "ES256").mint();
    fixture.assert_refused("ES256 is in the list and does not fit", &misnamed).await;
}

pub async fn atk_j05_a_key_with_alg_serves_nothing_else<A: TestApp>() {
    let fixture = with_keys::<A>([Rs256]);
    let key = fixture.provider.signing_key();
    for algorithm in [Ps256, Rs512] {
        let other = key.clone().with_algorithm(algorithm);
        let token = fixture.provider.token().user("alice").sign_with(&other);
        fixture.assert_refused(algorithm.name(), &token.clone().mint()).await;
        fixture.assert_refused("without `kid`", &token.without_header("kid").mint()).await;
    }
    fixture.assert_admitted("its own", &fixture.provider.token_for("alice")).await;
}

pub async fn atk_j06_curve_and_algorithm_belong_together<A: TestApp>() {
    let fixture = with_keys::<A>([Es256, Es384, EdDsa]);
    let token = |algorithm| fixture.provider.token().user("alice").algorithm(algorithm);
    for (key, alg) in [(Es384, "ES256"), (Es256, "ES384"), (Es256, "EdDSA"), (EdDsa, "ES256"), (Es256, "ES512")] {
        let misnamed = token(key).header("alg", alg);
        fixture.assert_refused(&format!("{alg} by a key for {key}"), &misnamed.clone().mint()).await;
        fixture.assert_refused("without `kid`", &misnamed.without_header("kid").mint()).await;
    }
    for alg in ["ES256K", "Ed448", "ed25519", "EDDSA"] {
        fixture.assert_refused_unasked(alg, &token(EdDsa).header("alg", alg).mint()).await;
    }
    fixture.assert_admitted("RFC 8037", &token(EdDsa).mint()).await;
    fixture.assert_admitted("RFC 9864", &token(EdDsa).header("alg", "Ed25519").mint()).await;
    fixture.assert_admitted("P-384", &token(Es384).mint()).await;
}

/// The order of P-256.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7,
    0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

fn small(number: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[31] = number;
    bytes
}

fn order_minus_one() -> [u8; 32] {
    let mut bytes = ORDER;
    bytes[31] -= 1;
    bytes
}

fn der(signature: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| [&[2, 33, 0], number].concat();
    let (r, s) = signature.split_at(32);
    [&[0x30, 70], integer(r).as_slice(), integer(s).as_slice()].concat()
}

pub async fn atk_j07_ecdsa_edge_values<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = || fixture.provider.token().user("alice");
    fixture.assert_admitted("genuine", &token().mint()).await;
    for r in [small(0), small(1), order_minus_one(), ORDER, [0xff; 32]] {
        for s in [small(0), small(1), order_minus_one(), ORDER, [0xff; 32]] {
            let forged = token().raw_signature([r, s].concat()).mint();
            fixture.assert_refused(&format!("r = {r:x?}, s = {s:x?}"), &forged).await;
        }
    }
    let good = token().mint();
    let rows: [(&str, Change); 8] = [
        ("63 bytes", |bytes| bytes[..63].to_vec()),
        ("65 bytes", |bytes| [bytes.as_slice(), &[0]].concat()),
        ("66 bytes, as for P-521", |bytes| [&[0], &bytes[..32], &[0], &bytes[32..]].concat()),
        ("96 bytes", |bytes| [bytes.as_slice(), &[0; 32]].concat()),
        ("DER", |bytes| der(&bytes)),
        ("the halves exchanged", |bytes| [&bytes[32..], &bytes[..32]].concat()),
        ("one byte", |_| vec![0]),
        ("the last bit turned", |mut bytes| {
            bytes[63] ^= 1;
            bytes
        }),
    ];
    for (what, change) in rows {
        fixture.assert_refused(what, &resigned(&good, change)).await;
    }
    fixture.assert_admitted("as it was", &resigned(&good, |bytes| bytes)).await;
}

pub async fn atk_j08_keys_that_a_token_brings<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let attacker = SigningKey::generate(Es256).with_kid(fixture.provider.signing_key().kid());
    let members = [
        ("jwk", attacker.public_jwk()),
        ("jku", "https://evil.example/jwks".into()),
        ("jku", "http://169.254.169.254/jwks".into()),
        ("x5u", "https://evil.example/certificate".into()),
        ("x5c", vec!["MIIB"].into()),
        ("x5t", "AAAA".into()),
        ("x5t#S256", "AAAA".into()),
    ];
    for (name, value) in members {
        let forged = fixture.provider.token().user("alice").sign_with(&attacker).header(name, value.clone());
        fixture.assert_refused(name, &forged.clone().mint()).await;
        fixture.assert_refused(name, &forged.without_header("kid").mint()).await;
        let genuine = fixture.provider.token().user("alice").header(name, value).mint();
        fixture.assert_admitted(&format!("{name} beside a genuine signature is not read"), &genuine).await;
    }
    let own_name = attacker.with_kid("attacker");
    let forged = fixture.provider.token().user("alice").sign_with(&own_name).header("jwk", own_name.public_jwk());
    fixture.assert_refused("a key of its own name", &forged.mint()).await;
}

pub async fn atk_j19_a_withdrawn_key_withdraws_its_tokens<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let old = fixture.provider.token_for("alice");
    fixture.assert_admitted("before", &old).await;
    fixture.assert_admitted("from the cache", &old).await;
    fixture.provider.rotate_keys();
    fixture.assert_admitted("nobody has noticed yet", &old).await;
    fixture.assert_admitted("the new key", &fixture.provider.token_for("alice")).await;
    fixture.assert_refused("after the new set has come", &old).await;
    fixture.provider.publish_jwks(r#"{"keys":[]}"#);
    fixture.assert_refused("and no empty set brings it back", &old).await;
}

pub async fn atk_j19_tokens_alike_in_a_long_prefix<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let good = fixture.provider.token().user("alice").claim("padding", "x".repeat(4000)).mint();
    fixture.assert_admitted("cached", &good).await;
    for position in [0, 31, 32, 63] {
        let forged = resigned(&good, |mut signature| {
            signature[position] ^= 0x10;
            signature
        });
        assert_eq!(good[..5000], forged[..5000]);
        fixture.assert_refused("another signature", &forged).await;
    }
    let (message, _) = good.rsplit_once('.').expect("a token");
    let other = fixture.provider.token_for("bob");
    let (_, foreign) = other.rsplit_once('.').expect("a token");
    fixture.assert_refused("the signature of another token", &format!("{message}.{foreign}")).await;
    fixture.assert_admitted("still cached", &good).await;
}

pub async fn atk_j19_a_cached_token_dies_with_its_exp<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token().user("alice").expires_in(100).mint();
    fixture.assert_admitted("cached", &token).await;
    fixture.clock.advance(Duration::from_secs(159));
    fixture.assert_admitted("within the leeway", &token).await;
    fixture.clock.advance(Duration::from_secs(1));
    fixture.assert_refused_unasked("dead", &token).await;
    assert_eq!(fixture.provider.requests(Endpoint::Jwks), 1);
}

pub async fn atk_j20_rsa_signature_forms<A: TestApp>() {
    let provider = TestProvider::builder().algorithms([Rs256]).in_memory();
    let key = provider.signing_key().jwk_without("alg");
    provider.set_keys([key.clone()]);
    let fixture = Fixture::<A>::of(provider, |guard| guard);
    for (algorithm, other) in [(Rs256, Ps256), (Ps256, Rs256), (Rs256, Rs512), (Ps256, Algorithm::Ps384)] {
        let token = fixture.provider.token().user("alice").sign_with(key.clone().with_algorithm(algorithm));
        let good = token.clone().mint();
        fixture.assert_admitted(algorithm.name(), &good).await;
        let rows: [(&str, Change); 6] = [
            ("a byte short", |bytes| bytes[1..].to_vec()),
            ("a leading zero", |bytes| [&[0], bytes.as_slice()].concat()),
            ("a byte long", |bytes| [bytes.as_slice(), &[0]].concat()),
            ("zero", |bytes| vec![0; bytes.len()]),
            ("one", |bytes| [vec![0; bytes.len() - 1], vec![1]].concat()),
            ("beyond the modulus", |bytes| vec![0xff; bytes.len()]),
        ];
        for (what, change) in rows {
            fixture.assert_refused(&format!("{algorithm}: {what}"), &resigned(&good, change)).await;
        }
        let renamed = token.header("alg", other.name()).mint();
        fixture.assert_refused(&format!("{algorithm} called {other}"), &renamed).await;
    }
}
