use serde_json::{Value, json};

use super::PublicKey;
use crate::json::Object;
use crate::keys::refusal::KeyRefusal;
use crate::keys::test_key::{TestKey, encode};
use crate::token::Algorithm;

const RSA: Algorithm = Algorithm::Rs256;
const P256: Algorithm = Algorithm::Es256;
const ED25519: Algorithm = Algorithm::EdDsa;

fn refusal(key: Algorithm, members: Value) -> Option<KeyRefusal> {
    PublicKey::from_jwk(&TestKey::for_algorithm(key).jwk_with(members)).err()
}

/// An odd number of exactly this many bits.
fn odd(bits: usize) -> Vec<u8> {
    let mut number = vec![0xff; bits.div_ceil(8)];
    number[0] >>= (8 - bits % 8) % 8;
    number
}

#[test]
fn every_algorithm_is_verified_and_no_other() {
    for signed in Algorithm::ALL {
        let pair = TestKey::for_algorithm(*signed);
        let (key, signature) = (pair.public(), pair.sign(*signed, b"message"));
        for tried in Algorithm::ALL {
            assert_eq!(key.verify(*tried, b"message", &signature), tried == signed, "{signed} as {tried}");
        }
        assert!(!key.verify(*signed, b"massage", &signature), "{signed}");
        assert!(!key.verify(*signed, b"message", &[]), "{signed}");
    }
}

#[test]
fn atk_k01_rsa_numbers() {
    let n = |bits| json!({ "n": encode(odd(bits)) });
    let mut even = odd(2048);
    even[255] = 0xfe;
    let e = |bytes: &[u8]| json!({ "e": encode(bytes) });
    let rows = [
        ("512_bits", n(512), Some(KeyRefusal::Modulus)),
        ("1024_bits", n(1024), Some(KeyRefusal::Modulus)),
        ("2047_bits", n(2047), Some(KeyRefusal::Modulus)),
        ("2048_bits", n(2048), None),
        ("8192_bits", n(8192), None),
        ("8193_bits", n(8193), Some(KeyRefusal::Modulus)),
        ("16385_bits", n(16_385), Some(KeyRefusal::Modulus)),
        ("n_zero", json!({ "n": encode([0; 256]) }), Some(KeyRefusal::Modulus)),
        ("n_empty", json!({ "n": "" }), Some(KeyRefusal::Modulus)),
        ("n_even", json!({ "n": encode(even) }), Some(KeyRefusal::Modulus)),
        ("n_leading_zeros", json!({ "n": encode([vec![0; 3], odd(2048)].concat()) }), None),
        ("n_short_behind_zeros", json!({ "n": encode([vec![0; 128], odd(1024)].concat()) }), Some(KeyRefusal::Modulus)),
        ("n_padding", json!({ "n": format!("{}==", encode(odd(2048))) }), Some(KeyRefusal::Encoding)),
        ("n_not_a_string", json!({ "n": 1 }), Some(KeyRefusal::Encoding)),
        ("e_3", e(&[3]), None),
        ("e_leading_zeros", e(&[0, 0, 1, 0, 1]), None),
        ("e_largest", e(&[0xff; 4]), None),
        ("e_0", e(&[0]), Some(KeyRefusal::Exponent)),
        ("e_1", e(&[1]), Some(KeyRefusal::Exponent)),
        ("e_2", e(&[2]), Some(KeyRefusal::Exponent)),
        ("e_even", e(&[1, 0, 0]), Some(KeyRefusal::Exponent)),
        ("e_33_bits", e(&[1, 0, 0, 0, 1]), Some(KeyRefusal::Exponent)),
        ("e_72_bits", e(&[0xff; 9]), Some(KeyRefusal::Exponent)),
    ];
    for (name, members, expected) in rows {
        assert_eq!(refusal(RSA, members), expected, "{name}");
    }
}

#[test]
fn leading_zeros_of_a_modulus_change_nothing() {
    let pair = TestKey::for_algorithm(RSA);
    let plain = pair.jwk();
    let decode = |text: &Value| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
    };
    let n = encode([vec![0], decode(&plain["n"])].concat());
    let zeros = PublicKey::from_jwk(&pair.jwk_with(json!({ "n": n }))).unwrap();
    assert!(zeros.verify(RSA, b"message", &pair.sign(RSA, b"message")));
    assert!(zeros.same_material(&pair.public()));
}

