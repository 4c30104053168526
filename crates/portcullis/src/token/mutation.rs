//! No single byte of a token can be changed.

use serde_json::json;

use super::{Algorithm, Jws};
use crate::keys::PublicKey;
use crate::keys::test_key::TestKey;

fn accepted(token: &str, key: &PublicKey) -> bool {
    Jws::parse(token, Algorithm::ALL).is_ok_and(|jws| jws.verify_with(key))
}

#[test]
fn atk_j12_every_single_byte_mutation_is_refused() {
    for algorithm in [Algorithm::Es256, Algorithm::Rs256] {
        let pair = TestKey::for_algorithm(algorithm);
        let key = pair.public();
        let token = pair.token(algorithm, &json!({ "alg": algorithm.as_str(), "kid": "k" }), r#"{"sub":"a"}"#);
        assert!(accepted(&token, &key));
        for position in 0..token.len() {
            // Bytes from 128 on would not be a `str`.
            for byte in (0..128).map(char::from) {
                let mut mutant = token.clone();
                mutant.replace_range(position..=position, byte.encode_utf8(&mut [0; 4]));
                let expected = mutant == token;
                assert_eq!(accepted(&mutant, &key), expected, "{algorithm}: {byte:?} at {position}");
            }
        }
    }
}

#[test]
fn atk_j12_every_truncation_and_single_insertion_is_refused() {
    let pair = TestKey::for_algorithm(Algorithm::EdDsa);
    let key = pair.public();
    let token = pair.token(Algorithm::EdDsa, &json!({ "alg": "EdDSA" }), "{}");
    assert!(accepted(&token, &key));
    for position in 0..token.len() {
        assert!(!accepted(&token[..position], &key), "cut at {position}");
    }
    for position in 0..=token.len() {
        for byte in ["A", ".", "=", " ", "\0", "\n", "%", "é"] {
            let mut mutant = token.clone();
            mutant.insert_str(position, byte);
            assert!(!accepted(&mutant, &key), "{byte:?} at {position}");
        }
    }
}
