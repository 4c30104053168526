//! Project Wycheproof's signature vectors, run at the layer of raw JWS and JWK.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Algorithm, Jws, SignatureAlgorithm};
use crate::keys::{ClientSecret, HmacAlgorithm, KeySet};
use crate::test_support::shared_folder;

const SIGNATURES: &str = "json_web_signature_test.json";
const KEYS: &str = "json_web_key_test.json";
const CRYPTO: &str = "json_web_crypto_test.json";

/// Cases marked valid that a strict library refuses, and why.
const REFUSED_ALL_THE_SAME: [(&str, u64, &str); 11] = [
    (SIGNATURES, 346, "the key says PS256, the header PS384 (J05)"),
    (SIGNATURES, 350, "the key says PS256, the header PS384 (J05)"),
    (SIGNATURES, 347, "the key says ES521, which is not a registered name"),
    (SIGNATURES, 351, "the key says ES521, which is not a registered name"),
    (SIGNATURES, 372, "a question mark within the base64url of the header (J11)"),
    (SIGNATURES, 373, "a question mark within the base64url of the payload (J11)"),
    (KEYS, 2, "an oct key in a key set (K03)"),
    (KEYS, 13, "an oct key in a key set (K03)"),
    (KEYS, 14, "an oct key in a key set (K03)"),
    (KEYS, 15, "an oct key in a key set (K03)"),
    (CRYPTO, 48, "an oct key in a key set (K03)"),
];

/// Cases marked invalid whose token is, byte for byte, that of case 357, which is marked valid: the padding they are
/// named after was lost when the file was made (C2SP/wycheproof issue 236). No verifier can satisfy both.
const LIKE_VALID_CASE_357: [u64; 2] = [367, 370];

pub(super) fn read(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

/// Whether we accept this token with this JWK or key set, as its type of key demands.
pub(super) fn accepted(key: &Value, token: &str) -> bool {
    if key["kty"] == "oct" {
        return accepted_by_secret(key, token);
    }
    let set = if key.get("keys").is_some() { key.clone() } else { json!({ "keys": [key] }) };
    let Ok(set) = KeySet::parse(set.to_string().as_bytes()) else { return false };
    let Ok(jws) = Jws::parse(token, Algorithm::ALL) else { return false };
    let mut candidates = set.candidates(jws.header.key_id.as_deref(), jws.header.algorithm);
    candidates.any(|key| jws.verify_with(key))
}

fn accepted_by_secret(key: &Value, token: &str) -> bool {
    let Some(algorithm) = HmacAlgorithm::named(key["alg"].as_str().unwrap()) else { return false };
    let secret = URL_SAFE_NO_PAD.decode(key["k"].as_str().unwrap()).unwrap();
    let Ok(secret) = ClientSecret::new(algorithm, &secret) else { return false };
    Jws::parse(token, &[algorithm]).is_ok_and(|jws| secret.verify(&jws))
}

#[derive(Default)]
struct Tally {
    valid: usize,
    invalid: usize,
    encrypted: usize,
    overridden: BTreeSet<(&'static str, u64)>,
    contradicted: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn judge(&mut self, file: &'static str, group: &Value, case: &Value) {
        let Some(token) = case.get("jws") else {
            self.encrypted += 1;
            return;
        };
        // A token in the JSON serialization is given as an object in one of the files.
        let token = token.as_str().map_or_else(|| token.to_string(), ToOwned::to_owned);
        let key = group.get("public").unwrap_or(&group["private"]);
        let id = case["tcId"].as_u64().unwrap();
        let mut expected = case["result"] == "valid";
        if expected {
            self.valid += 1
        } else {
            self.invalid += 1
        }
        if REFUSED_ALL_THE_SAME.iter().any(|(of, number, _)| (*of, *number) == (file, id)) {
            assert!(expected, "{file} {id}: an override that is none");
            self.overridden.insert((file, id));
            expected = false;
        }
        if file == SIGNATURES && LIKE_VALID_CASE_357.contains(&id) {
            let cases = group["tests"].as_array().unwrap();
            let valid = cases.iter().find(|case| case["tcId"] == 357).unwrap();
            assert_eq!((&valid["jws"], &valid["result"]), (&case["jws"], &json!("valid")));
            self.contradicted += 1;
            expected = true;
        }
        if accepted(key, &token) != expected {
            self.wrong.push(format!("{file} {id} {}: expected {expected}", case["comment"]));
        }
    }
}

#[test]
fn atk_wycheproof_j01_j07_j20_k01_k02_k03_k06() {
    let Some(shared) = shared_folder() else { return };
    let mut tally = Tally::default();
    for file in [SIGNATURES, KEYS, CRYPTO] {
        let vectors = read(&shared.join("vectors/wycheproof").join(file));
        for group in vectors["testGroups"].as_array().unwrap() {
            for case in group["tests"].as_array().unwrap() {
                tally.judge(file, group, case);
            }
        }
    }
    let Tally { valid, invalid, encrypted, overridden, contradicted, wrong } = tally;
    eprintln!("wycheproof: {} cases run ({valid} valid, {invalid} invalid)", valid + invalid);
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(overridden.len(), 11, "each override is met once");
    assert_eq!(contradicted, 2);
    assert_eq!((valid + invalid, encrypted), (476, 34), "no case is silently left out");
}
