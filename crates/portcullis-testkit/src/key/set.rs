//! The keys of one provider.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde_json::json;

use super::{Algorithm, Material, RsaSource, SigningKey};

#[derive(Debug)]
pub(crate) struct KeySet {
    keys: Vec<SigningKey>,
    made: usize,
    rotations: usize,
    own_rsa: bool,
    override_document: Option<Bytes>,
}

impl KeySet {
    pub(crate) fn new(algorithms: &[Algorithm], own_rsa: bool) -> Self {
        let mut set = Self { keys: Vec::new(), made: 0, rotations: 0, own_rsa, override_document: None };
        for algorithm in algorithms {
            set.add(*algorithm);
        }
        set
    }

    /// The published document: the override while there is one.
    pub(crate) fn document(&self) -> Bytes {
        if let Some(document) = &self.override_document {
            return document.clone();
        }
        let keys: Vec<_> = self.keys.iter().map(SigningKey::public_jwk).collect();
        Bytes::from(json!({ "keys": keys }).to_string())
    }

    pub(crate) fn keys(&self) -> &[SigningKey] {
        &self.keys
    }

    /// The key to sign with: by `kid`, else by algorithm (made if there is none), else the first.
    pub(crate) fn signer(&mut self, kid: Option<&str>, algorithm: Option<Algorithm>) -> SigningKey {
        let fits = |key: &&SigningKey| algorithm.is_none_or(|algorithm| key.algorithm() == algorithm);
        let named = self.keys.iter().filter(fits).find(|key| Some(key.kid()) == kid);
        if let Some(key) = named.or_else(|| self.keys.iter().find(fits)) {
            return key.clone();
        }
        self.add(algorithm.unwrap_or(Algorithm::Es256))
    }

    pub(crate) fn add(&mut self, algorithm: Algorithm) -> SigningKey {
        let key = self.make(algorithm);
        self.keys.push(key.clone());
        key
    }

    pub(crate) fn publish(&mut self, key: SigningKey) {
        self.keys.push(key);
    }

    pub(crate) fn remove(&mut self, kid: &str) -> bool {
        let before = self.keys.len();
        self.keys.retain(|key| key.kid() != kid);
        self.keys.len() < before
    }

    pub(crate) fn clear(&mut self) {
        self.keys.clear();
    }

    pub(crate) fn rotate(&mut self) {
        self.rotations += 1;
        let old = std::mem::take(&mut self.keys);
        for key in old {
            let new = self.make(key.algorithm());
            self.keys.push(new.with_edits_of(&key));
        }
    }

    /// Publishes no `kid` any more, and `per_algorithm` keys of each present algorithm.
    pub(crate) fn drop_kids(&mut self, per_algorithm: usize) {
        let algorithms: BTreeSet<_> = self.keys.iter().map(SigningKey::algorithm).collect();
        for algorithm in algorithms {
            let present = self.keys.iter().filter(|key| key.algorithm() == algorithm).count();
            for more in present..per_algorithm {
                // Another shared RSA key than that of this rotation, or all of them would be one.
                let rsa = if self.own_rsa { RsaSource::New } else { RsaSource::Shared(self.rotations + more) };
                let key = self.make_from(algorithm, rsa);
                self.keys.push(key);
            }
        }
        self.keys = std::mem::take(&mut self.keys).into_iter().map(|key| key.jwk_without("kid")).collect();
    }

    pub(crate) fn replace_material(&mut self) {
        self.rotations += 1;
        let rsa = self.rsa_source();
        for key in &mut self.keys {
            *key = key.with_material(Material::generate(key.algorithm(), rsa));
        }
    }

    pub(crate) fn override_document(&mut self, document: Option<Bytes>) {
        self.override_document = document;
    }

    fn make(&mut self, algorithm: Algorithm) -> SigningKey {
        self.make_from(algorithm, self.rsa_source())
    }

    fn make_from(&mut self, algorithm: Algorithm, rsa: RsaSource) -> SigningKey {
        self.made += 1;
        let kid = format!("{}-{}", algorithm.name().to_lowercase(), self.made);
        SigningKey::new(kid, algorithm, Material::generate(algorithm, rsa))
    }

    /// Every RSA algorithm shares one key of the process until a rotation takes the next one.
    fn rsa_source(&self) -> RsaSource {
        if self.own_rsa { RsaSource::New } else { RsaSource::Shared(self.rotations) }
    }
}
