//! From a builder to a compact JWS.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::TokenBuilder;
use super::shape::Shape;
use super::signer::Signer;
use crate::flow::IdTokenFacts;
use crate::key::Algorithm;

impl TokenBuilder {
    /// Signs the token.
    ///
    /// An access token signed by the provider itself is accepted at its userinfo endpoint until it expires.
    #[must_use]
    pub fn mint(self) -> String {
        let signer = self.signer.resolve(&self.provider, self.kid.as_deref(), self.algorithm);
        let header = self.raw_header.clone().unwrap_or_else(|| Bytes::from(self.joined_header(&signer).to_string()));
        let payload = self.raw_payload.clone().unwrap_or_else(|| Bytes::from(self.payload(&signer).to_string()));
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(&header), URL_SAFE_NO_PAD.encode(&payload));
        let mut signature =
            self.raw_signature.as_deref().map_or_else(|| signer.sign(message.as_bytes()), <[u8]>::to_vec);
        if let (true, Some(byte)) = (self.corrupt, signature.get_mut(7)) {
            *byte ^= 1;
        }
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(&signature));
        self.remember(&token, &payload);
        token
    }

    fn joined_header(&self, signer: &Signer) -> Value {
        let mut header = Map::new();
        header.insert("alg".to_owned(), json!(signer.algorithm_name()));
        if let Some(typ) = self.shape.typ() {
            header.insert("typ".to_owned(), json!(typ));
        }
        if let Some(kid) = self.kid.as_deref().or(signer.key().map(|key| key.kid())) {
            header.insert("kid".to_owned(), json!(kid));
        }
        header.extend(self.header.clone());
        header.retain(|name, _| !self.without_header.contains(name));
        Value::Object(header)
    }

    fn payload(&self, signer: &Signer) -> Value {
        let algorithm = signer.key().map_or(Algorithm::Es256, |key| key.algorithm());
        let mut claims = self.shape.claims(&self.provider, algorithm);
        claims.extend(self.claims.clone());
        claims.retain(|name, _| !self.without.contains(name));
        Value::Object(claims)
    }

    fn remember(&self, token: &str, payload: &[u8]) {
        let genuine = matches!(self.signer, Signer::Provider) && self.raw_signature.is_none() && !self.corrupt;
        if !genuine || self.shape.logout {
            return;
        }
        if self.shape.id_token {
            let Shape { client_id, subject, .. } = self.shape.clone();
            return self.provider.issued().add_id_token(token, IdTokenFacts { client_id, subject });
        }
        let Ok(claims) = serde_json::from_slice::<Value>(payload) else { return };
        if let (Some(subject), Some(expires)) = (claims["sub"].as_str(), claims["exp"].as_f64()) {
            self.provider.issued().add(token, subject, expires);
        }
    }
}