#[test]
fn atk_k02_points() {
    let (short, long, zero) = (encode([1; 31]), encode([1; 33]), encode([0; 32]));
    let rows = [
        ("x_short", P256, json!({ "x": short }), KeyRefusal::CoordinateLength),
        ("y_long", P256, json!({ "y": long }), KeyRefusal::CoordinateLength),
        ("not_on_the_curve", P256, json!({ "x": encode([1; 32]) }), KeyRefusal::NotAKey),
        ("infinity", P256, json!({ "x": zero, "y": zero }), KeyRefusal::NotAKey),
        ("beyond_the_field", P256, json!({ "x": encode([0xff; 32]) }), KeyRefusal::NotAKey),
        ("wrong_curve", P256, json!({ "crv": "P-384" }), KeyRefusal::CoordinateLength),
        ("no_y", P256, json!({ "y": null }), KeyRefusal::Encoding),
        ("no_curve", P256, json!({ "crv": null }), KeyRefusal::Malformed),
        ("ed25519_short", ED25519, json!({ "x": short }), KeyRefusal::CoordinateLength),
        ("ed25519_long", ED25519, json!({ "x": long }), KeyRefusal::CoordinateLength),
        ("x25519", ED25519, json!({ "crv": "X25519" }), KeyRefusal::Curve),
        ("p256_as_okp", ED25519, json!({ "crv": "P-256" }), KeyRefusal::Curve),
        ("ed25519_as_ec", P256, json!({ "crv": "Ed25519" }), KeyRefusal::Curve),
    ];
    for (name, key, members, expected) in rows {
        assert_eq!(refusal(key, members), Some(expected), "{name}");
    }
}

#[test]
fn atk_k05_unknown_things() {
    let rows = [
        ("secp256k1", json!({ "crv": "secp256k1" }), KeyRefusal::Curve),
        ("akp", json!({ "kty": "AKP" }), KeyRefusal::KeyType),
        ("kty_lower_case", json!({ "kty": "ec" }), KeyRefusal::KeyType),
        ("kty_number", json!({ "kty": 1 }), KeyRefusal::Malformed),
        ("kty_oct", json!({ "kty": "oct", "k": "AAAA" }), KeyRefusal::Symmetric),
        ("kty_wrong", json!({ "kty": "RSA" }), KeyRefusal::Encoding),
        ("alg_unknown", json!({ "alg": "ML-DSA-44" }), KeyRefusal::AlgorithmUnknown),
        ("alg_not_registered", json!({ "alg": "ES521" }), KeyRefusal::AlgorithmUnknown),
        ("alg_hmac", json!({ "alg": "HS256" }), KeyRefusal::AlgorithmUnknown),
        ("alg_number", json!({ "alg": 1 }), KeyRefusal::Malformed),
        ("alg_of_another_curve", json!({ "alg": "ES384" }), KeyRefusal::AlgorithmMismatch),
        ("alg_of_another_type", json!({ "alg": "RS256" }), KeyRefusal::AlgorithmMismatch),
        ("kid_number", json!({ "kid": 1 }), KeyRefusal::Malformed),
        ("kid_long", json!({ "kid": "a".repeat(257) }), KeyRefusal::KeyIdTooLong),
    ];
    for (name, members, expected) in rows {
        assert_eq!(refusal(P256, members), Some(expected), "{name}");
    }
    assert_eq!(PublicKey::from_jwk(&Object::new()).err(), Some(KeyRefusal::Malformed));
}

