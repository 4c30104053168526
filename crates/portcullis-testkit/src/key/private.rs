//! Private keys as JWKs.

use aws_lc_rs::encoding::{AsBigEndian, AsDer, Curve25519SeedBin, EcPrivateKeyBin, Pkcs8V1Der};
use serde_json::{Map, Value, json};

use super::der;
use super::material::{Material, encode};

impl Material {
    /// The members of a JWK that only its owner has.
    pub(super) fn private_members(&self) -> Map<String, Value> {
        let mut members = Map::new();
        let mut set = |name: &str, bytes: &[u8]| members.insert(name.to_owned(), json!(encode(bytes)));
        match self {
            Self::Rsa(key) => {
                let document = AsDer::<Pkcs8V1Der<'_>>::as_der(&**key).expect("an RSA key can be written as DER");
                let integers = der::rsa_private(document.as_ref());
                for (name, integer) in ["d", "p", "q", "dp", "dq", "qi"].into_iter().zip(integers) {
                    set(name, integer);
                }
            }
            Self::Ecdsa(key) => {
                let private = key.private_key();
                let scalar = AsBigEndian::<EcPrivateKeyBin<'_>>::as_be_bytes(&private).expect("an EC key has a scalar");
                set("d", scalar.as_ref());
            }
            Self::Ed25519(key) => {
                let seed = key.seed().expect("an Ed25519 key has a seed");
                let bytes = AsBigEndian::<Curve25519SeedBin<'_>>::as_be_bytes(&seed).expect("a seed is bytes");
                set("d", bytes.as_ref());
            }
        }
        members
    }
}
