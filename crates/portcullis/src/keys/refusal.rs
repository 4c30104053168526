//! Why a published key is not used.

/// Why one entry of a key set verifies nothing. Says nothing of the key itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyRefusal {
    /// The entry is not an object, or a member is not of the type RFC 7517 section 4 gives it.
    Malformed,
    /// `kty` is not RSA, EC or OKP.
    KeyType,
    /// `kty` is `oct`: a secret, and a published secret is everybody's.
    Symmetric,
    /// `crv` is not P-256, P-384, P-521 or Ed25519.
    Curve,
    /// `use` is there and not `sig` (RFC 7517 section 4.2).
    Use,
    /// `key_ops` is there without `verify` (RFC 7517 section 4.3).
    Operations,
    /// `alg` is not a signature algorithm known here.
    AlgorithmUnknown,
    /// `alg` needs another type of key or another curve.
    AlgorithmMismatch,
    /// `kid` is longer than any token may name.
    KeyIdTooLong,
    /// A number is absent or not canonical base64url.
    Encoding,
    /// An RSA modulus of less than 2048 or more than 8192 bits, or an even one.
    Modulus,
    /// An RSA exponent that is even, less than 3 or more than 32 bits long.
    Exponent,
    /// The modulus bears the mark of the broken generator of CVE-2017-15361.
    Roca,
    /// A coordinate is not of the length of its curve (RFC 7518 section 6.2.1.2, RFC 8037 section 2).
    CoordinateLength,
    /// Not a point on its curve, or otherwise not a key.
    NotAKey,
}

impl KeyRefusal {
    /// A stable, short name for logs.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Malformed => "jwk_malformed",
            Self::KeyType => "jwk_kty_unknown",
            Self::Symmetric => "jwk_symmetric",
            Self::Curve => "jwk_crv_unknown",
            Self::Use => "jwk_use",
            Self::Operations => "jwk_key_ops",
            Self::AlgorithmUnknown => "jwk_alg_unknown",
            Self::AlgorithmMismatch => "jwk_alg_mismatch",
            Self::KeyIdTooLong => "jwk_kid_too_long",
            Self::Encoding => "jwk_encoding",
            Self::Modulus => "jwk_rsa_modulus",
            Self::Exponent => "jwk_rsa_exponent",
            Self::Roca => "jwk_rsa_roca",
            Self::CoordinateLength => "jwk_coordinate_length",
            Self::NotAKey => "jwk_not_a_key",
        }
    }

    /// Whether the key is sound but meant for something else, as half of the keys of many providers are.
    pub(crate) fn is_for_others(self) -> bool {
        matches!(self, Self::KeyType | Self::Curve | Self::Use | Self::Operations | Self::AlgorithmUnknown)
    }
}
