//! Private keys and what they sign.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::Algorithm;
use super::der;

/// RSA keys of this process, shared by its providers: generating one takes long, and most tests do not care.
static SHARED_RSA: Mutex<Vec<Arc<RsaKeyPair>>> = Mutex::new(Vec::new());

pub(crate) enum Material {
    Rsa(Arc<RsaKeyPair>),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// Where an RSA key comes from; other keys are always new.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RsaSource {
    New,
    Shared(usize),
}

impl Material {
    pub(crate) fn generate(algorithm: Algorithm, rsa: RsaSource) -> Self {
        match algorithm {
            Algorithm::Es256 => Self::ecdsa(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::Es384 => Self::ecdsa(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::Es512 => Self::ecdsa(&signature::ECDSA_P521_SHA512_FIXED_SIGNING),
            Algorithm::EdDsa => Self::Ed25519(Ed25519KeyPair::generate().expect("an Ed25519 key can be generated")),
            _ => Self::Rsa(rsa_key(rsa)),
        }
    }

    fn ecdsa(algorithm: &'static EcdsaSigningAlgorithm) -> Self {
        Self::Ecdsa(EcdsaKeyPair::generate(algorithm).expect("an EC key can be generated"))
    }

    pub(crate) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(rsa_encoding(algorithm), &random, message, &mut signature).expect("RSA can sign");
                signature
            }
            Self::Ecdsa(key) => key.sign(&random, message).expect("ECDSA can sign").as_ref().to_vec(),
            Self::Ed25519(key) => key.sign(message).as_ref().to_vec(),
        }
    }

    /// The members of a JWK that are the public key itself.
    pub(crate) fn public_members(&self, algorithm: Algorithm) -> Map<String, Value> {
        let members = match self {
            Self::Rsa(key) => {
                let (modulus, exponent) = der::rsa_public(key.public_key().as_ref());
                json!({"kty": "RSA", "n": encode(modulus), "e": encode(exponent)})
            }
            Self::Ecdsa(key) => {
                let point = &key.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                json!({"kty": "EC", "crv": curve(algorithm), "x": encode(x), "y": encode(y)})
            }
            Self::Ed25519(key) => json!({"kty": "OKP", "crv": "Ed25519", "x": encode(key.public_key().as_ref())}),
        };
        match members {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }

    pub(crate) fn public_der(&self) -> Vec<u8> {
        let der = match self {
            Self::Rsa(key) => AsDer::<PublicKeyX509Der<'_>>::as_der(key.public_key()),
            Self::Ecdsa(key) => AsDer::<PublicKeyX509Der<'_>>::as_der(key.public_key()),
            Self::Ed25519(key) => AsDer::<PublicKeyX509Der<'_>>::as_der(key.public_key()),
        };
        der.expect("a public key can be written as DER").as_ref().to_vec()
    }
}

fn rsa_key(source: RsaSource) -> Arc<RsaKeyPair> {
    let RsaSource::Shared(index) = source else { return new_rsa_key() };
    let mut shared = SHARED_RSA.lock().unwrap_or_else(PoisonError::into_inner);
    while shared.len() <= index {
        shared.push(new_rsa_key());
    }
    Arc::clone(&shared[index])
}

fn new_rsa_key() -> Arc<RsaKeyPair> {
    Arc::new(RsaKeyPair::generate(KeySize::Rsa2048).expect("an RSA key can be generated"))
}

fn rsa_encoding(algorithm: Algorithm) -> &'static dyn signature::RsaEncoding {
    match algorithm {
        Algorithm::Rs384 => &signature::RSA_PKCS1_SHA384,
        Algorithm::Rs512 => &signature::RSA_PKCS1_SHA512,
        Algorithm::Ps256 => &signature::RSA_PSS_SHA256,
        Algorithm::Ps384 => &signature::RSA_PSS_SHA384,
        Algorithm::Ps512 => &signature::RSA_PSS_SHA512,
        _ => &signature::RSA_PKCS1_SHA256,
    }
}

fn curve(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Es384 => "P-384",
        Algorithm::Es512 => "P-521",
        _ => "P-256",
    }
}

pub(super) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
