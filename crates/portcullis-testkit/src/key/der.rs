//! As much DER as RSA keys need.

/// Modulus and exponent of an `RSAPublicKey` (RFC 8017 A.1.1).
pub(super) fn rsa_public(der: &[u8]) -> (&[u8], &[u8]) {
    let (sequence, _) = value(der);
    let (modulus, rest) = value(sequence);
    let (exponent, _) = value(rest);
    (without_sign_byte(modulus), without_sign_byte(exponent))
}

/// The integers `d p q dp dq qi` of the `RSAPrivateKey` (RFC 8017 A.1.2) in a PKCS #8 document.
pub(super) fn rsa_private(pkcs8: &[u8]) -> [&[u8]; 6] {
    let (document, _) = value(pkcs8);
    let (_version, rest) = value(document);
    let (_algorithm, rest) = value(rest);
    let (octets, _) = value(rest);
    let (mut rest, _) = value(octets);
    let mut next = || {
        let (integer, after) = value(rest);
        rest = after;
        without_sign_byte(integer)
    };
    let [_version, _modulus, _exponent] = [next(), next(), next()];
    std::array::from_fn(|_| next())
}

/// The content of the first value, and what follows it.
fn value(der: &[u8]) -> (&[u8], &[u8]) {
    let short = usize::from(der[1]);
    let length_bytes = short.saturating_sub(0x80);
    let length = match length_bytes {
        0 => short,
        _ => der[2..2 + length_bytes].iter().fold(0, |length, byte| length << 8 | usize::from(*byte)),
    };
    der[2 + length_bytes..].split_at(length)
}

/// JWK integers are unsigned without leading zeros (RFC 7518 section 6.3.1.1), those of DER are signed.
fn without_sign_byte(integer: &[u8]) -> &[u8] {
    integer.strip_prefix(&[0]).unwrap_or(integer)
}
