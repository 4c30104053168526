//! Signing keys and how they are published.

mod algorithm;
mod der;
mod material;
mod private;
mod set;
mod verify;

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

pub use self::algorithm::Algorithm;
pub(crate) use self::material::{Material, RsaSource};
pub(crate) use self::set::KeySet;
pub(crate) use self::verify::verify;

/// A private key with its `kid`, and the JWK it is published as.
///
/// A provider makes its own. One made here is foreign to every provider until
/// [`publish_key`](crate::TestProvider::publish_key) adds it:
///
/// ```
/// use portcullis_testkit::{Algorithm, SigningKey, TestProvider};
///
/// let provider = TestProvider::in_memory();
/// let attacker = SigningKey::generate(Algorithm::Es256).with_kid("es256-1");
/// let forged = provider.token().sign_with(&attacker).mint();
/// ```
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    algorithm: Algorithm,
    material: Arc<Material>,
    edits: Vec<(String, Option<Value>)>,
}

impl SigningKey {
    /// Generates a key that nobody else has, with the `kid` `foreign-<alg>`.
    ///
    /// An RSA key (2048 bits) takes noticeable time.
    #[must_use]
    pub fn generate(algorithm: Algorithm) -> Self {
        let material = Material::generate(algorithm, RsaSource::New);
        Self::new(format!("foreign-{}", algorithm.name().to_lowercase()), algorithm, material)
    }

    pub(crate) fn new(kid: String, algorithm: Algorithm, material: Material) -> Self {
        Self { kid, algorithm, material: Arc::new(material), edits: Vec::new() }
    }

    /// Gives the key another `kid`.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = kid.into();
        self
    }

    /// Signs with another algorithm of the same key type: `PS256` with an RSA key that was made for `RS256`.
    ///
    /// # Panics
    /// Panics when the key cannot sign with `algorithm`.
    #[must_use]
    pub fn with_algorithm(mut self, algorithm: Algorithm) -> Self {
        let rsa = |algorithm: Algorithm| algorithm.name().starts_with(['R', 'P']);
        assert!(
            algorithm == self.algorithm || rsa(algorithm) && rsa(self.algorithm),
            "a key for {} cannot sign with {algorithm}",
            self.algorithm
        );
        self.algorithm = algorithm;
        self
    }

    /// Sets a member of the published JWK, as it is: `use`, `key_ops`, a wrong `alg`, private members.
    #[must_use]
    pub fn jwk_member(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.edits.push((name.into(), Some(value.into())));
        self
    }

    /// Leaves a member out of the published JWK: `kid`, `alg`, `use`.
    #[must_use]
    pub fn jwk_without(mut self, name: impl Into<String>) -> Self {
        self.edits.push((name.into(), None));
        self
    }

    /// The key's id.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// What the key signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public JWK as published (RFC 7517), with `kid`, `alg` and `use` unless they were edited.
    #[must_use]
    pub fn public_jwk(&self) -> Value {
        let mut jwk = self.material.public_members(self.algorithm);
        jwk.insert("kid".to_owned(), json!(self.kid));
        jwk.insert("alg".to_owned(), json!(self.algorithm.name()));
        jwk.insert("use".to_owned(), json!("sig"));
        for (name, value) in &self.edits {
            match value {
                Some(value) => jwk.insert(name.clone(), value.clone()),
                None => jwk.remove(name),
            };
        }
        Value::Object(jwk)
    }

    /// The public JWK with the members that make it a private one (RFC 7518 section 6, RFC 8037 section 2).
    pub(crate) fn private_jwk(&self) -> Value {
        let mut jwk = self.public_jwk();
        if let Value::Object(members) = &mut jwk {
            members.extend(self.material.private_members());
        }
        jwk
    }

    /// The public key as DER (`SubjectPublicKeyInfo`), what a confused verifier may take for an HMAC secret.
    #[must_use]
    pub fn public_der(&self) -> Vec<u8> {
        self.material.public_der()
    }

    /// The public key as PEM, see [`public_der`](Self::public_der).
    #[must_use]
    pub fn public_pem(&self) -> String {
        let encoded = STANDARD.encode(self.public_der());
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        for (index, character) in encoded.chars().enumerate() {
            if index > 0 && index % 64 == 0 {
                pem.push('\n');
            }
            pem.push(character);
        }
        pem.push_str("\n-----END PUBLIC KEY-----\n");
        pem
    }

    /// Signs any message, for tokens the builder cannot make.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.material.sign(self.algorithm, message)
    }

    pub(crate) fn with_material(&self, material: Material) -> Self {
        Self { material: Arc::new(material), ..self.clone() }
    }

    pub(crate) fn with_edits_of(self, other: &Self) -> Self {
        Self { edits: other.edits.clone(), ..self }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}
