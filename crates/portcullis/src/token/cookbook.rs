//! The JOSE cookbook: RFC 7520 section 4, RFC 8037 appendix A.4, RFC 7797 section 4.2.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::wycheproof::{accepted, read};
use super::{Algorithm, Jws, JwsError};
use crate::keys::{HmacAlgorithm, KeySet};
use crate::test_support::shared_folder;

/// Whether a published example in compact form is accepted; `None` where it has none.
fn verdict(file: &Path) -> Option<bool> {
    let example = read(file);
    let compact = example["output"]["compact"].as_str()?;
    let mut key = example["input"]["key"].clone();
    key.as_object_mut().unwrap().remove("d");
    if key["kty"] == "oct" {
        key["alg"] = example["input"]["alg"].clone();
    }
    Some(accepted(&key, compact))
}

#[test]
fn rfc7520_and_rfc8037_examples() {
    let Some(shared) = shared_folder() else { return };
    let folder = shared.join("vectors/cookbook");
    let rows = [
        ("jws/4_1.rsa_v15_signature.json", Some(true)),
        ("jws/4_2.rsa-pss_signature.json", Some(true)),
        ("jws/4_3.ecdsa_signature.json", Some(true)),
        ("jws/4_4.hmac-sha2_integrity_protection.json", Some(true)),
        // Detached content (J10): the payload is not in the token, so the signature is not of what the token says.
        ("jws/4_5.signature_with_detached_content.json", Some(false)),
        ("jws/4_6.protecting_specific_header_fields.json", None),
        ("jws/4_7.protecting_content_only.json", None),
        ("jws/4_8.multiple_signatures.json", None),
        ("curve25519/jws.json", Some(true)),
        ("rfc7797/4.2.hmac-sha2_b64_false.json", None),
        ("rfc7797/hmac-sha2_b64_false.json", Some(false)),
    ];
    for (file, expected) in rows {
        assert_eq!(verdict(&folder.join(file)), expected, "{file}");
    }
    let listed = rows.iter().filter(|(file, _)| file.starts_with("jws/")).count();
    assert_eq!(fs::read_dir(folder.join("jws")).unwrap().count(), listed, "every file of the folder is a row");
}

#[test]
fn atk_j11_json_serializations_are_refused() {
    let Some(shared) = shared_folder() else { return };
    let mut tried = 0;
    for folder in ["jws", "rfc7797", "curve25519"] {
        for file in fs::read_dir(shared.join("vectors/cookbook").join(folder)).unwrap() {
            let output = &read(&file.unwrap().path())["output"];
            for form in [&output["json"], &output["json_flat"]].into_iter().filter(|form| form.is_object()) {
                assert_eq!(Jws::parse(&form.to_string(), Algorithm::ALL).err(), Some(JwsError::Characters));
                tried += 1;
            }
        }
    }
    assert_eq!(tried, 23);
}

#[test]
fn atk_j10_unencoded_payload_is_refused_for_its_header_too() {
    let Some(shared) = shared_folder() else { return };
    let example = read(&shared.join("vectors/cookbook/rfc7797/hmac-sha2_b64_false.json"));
    let compact = example["output"]["compact"].as_str().unwrap();
    assert_eq!(Jws::parse(compact, &[HmacAlgorithm::Hs256]).err(), Some(JwsError::Characters));
    let legal_payload = compact.replace("This is the payload string!", "Zm9v");
    assert_eq!(Jws::parse(&legal_payload, &[HmacAlgorithm::Hs256]).err(), Some(JwsError::Critical));
}

#[test]
fn rfc7520_published_keys() {
    let Some(shared) = shared_folder() else { return };
    let rows = [
        ("3_1.ec_public_key.json", true),
        ("3_2.ec_private_key.json", true),
        ("3_3.rsa_public_key.json", true),
        ("3_4.rsa_private_key.json", true),
        ("3_5.symmetric_key_mac_computation.json", false),
        ("3_6.symmetric_key_encryption.json", false),
    ];
    for (file, usable) in rows {
        let jwk: Value = read(&shared.join("vectors/cookbook/jwk").join(file));
        let set = KeySet::parse(json!({ "keys": [jwk] }).to_string().as_bytes());
        assert_eq!(set.is_ok(), usable, "{file}");
    }
}
