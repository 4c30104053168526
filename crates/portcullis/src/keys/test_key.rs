//! Key pairs made for one test run, and tokens signed with them.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::PublicKey;
use crate::json::Object;
use crate::token::Algorithm;

/// A private key with its JWK. RSA keys take long to make: one is shared by all tests.
pub(crate) enum TestKey {
    Rsa(&'static rsa::KeyPair),
    EllipticCurve(Algorithm, EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl TestKey {
    pub(crate) fn for_algorithm(algorithm: Algorithm) -> Self {
        static RSA: LazyLock<rsa::KeyPair> = LazyLock::new(|| rsa::KeyPair::generate(KeySize::Rsa2048).unwrap());
        let signing = match algorithm {
            Algorithm::Es256 => &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
            Algorithm::Es384 => &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
            Algorithm::Es512 => &signature::ECDSA_P521_SHA512_FIXED_SIGNING,
            Algorithm::EdDsa => return Self::Ed25519(Ed25519KeyPair::generate().unwrap()),
            _ => return Self::Rsa(&RSA),
        };
        Self::EllipticCurve(algorithm, EcdsaKeyPair::generate(signing).unwrap())
    }

    /// The public half, without `kid`, `alg` and `use`.
    pub(crate) fn jwk(&self) -> Object {
        let value = match self {
            Self::Rsa(pair) => {
                // RFC 8017 A.1.1: SEQUENCE { INTEGER n, INTEGER e }; at 2048 bits every length is known.
                let der = pair.public_key().as_ref();
                json!({ "kty": "RSA", "n": encode(&der[9..265]), "e": encode(&der[267..]) })
            }
            Self::EllipticCurve(algorithm, pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(pair.public_key().as_ref().len() / 2);
                let curve = match algorithm {
                    Algorithm::Es256 => "P-256",
                    Algorithm::Es384 => "P-384",
                    _ => "P-521",
                };
                json!({ "kty": "EC", "crv": curve, "x": encode(x), "y": encode(y) })
            }
            Self::Ed25519(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key().as_ref()) })
            }
        };
        value.as_object().unwrap().clone()
    }

    /// The public half with these members added.
    pub(crate) fn jwk_with(&self, members: Value) -> Object {
        let mut jwk = self.jwk();
        jwk.extend(members.as_object().unwrap().clone());
        jwk
    }

    pub(crate) fn public(&self) -> PublicKey {
        PublicKey::from_jwk(&self.jwk()).unwrap()
    }

    pub(crate) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Rsa(pair) => sign_rsa(pair, algorithm, message),
            Self::EllipticCurve(_, pair) => pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// A token with exactly this header and payload.
    pub(crate) fn token(&self, algorithm: Algorithm, header: &Value, payload: &str) -> String {
        let input = format!("{}.{}", encode(header.to_string()), encode(payload));
        let signature = self.sign(algorithm, input.as_bytes());
        format!("{input}.{}", encode(signature))
    }
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn sign_rsa(pair: &rsa::KeyPair, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
    let encoding: &dyn signature::RsaEncoding = match algorithm {
        Algorithm::Rs256 => &signature::RSA_PKCS1_SHA256,
        Algorithm::Rs384 => &signature::RSA_PKCS1_SHA384,
        Algorithm::Rs512 => &signature::RSA_PKCS1_SHA512,
        Algorithm::Ps256 => &signature::RSA_PSS_SHA256,
        Algorithm::Ps384 => &signature::RSA_PSS_SHA384,
        _ => &signature::RSA_PSS_SHA512,
    };
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), message, &mut signature).unwrap();
    signature
}
