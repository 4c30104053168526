//! The client's own private keys, and the assertions they sign.

use std::fmt;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, RsaEncoding, RsaKeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::json::{self, Object};
use crate::token::Algorithm;

/// How long an assertion is good: long enough for one request, too short to be of use to a thief.
const LIFETIME: Duration = Duration::from_secs(60);

/// The key of a private JWK set that signs client assertions.
pub(crate) struct ClientKeys {
    algorithm: Algorithm,
    key_id: Option<String>,
    key: SigningKey,
}

enum SigningKey {
    Rsa(Box<RsaKeyPair>, &'static dyn RsaEncoding),
    Ecdsa(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl ClientKeys {
    /// Reads a private JWK set, or a single private JWK, and takes the first key that can sign.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let document = json::object(text.as_bytes()).map_err(|_| "is no JSON object")?;
        let Some(keys) = document.get("keys") else { return Self::from_jwk(&document) };
        let keys = keys.as_array().ok_or("has `keys` that is no list")?;
        let mut reason = "has no key";
        for key in keys.iter().filter_map(Value::as_object) {
            match Self::from_jwk(key) {
                Ok(keys) => return Ok(keys),
                Err(refused) => reason = refused,
            }
        }
        Err(reason)
    }

    fn from_jwk(jwk: &Object) -> Result<Self, &'static str> {
        if jwk.get("use").is_some_and(|usage| usage != "sig") {
            return Err("has no key for signing");
        }
        let (algorithm, key) = match text(jwk, "kty")? {
            "RSA" => rsa(jwk)?,
            "EC" => ecdsa(jwk)?,
            "OKP" => ed25519(jwk)?,
            _ => return Err("has a key of a type that cannot sign assertions"),
        };
        let key_id = jwk.get("kid").and_then(Value::as_str).map(str::to_owned);
        Ok(Self { algorithm, key_id, key })
    }

    /// A fresh assertion (RFC 7523 section 3; OpenID Connect Core section 9): one audience, one minute, one use.
    pub(crate) fn assertion(&self, client_id: &str, audience: &str, now: Duration) -> Option<String> {
        let mut token_id = [0u8; 16];
        aws_lc_rs::rand::fill(&mut token_id).ok()?;
        let mut header = json!({"alg": self.algorithm.as_str(), "typ": "JWT"});
        if let Some(key_id) = &self.key_id {
            header["kid"] = key_id.as_str().into();
        }
        let claims = json!({
            "iss": client_id, "sub": client_id, "aud": audience,
            "jti": BASE64_URL_SAFE_NO_PAD.encode(token_id),
            "iat": now.as_secs(), "exp": (now + LIFETIME).as_secs(),
        });
        let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signing_input = format!("{}.{}", encode(&header), encode(&claims));
        let signature = self.sign(signing_input.as_bytes())?;
        Some(format!("{signing_input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
    }

    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match &self.key {
            SigningKey::Rsa(key, encoding) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(*encoding, &random, message, &mut signature).ok()?;
                Some(signature)
            }
            SigningKey::Ecdsa(key) => Some(key.sign(&random, message).ok()?.as_ref().to_vec()),
            SigningKey::Ed25519(key) => Some(key.sign(message).as_ref().to_vec()),
        }
    }
}

fn rsa(jwk: &Object) -> Result<(Algorithm, SigningKey), &'static str> {
    let algorithm = algorithm_or(jwk, Algorithm::Rs256)?;
    let encoding: &'static dyn RsaEncoding = match algorithm {
        Algorithm::Rs256 => &signature::RSA_PKCS1_SHA256,
        Algorithm::Rs384 => &signature::RSA_PKCS1_SHA384,
        Algorithm::Rs512 => &signature::RSA_PKCS1_SHA512,
        Algorithm::Ps256 => &signature::RSA_PSS_SHA256,
        Algorithm::Ps384 => &signature::RSA_PSS_SHA384,
        Algorithm::Ps512 => &signature::RSA_PSS_SHA512,
        _ => return Err("has an RSA key with an `alg` of another type"),
    };
    let components = KeyPairComponents {
        public_key: PublicKeyComponents { n: bytes(jwk, "n")?, e: bytes(jwk, "e")? },
        d: bytes(jwk, "d")?,
        p: bytes(jwk, "p")?,
        q: bytes(jwk, "q")?,
        dP: bytes(jwk, "dp")?,
        dQ: bytes(jwk, "dq")?,
        qInv: bytes(jwk, "qi")?,
    };
    let key = RsaKeyPair::from_components(&components).map_err(|_| "has an RSA key that does not fit together")?;
    Ok((algorithm, SigningKey::Rsa(Box::new(key), encoding)))
}

fn ecdsa(jwk: &Object) -> Result<(Algorithm, SigningKey), &'static str> {
    let (algorithm, signing): (_, &'static EcdsaSigningAlgorithm) = match text(jwk, "crv")? {
        "P-256" => (Algorithm::Es256, &signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        "P-384" => (Algorithm::Es384, &signature::ECDSA_P384_SHA384_FIXED_SIGNING),
        "P-521" => (Algorithm::Es512, &signature::ECDSA_P521_SHA512_FIXED_SIGNING),
        _ => return Err("has an EC key on a curve that signs no assertions"),
    };
    if algorithm_or(jwk, algorithm)? != algorithm {
        return Err("has an EC key with an `alg` of another curve");
    }
    let mut point = vec![4];
    point.extend_from_slice(&bytes(jwk, "x")?);
    point.extend_from_slice(&bytes(jwk, "y")?);
    let key = EcdsaKeyPair::from_private_key_and_public_key(signing, &bytes(jwk, "d")?, &point)
        .map_err(|_| "has an EC key that does not fit together")?;
    Ok((algorithm, SigningKey::Ecdsa(Box::new(key))))
}

fn ed25519(jwk: &Object) -> Result<(Algorithm, SigningKey), &'static str> {
    if text(jwk, "crv")? != "Ed25519" || algorithm_or(jwk, Algorithm::EdDsa)? != Algorithm::EdDsa {
        return Err("has an OKP key that is not Ed25519");
    }
    let key = Ed25519KeyPair::from_seed_and_public_key(&bytes(jwk, "d")?, &bytes(jwk, "x")?)
        .map_err(|_| "has an Ed25519 key that does not fit together")?;
    Ok((Algorithm::EdDsa, SigningKey::Ed25519(Box::new(key))))
}

fn algorithm_or(jwk: &Object, default: Algorithm) -> Result<Algorithm, &'static str> {
    match jwk.get("alg") {
        None => Ok(default),
        Some(name) => name.as_str().and_then(|name| name.parse().ok()).ok_or("has a key with an unknown `alg`"),
    }
}

fn text<'j>(jwk: &'j Object, name: &str) -> Result<&'j str, &'static str> {
    jwk.get(name).and_then(Value::as_str).ok_or("has a key with a missing member")
}

fn bytes(jwk: &Object, name: &str) -> Result<Zeroizing<Vec<u8>>, &'static str> {
    let encoded = text(jwk, name).map_err(|_| "has a key without its private part, or with a missing member")?;
    BASE64_URL_SAFE_NO_PAD.decode(encoded).map(Zeroizing::new).map_err(|_| "has a member that is no base64url")
}

impl fmt::Debug for ClientKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientKeys")
            .field("algorithm", &self.algorithm)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}
