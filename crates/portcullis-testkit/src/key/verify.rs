//! Signatures of others: client assertions.

use aws_lc_rs::signature::{self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::Algorithm;

/// Whether `signature` is this JWK's over `message`; a key of another type or curve never fits.
pub(crate) fn verify(jwk: &Value, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    verified(jwk, algorithm, message, signature).is_some()
}

fn verified(jwk: &Value, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Option<()> {
    let member = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str()?).ok();
    let text = |name: &str| jwk[name].as_str().unwrap_or_default();
    if let Some(rsa) = rsa(algorithm) {
        let key = RsaPublicKeyComponents { n: member("n")?, e: member("e")? };
        return key.verify(rsa, message, signature).ok();
    }
    let (curve, verifier): (_, &'static dyn VerificationAlgorithm) = match algorithm {
        Algorithm::Es256 => ("P-256", &signature::ECDSA_P256_SHA256_FIXED),
        Algorithm::Es384 => ("P-384", &signature::ECDSA_P384_SHA384_FIXED),
        Algorithm::Es512 => ("P-521", &signature::ECDSA_P521_SHA512_FIXED),
        _ => ("Ed25519", &signature::ED25519),
    };
    if text("crv") != curve {
        return None;
    }
    let point = match algorithm {
        Algorithm::EdDsa => member("x")?,
        _ => [vec![4], member("x")?, member("y")?].concat(),
    };
    UnparsedPublicKey::new(verifier, point).verify(message, signature).ok()
}

fn rsa(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        Algorithm::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
        Algorithm::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
        Algorithm::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}
