//! From the members of a JWK to keys that can verify (RFC 7518 section 6, RFC 8037 section 2).

use aws_lc_rs::signature::{
    self, EcdsaVerificationAlgorithm, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::refusal::KeyRefusal;
use super::roca;
use crate::json::Object;
use crate::token::Algorithm;

/// A key parsed for one algorithm. An RSA key without `alg` has six of them.
pub(super) type Verifier = (Algorithm, ParsedPublicKey);

const RSA_ALGORITHMS: [(Algorithm, &RsaParameters); 6] = [
    (Algorithm::Rs256, &signature::RSA_PKCS1_2048_8192_SHA256),
    (Algorithm::Rs384, &signature::RSA_PKCS1_2048_8192_SHA384),
    (Algorithm::Rs512, &signature::RSA_PKCS1_2048_8192_SHA512),
    (Algorithm::Ps256, &signature::RSA_PSS_2048_8192_SHA256),
    (Algorithm::Ps384, &signature::RSA_PSS_2048_8192_SHA384),
    (Algorithm::Ps512, &signature::RSA_PSS_2048_8192_SHA512),
];

const RSA_MODULUS_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
const ED25519_BYTES: usize = 32;

/// The verifiers a JWK yields, limited to its own `alg` if it names one.
pub(super) fn verifiers(jwk: &Object, alg: Option<Algorithm>) -> Result<Vec<Verifier>, KeyRefusal> {
    match jwk.get("kty").and_then(Value::as_str).ok_or(KeyRefusal::Malformed)? {
        "RSA" => rsa(jwk, alg),
        "EC" => elliptic_curve(jwk, alg),
        "OKP" => octet_key_pair(jwk, alg),
        "oct" => Err(KeyRefusal::Symmetric),
        _ => Err(KeyRefusal::KeyType),
    }
}

fn rsa(jwk: &Object, alg: Option<Algorithm>) -> Result<Vec<Verifier>, KeyRefusal> {
    let (modulus, exponent) = (bytes(jwk, "n")?, bytes(jwk, "e")?);
    // Java's `BigInteger.toByteArray` puts a zero in front, and some providers publish it, against RFC 7518
    // section 6.3.1.1; aws-lc refuses it.
    let (n, e) = (without_leading_zeros(&modulus), without_leading_zeros(&exponent));
    check_modulus(n)?;
    check_exponent(e)?;
    if roca::has_fingerprint(n) {
        return Err(KeyRefusal::Roca);
    }
    let fitting = RSA_ALGORITHMS.into_iter().filter(|(algorithm, _)| alg.is_none_or(|alg| alg == *algorithm));
    let verifiers: Vec<_> = fitting
        .map(|(algorithm, parameters)| {
            let parsed = RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters);
            parsed.map(|key| (algorithm, key)).map_err(|_| KeyRefusal::NotAKey)
        })
        .collect::<Result<_, _>>()?;
    if verifiers.is_empty() { Err(KeyRefusal::AlgorithmMismatch) } else { Ok(verifiers) }
}

/// # Security
/// Shorter moduli can be factored; longer ones make each forged token cost the verifier milliseconds.
fn check_modulus(n: &[u8]) -> Result<(), KeyRefusal> {
    let (Some(first), Some(last)) = (n.first(), n.last()) else { return Err(KeyRefusal::Modulus) };
    let bits = n.len() * 8 - first.leading_zeros() as usize;
    if RSA_MODULUS_BITS.contains(&bits) && last % 2 == 1 { Ok(()) } else { Err(KeyRefusal::Modulus) }
}

/// # Security
/// With an exponent of 1 the padded hash is its own signature.
fn check_exponent(e: &[u8]) -> Result<(), KeyRefusal> {
    let [first @ .., last] = e else { return Err(KeyRefusal::Exponent) };
    let is_one = first.is_empty() && *last == 1;
    if e.len() <= 4 && last % 2 == 1 && !is_one { Ok(()) } else { Err(KeyRefusal::Exponent) }
}

fn elliptic_curve(jwk: &Object, alg: Option<Algorithm>) -> Result<Vec<Verifier>, KeyRefusal> {
    let (algorithm, parameters, coordinate_bytes) = curve(jwk)?;
    let (x, y) = (bytes(jwk, "x")?, bytes(jwk, "y")?);
    if x.len() != coordinate_bytes || y.len() != coordinate_bytes {
        return Err(KeyRefusal::CoordinateLength);
    }
    const UNCOMPRESSED: &[u8] = &[4];
    single(algorithm, alg, parameters, &[UNCOMPRESSED, &x, &y].concat())
}

fn curve(jwk: &Object) -> Result<(Algorithm, &'static EcdsaVerificationAlgorithm, usize), KeyRefusal> {
    match jwk.get("crv").and_then(Value::as_str).ok_or(KeyRefusal::Malformed)? {
        "P-256" => Ok((Algorithm::Es256, &signature::ECDSA_P256_SHA256_FIXED, 32)),
        "P-384" => Ok((Algorithm::Es384, &signature::ECDSA_P384_SHA384_FIXED, 48)),
        "P-521" => Ok((Algorithm::Es512, &signature::ECDSA_P521_SHA512_FIXED, 66)),
        _ => Err(KeyRefusal::Curve),
    }
}

fn octet_key_pair(jwk: &Object, alg: Option<Algorithm>) -> Result<Vec<Verifier>, KeyRefusal> {
    match jwk.get("crv").and_then(Value::as_str).ok_or(KeyRefusal::Malformed)? {
        "Ed25519" => {}
        _ => return Err(KeyRefusal::Curve),
    }
    let x = bytes(jwk, "x")?;
    if x.len() != ED25519_BYTES {
        return Err(KeyRefusal::CoordinateLength);
    }
    single(Algorithm::EdDsa, alg, &signature::ED25519, &x)
}

fn single(
    algorithm: Algorithm,
    alg: Option<Algorithm>,
    parameters: &'static dyn VerificationAlgorithm,
    key: &[u8],
) -> Result<Vec<Verifier>, KeyRefusal> {
    if alg.is_some_and(|alg| alg != algorithm) {
        return Err(KeyRefusal::AlgorithmMismatch);
    }
    let key = ParsedPublicKey::new(parameters, key).map_err(|_| KeyRefusal::NotAKey)?;
    Ok(vec![(algorithm, key)])
}

fn bytes(jwk: &Object, name: &str) -> Result<Vec<u8>, KeyRefusal> {
    let encoded = jwk.get(name).and_then(Value::as_str).ok_or(KeyRefusal::Encoding)?;
    URL_SAFE_NO_PAD.decode(encoded).map_err(|_| KeyRefusal::Encoding)
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}
