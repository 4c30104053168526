//! Tokens signed with the client secret (OpenID Connect Core section 10.1).

use std::fmt;

use aws_lc_rs::hmac;

use crate::token::{Jws, SignatureAlgorithm};

/// An algorithm that signs and verifies with the same secret (RFC 7518 section 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HmacAlgorithm {
    Hs256,
    Hs384,
    Hs512,
}

impl SignatureAlgorithm for HmacAlgorithm {
    fn named(name: &str) -> Option<Self> {
        match name {
            "HS256" => Some(Self::Hs256),
            "HS384" => Some(Self::Hs384),
            "HS512" => Some(Self::Hs512),
            _ => None,
        }
    }
}

impl HmacAlgorithm {
    fn primitive(self) -> hmac::Algorithm {
        match self {
            Self::Hs256 => hmac::HMAC_SHA256,
            Self::Hs384 => hmac::HMAC_SHA384,
            Self::Hs512 => hmac::HMAC_SHA512,
        }
    }
}

/// A client secret that verifies the one algorithm the client is registered for.
pub(crate) struct ClientSecret {
    algorithm: HmacAlgorithm,
    key: hmac::Key,
}

/// The secret is shorter than the output of its algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SecretTooShort;

impl ClientSecret {
    /// Takes a secret of at least 32, 48 or 64 bytes (RFC 7518 section 3.2, OpenID Connect Core section 16.19).
    ///
    /// # Security
    /// A client sees tokens and their signatures, so whoever gets hold of one can guess a short secret at leisure.
    pub(crate) fn new(algorithm: HmacAlgorithm, secret: &[u8]) -> Result<Self, SecretTooShort> {
        let primitive = algorithm.primitive();
        if secret.len() < primitive.digest_algorithm().output_len() {
            return Err(SecretTooShort);
        }
        Ok(Self { algorithm, key: hmac::Key::new(primitive, secret) })
    }

    /// Whether this secret signed this token; compared in constant time.
    pub(crate) fn verify(&self, jws: &Jws<'_, HmacAlgorithm>) -> bool {
        jws.header.algorithm == self.algorithm && hmac::verify(&self.key, jws.signing_input(), jws.signature()).is_ok()
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSecret").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use aws_lc_rs::hmac;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::{ClientSecret, HmacAlgorithm, SecretTooShort};
    use crate::token::{Algorithm, Jws, JwsError};

    const SECRET: [u8; 64] = [7; 64];
    const ALL: [HmacAlgorithm; 3] = [HmacAlgorithm::Hs256, HmacAlgorithm::Hs384, HmacAlgorithm::Hs512];

    fn token(name: &str, algorithm: HmacAlgorithm) -> String {
        let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{name}"}}"#));
        let input = format!("{header}.{}", URL_SAFE_NO_PAD.encode("{}"));
        let tag = hmac::sign(&hmac::Key::new(algorithm.primitive(), &SECRET), input.as_bytes());
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    #[test]
    fn verifies_the_registered_algorithm_only() {
        let names = ["HS256", "HS384", "HS512"];
        for (name, signed) in names.into_iter().zip(ALL) {
            let token = token(name, signed);
            let jws = Jws::parse(&token, &ALL).unwrap();
            for registered in ALL {
                let secret = ClientSecret::new(registered, &SECRET).unwrap();
                assert_eq!(secret.verify(&jws), registered == signed, "{name} {registered:?}");
            }
        }
    }

    #[test]
    fn a_tag_of_another_length_is_refused() {
        let token = token("HS512", HmacAlgorithm::Hs256);
        let jws = Jws::parse(&token, &ALL).unwrap();
        assert!(!ClientSecret::new(HmacAlgorithm::Hs512, &SECRET).unwrap().verify(&jws));
    }

    #[test]
    fn short_secrets_are_refused() {
        for (algorithm, least) in ALL.into_iter().zip([32, 48, 64]) {
            assert!(ClientSecret::new(algorithm, &SECRET[..least]).is_ok());
            assert_eq!(ClientSecret::new(algorithm, &SECRET[..least - 1]).err(), Some(SecretTooShort));
        }
    }

    #[test]
    fn atk_j03_no_hmac_where_a_public_key_decides() {
        let token = token("HS256", HmacAlgorithm::Hs256);
        assert_eq!(Jws::parse(&token, Algorithm::ALL).err(), Some(JwsError::AlgorithmNotAllowed));
    }
}
