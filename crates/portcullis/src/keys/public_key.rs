//! One published key, parsed once.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::material::{self, Verifier};
use super::refusal::KeyRefusal;
use crate::json::Object;
use crate::token::{Algorithm, MAX_KEY_ID_BYTES};

/// Members only a private or secret key has (RFC 7518 section 6).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A public key that may verify signatures.
pub(crate) struct PublicKey {
    key_id: Option<Box<str>>,
    verifiers: Vec<Verifier>,
    retired: AtomicBool,
}

impl PublicKey {
    /// Takes a key from a JWK (RFC 7517 section 4).
    ///
    /// Validates that the key is meant for verifying signatures, that its members agree with each other, and that
    /// it is strong enough. Does not validate `x5c`, `x5t` or `x5u`: trust comes from where the set was fetched.
    pub(crate) fn from_jwk(jwk: &Object) -> Result<Self, KeyRefusal> {
        check_purpose(jwk)?;
        let key_id = text(jwk, "kid")?;
        if key_id.is_some_and(|key_id| key_id.len() > MAX_KEY_ID_BYTES) {
            return Err(KeyRefusal::KeyIdTooLong);
        }
        let alg = text(jwk, "alg")?.map(str::parse).transpose().map_err(|_| KeyRefusal::AlgorithmUnknown)?;
        let verifiers = material::verifiers(jwk, alg)?;
        Ok(Self { key_id: key_id.map(Into::into), verifiers, retired: AtomicBool::new(false) })
    }

    /// The provider's name for the key.
    pub(crate) fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Whether the key may verify this algorithm, by its type, its curve and its own `alg`.
    ///
    /// # Security
    /// The `alg` of a token is the sender's choice. It only chooses among what the key is for, so a signature
    /// made for one algorithm is never tried with another (RFC 8725 section 3.1).
    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        self.verifiers.iter().any(|(of, _)| *of == algorithm)
    }

    /// Whether this key made this signature of this message; `false` too if the algorithm does not fit.
    pub(crate) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let verifier = self.verifiers.iter().find(|(of, _)| *of == algorithm);
        verifier.is_some_and(|(_, key)| key.verify_sig(message, signature).is_ok())
    }

    /// Marks the key as no longer published. There is no way back: a key published again is a new one.
    pub(crate) fn retire(&self) {
        self.retired.store(true, Ordering::Release);
    }

    /// Whether the key has left the provider's set; what it verified before must not be trusted any longer.
    pub(crate) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Acquire)
    }

    /// Whether both are the same key under the same name for the same algorithms.
    ///
    /// The algorithms count: a provider that adds `alg` to a key narrows it, and that must take effect.
    pub(crate) fn same_material(&self, other: &Self) -> bool {
        let pairs = || self.verifiers.iter().zip(&other.verifiers);
        self.key_id == other.key_id
            && self.verifiers.len() == other.verifiers.len()
            && pairs().all(|((mine, key), (theirs, other))| mine == theirs && key.as_ref() == other.as_ref())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let algorithms: Vec<_> = self.verifiers.iter().map(|(algorithm, _)| algorithm.as_str()).collect();
        f.debug_struct("PublicKey")
            .field("key_id", &self.key_id)
            .field("algorithms", &algorithms)
            .field("retired", &self.is_retired())
            .finish_non_exhaustive()
    }
}

/// Whether a JWK that should be public says more than it should.
pub(super) fn has_private_members(jwk: &Object) -> bool {
    PRIVATE_MEMBERS.iter().any(|name| jwk.contains_key(*name))
}

fn check_purpose(jwk: &Object) -> Result<(), KeyRefusal> {
    if text(jwk, "use")?.is_some_and(|purpose| purpose != "sig") {
        return Err(KeyRefusal::Use);
    }
    match jwk.get("key_ops") {
        None => Ok(()),
        Some(Value::Array(operations)) if operations.iter().any(|operation| operation == "verify") => Ok(()),
        Some(Value::Array(_)) => Err(KeyRefusal::Operations),
        Some(_) => Err(KeyRefusal::Malformed),
    }
}

fn text<'j>(jwk: &'j Object, name: &str) -> Result<Option<&'j str>, KeyRefusal> {
    match jwk.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(KeyRefusal::Malformed),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests;
