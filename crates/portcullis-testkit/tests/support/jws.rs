//! A plain verifier on the primitives, independent of the crate under test.

use aws_lc_rs::signature::{self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

pub(crate) struct Jws {
    pub(crate) header: Value,
    pub(crate) claims: Value,
    pub(crate) signature: Vec<u8>,
    message: String,
}

pub(crate) fn parse(token: &str) -> Jws {
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();
    let json = |part: &str| serde_json::from_slice(&decode(part)).unwrap_or(Value::Null);
    Jws { header: json(header), claims: json(payload), signature: decode(signature), message: message.to_owned() }
}

impl Jws {
    pub(crate) fn verifies_with(&self, jwk: &Value) -> bool {
        let algorithm = self.header["alg"].as_str().unwrap();
        let member = |name: &str| decode(jwk[name].as_str().unwrap());
        let message = self.message.as_bytes();
        if let Some(rsa) = rsa(algorithm) {
            return RsaPublicKeyComponents { n: member("n"), e: member("e") }
                .verify(rsa, message, &self.signature)
                .is_ok();
        }
        let (algorithm, key): (&'static dyn VerificationAlgorithm, _) = match algorithm {
            "ES256" => (&signature::ECDSA_P256_SHA256_FIXED, [vec![4], member("x"), member("y")].concat()),
            "ES384" => (&signature::ECDSA_P384_SHA384_FIXED, [vec![4], member("x"), member("y")].concat()),
            "ES512" => (&signature::ECDSA_P521_SHA512_FIXED, [vec![4], member("x"), member("y")].concat()),
            "EdDSA" => (&signature::ED25519, member("x")),
            other => panic!("{other}"),
        };
        UnparsedPublicKey::new(algorithm, key).verify(message, &self.signature).is_ok()
    }

    pub(crate) fn message(&self) -> &[u8] {
        self.message.as_bytes()
    }
}

pub(crate) fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn rsa(algorithm: &str) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        "RS256" => &signature::RSA_PKCS1_2048_8192_SHA256,
        "RS384" => &signature::RSA_PKCS1_2048_8192_SHA384,
        "RS512" => &signature::RSA_PKCS1_2048_8192_SHA512,
        "PS256" => &signature::RSA_PSS_2048_8192_SHA256,
        "PS384" => &signature::RSA_PSS_2048_8192_SHA384,
        "PS512" => &signature::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}
