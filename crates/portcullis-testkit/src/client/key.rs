//! A key that a client signs its assertions with.

use serde_json::{Value, json};

use crate::key::{Algorithm, SigningKey};

/// A private key of a client's, for `private_key_jwt`.
///
/// ```
/// use portcullis_testkit::{Algorithm, ClientKey, TestProvider};
///
/// let provider = TestProvider::in_memory();
/// let key = ClientKey::generate(Algorithm::Es256);
/// provider.client("shop").key(&key).redirect_uri("https://shop.example/auth/callback").register();
/// let setting = key.private_jwk_set().to_string(); // PORTCULLIS_CLIENT_KEYS
/// # assert!(setting.contains("\"d\""));
/// ```
#[derive(Debug, Clone)]
pub struct ClientKey(SigningKey);

impl ClientKey {
    /// Generates a key. An RSA key (2048 bits) takes noticeable time.
    #[must_use]
    pub fn generate(algorithm: Algorithm) -> Self {
        let kid = format!("client-{}", algorithm.name().to_lowercase());
        Self(SigningKey::generate(algorithm).with_kid(kid))
    }

    /// Gives the key another `kid`.
    #[must_use]
    pub fn with_kid(self, kid: impl Into<String>) -> Self {
        Self(self.0.with_kid(kid))
    }

    /// The private JWK (RFC 7517, RFC 7518 section 6, RFC 8037), with `kid`, `alg` and `use`.
    #[must_use]
    pub fn private_jwk(&self) -> Value {
        self.0.private_jwk()
    }

    /// The public JWK, as a provider gets to know it.
    #[must_use]
    pub fn public_jwk(&self) -> Value {
        self.0.public_jwk()
    }

    /// A JWK set of the private key alone.
    #[must_use]
    pub fn private_jwk_set(&self) -> Value {
        json!({ "keys": [self.private_jwk()] })
    }

    /// The key itself, for assertions made by hand.
    #[must_use]
    pub fn signing_key(&self) -> &SigningKey {
        &self.0
    }
}
