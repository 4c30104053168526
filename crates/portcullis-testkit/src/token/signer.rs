//! Who signs a token.

use std::fmt;

use aws_lc_rs::hmac;

use crate::key::{Algorithm, SigningKey};
use crate::provider::State;

/// What a token is signed with.
#[derive(Clone)]
#[non_exhaustive]
pub enum Signer {
    /// The provider's key that fits the token's algorithm and `kid`.
    Provider,
    /// This key.
    Key(SigningKey),
    /// HMAC with SHA-256 and this secret.
    Hs256(Vec<u8>),
    /// Nothing: `alg` `none` and an empty signature.
    Unsigned,
}

impl From<&SigningKey> for Signer {
    fn from(key: &SigningKey) -> Self {
        Self::Key(key.clone())
    }
}

impl From<SigningKey> for Signer {
    fn from(key: SigningKey) -> Self {
        Self::Key(key)
    }
}

impl Signer {
    /// Settles which key it is, once for header, hashes and signature.
    pub(super) fn resolve(&self, provider: &State, kid: Option<&str>, algorithm: Option<Algorithm>) -> Self {
        match self {
            Self::Provider => Self::Key(provider.keys().signer(kid, algorithm)),
            other => other.clone(),
        }
    }

    pub(super) fn key(&self) -> Option<&SigningKey> {
        match self {
            Self::Key(key) => Some(key),
            _ => None,
        }
    }

    /// The `alg` that tells the truth.
    pub(super) fn algorithm_name(&self) -> &'static str {
        match self {
            Self::Key(key) => key.algorithm().name(),
            Self::Hs256(_) => "HS256",
            Self::Provider | Self::Unsigned => "none",
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Key(key) => key.sign(message),
            Self::Hs256(secret) => hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec(),
            Self::Provider | Self::Unsigned => Vec::new(),
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider => f.write_str("Provider"),
            Self::Key(key) => f.debug_tuple("Key").field(key).finish(),
            Self::Hs256(_) => f.write_str("Hs256(..)"),
            Self::Unsigned => f.write_str("Unsigned"),
        }
    }
}