#[test]
fn atk_k06_purpose() {
    let rows = [
        (json!({ "use": "sig" }), None),
        (json!({ "use": "enc" }), Some(KeyRefusal::Use)),
        (json!({ "use": "SIG" }), Some(KeyRefusal::Use)),
        (json!({ "use": ["sig"] }), Some(KeyRefusal::Malformed)),
        (json!({ "key_ops": ["verify"] }), None),
        (json!({ "key_ops": ["sign", "verify"] }), None),
        (json!({ "key_ops": ["sign"] }), Some(KeyRefusal::Operations)),
        (json!({ "key_ops": ["encrypt"] }), Some(KeyRefusal::Operations)),
        (json!({ "key_ops": [] }), Some(KeyRefusal::Operations)),
        (json!({ "key_ops": "verify" }), Some(KeyRefusal::Malformed)),
        (json!({ "use": "enc", "key_ops": ["verify"] }), Some(KeyRefusal::Use)),
    ];
    for (members, expected) in rows {
        assert_eq!(refusal(P256, members.clone()), expected, "{members}");
    }
}

#[test]
fn atk_j04_a_key_without_alg_fits_what_its_type_can_do() {
    let fitting = |key: Algorithm| {
        let key = TestKey::for_algorithm(key).public();
        Algorithm::ALL.iter().filter(|algorithm| key.fits(**algorithm)).map(|a| a.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(fitting(RSA), ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]);
    assert_eq!(fitting(P256), ["ES256"]);
    assert_eq!(fitting(Algorithm::Es384), ["ES384"]);
    assert_eq!(fitting(Algorithm::Es512), ["ES512"]);
    assert_eq!(fitting(ED25519), ["EdDSA"]);
}

#[test]
fn atk_j05_a_key_with_alg_fits_nothing_else() {
    let pair = TestKey::for_algorithm(RSA);
    let key = PublicKey::from_jwk(&pair.jwk_with(json!({ "alg": "RS256" }))).unwrap();
    assert!(key.fits(Algorithm::Rs256) && !key.fits(Algorithm::Ps256) && !key.fits(Algorithm::Rs512));
    assert!(!key.verify(Algorithm::Ps256, b"message", &pair.sign(Algorithm::Ps256, b"message")));
}

#[test]
fn atk_j06_both_names_of_ed25519() {
    for alg in ["EdDSA", "Ed25519"] {
        let key = PublicKey::from_jwk(&TestKey::for_algorithm(ED25519).jwk_with(json!({ "alg": alg }))).unwrap();
        assert!(key.fits(Algorithm::EdDsa), "{alg}");
    }
}

#[test]
fn atk_j07_signatures_of_another_form() {
    let pair = TestKey::for_algorithm(P256);
    let key = pair.public();
    let good = pair.sign(P256, b"message");
    let mut zero_after = good.clone();
    zero_after.push(0);
    for bad in [&good[..63], &zero_after, &[0; 64], &[0xff; 64], &[]] {
        assert!(!key.verify(P256, b"message", bad), "{} bytes", bad.len());
    }
    let der = [&[0x30, 0x44, 0x02, 0x20], &good[..32], &[0x02, 0x20], &good[32..]].concat();
    assert!(!key.verify(P256, b"message", &der));
}

#[test]
fn same_material() {
    let pair = TestKey::for_algorithm(RSA);
    let key = |members| PublicKey::from_jwk(&pair.jwk_with(members)).unwrap();
    let named = key(json!({ "kid": "a" }));
    assert!(named.same_material(&key(json!({ "kid": "a", "use": "sig" }))));
    assert!(!named.same_material(&key(json!({ "kid": "b" }))), "another name");
    assert!(!named.same_material(&key(json!({}))), "no name");
    assert!(!named.same_material(&key(json!({ "kid": "a", "alg": "RS256" }))), "narrowed");
    assert!(!named.same_material(&key(json!({ "kid": "a", "e": "Aw" }))), "another exponent");
    let others = || TestKey::for_algorithm(P256).jwk_with(json!({ "kid": "a" }));
    let other = |jwk: Object| PublicKey::from_jwk(&jwk).unwrap();
    assert!(!other(others()).same_material(&other(others())), "atk_k09 reused name");
}

#[test]
fn debug_shows_no_key_material() {
    let pair = TestKey::for_algorithm(P256);
    let key = PublicKey::from_jwk(&pair.jwk_with(json!({ "kid": "a" }))).unwrap();
    let expected = r#"PublicKey { key_id: Some("a"), algorithms: ["ES256"], retired: false, .. }"#;
    assert_eq!(format!("{key:?}"), expected);
    key.retire();
    assert!(key.is_retired());
}
