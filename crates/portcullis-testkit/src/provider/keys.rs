//! What happens to a provider's keys.

use bytes::Bytes;

use super::TestProvider;
use crate::key::{Algorithm, SigningKey};

impl TestProvider {
    /// The keys, in the order they are published.
    #[must_use]
    pub fn keys(&self) -> Vec<SigningKey> {
        self.state.keys().keys().to_vec()
    }

    /// The key that signs when a token names neither algorithm nor `kid`: the first one.
    #[must_use]
    pub fn signing_key(&self) -> SigningKey {
        self.state.keys().signer(None, None)
    }

    /// Replaces every key by a new one with a new `kid` for the same algorithm.
    pub fn rotate_keys(&self) {
        self.state.keys().rotate();
    }

    /// Generates and publishes one more key. It signs only when a token names it or its algorithm.
    pub fn add_key(&self, algorithm: Algorithm) -> SigningKey {
        self.state.keys().add(algorithm)
    }

    /// Publishes this key too: one without `kid` or `alg`, one for encryption, one of another provider.
    pub fn publish_key(&self, key: SigningKey) {
        self.state.keys().publish(key);
    }

    /// Withdraws a key; returns whether it was there.
    pub fn remove_key(&self, kid: &str) -> bool {
        self.state.keys().remove(kid)
    }

    /// Publishes and signs with exactly these keys.
    pub fn set_keys(&self, keys: impl IntoIterator<Item = SigningKey>) {
        let mut set = self.state.keys();
        set.clear();
        keys.into_iter().for_each(|key| set.publish(key));
    }

    /// Publishes keys without `kid`, and this many for each of the present algorithms; the first one of each signs
    /// unless a token names another. Tokens keep their `kid` header: a change with
    /// [`without_header`](crate::TokenBuilder::without_header) takes it away.
    pub fn publish_without_kids(&self, per_algorithm: usize) {
        self.state.keys().drop_kids(per_algorithm);
    }

    /// Replaces every key by a new one with the **same** `kid`, as a provider does that never heard of rotation.
    pub fn replace_key_same_kid(&self) {
        self.state.keys().replace_material();
    }

    /// Publishes this instead of the key set, whatever it is, until [`publish_keys`](Self::publish_keys).
    pub fn publish_jwks(&self, document: impl Into<Bytes>) {
        self.state.keys().override_document(Some(document.into()));
    }

    /// Publishes the real keys again.
    pub fn publish_keys(&self) {
        self.state.keys().override_document(None);
    }
}
