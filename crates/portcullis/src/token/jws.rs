//! Reads a compact JWS: everything that can be refused before a key is looked up.

use std::sync::Arc;

use super::algorithm::Algorithm;
use super::known_header::KnownHeader;
use crate::base64url;
use crate::json::{self, JsonError, Members, Node};
use crate::keys::PublicKey;

/// Longer tokens are refused unread; header lines of common servers end at 8 KiB too.
pub(crate) const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Longer key ids are refused in tokens, and so are the keys that have them.
pub(crate) const MAX_KEY_ID_BYTES: usize = 256;

/// A family of algorithms a JWS can be read for.
///
/// # Security
/// The family is part of the type of [`Jws`], and a key verifies one family only. The attack that passes a public
/// key off as an HMAC secret (RFC 8725 section 2.1) does not compile.
pub(crate) trait SignatureAlgorithm: Copy + PartialEq {
    /// The algorithm of exactly this name.
    fn named(name: &str) -> Option<Self>;
}

impl SignatureAlgorithm for Algorithm {
    fn named(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

/// A compact JWS (RFC 7515 section 5.2) whose signature is **not yet verified**.
pub(crate) struct Jws<'t, A = Algorithm> {
    pub(crate) header: Arc<Header<A>>,
    /// The header's text, unless it was known.
    newly_read: Option<&'t str>,
    signing_input: &'t [u8],
    /// Payload and signature, one after the other.
    decoded: Vec<u8>,
    payload_bytes: usize,
}

/// The members of a JOSE header that are used.
///
/// # Security
/// `jwk`, `jku`, `x5u`, `x5c` and `x5t` are never read: they would let a token bring its own key
/// (RFC 8725 section 3.10).
#[derive(Debug)]
pub(crate) struct Header<A = Algorithm> {
    pub(crate) algorithm: A,
    pub(crate) key_id: Option<Box<str>>,
    pub(crate) token_type: Option<Box<str>>,
}

/// Which rule a token breaks before its signature is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JwsError {
    /// Longer than [`MAX_TOKEN_BYTES`].
    TooLong,
    /// A character that is neither base64url nor a dot; the JSON serialization too (RFC 7515 section 7.1).
    Characters,
    /// Not three parts.
    Parts,
    /// Five parts: encrypted (RFC 7516), and nobody here has the key.
    Encrypted,
    /// The header is empty.
    HeaderEmpty,
    /// The signature is empty, as `none` has it (RFC 7518 section 3.6).
    SignatureEmpty,
    /// A part is not the one base64url form of its bytes: padding, a stray length, trailing bits (RFC 7515 section 2).
    Encoding,
    /// The header is not an acceptable JSON object.
    Header(JsonError),
    /// `alg` is absent or not a string.
    AlgorithmMissing,
    /// `alg` is not in the allow-list.
    AlgorithmNotAllowed,
    /// `crit` is present: no extension is understood here (RFC 7515 section 4.1.11).
    Critical,
    /// `b64` is present and not `true` (RFC 7797).
    UnencodedPayload,
    /// `cty` is present: a token within a token (RFC 7519 section 5.2).
    ContentType,
    /// `kid` is not a string.
    KeyIdNotAString,
    /// `kid` is longer than 256 bytes.
    KeyIdTooLong,
    /// `typ` is not a string.
    TypeNotAString,
}

impl JwsError {
    /// A stable, short name for logs.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::TooLong => "token_too_long",
            Self::Characters => "token_characters",
            Self::Parts => "token_parts",
            Self::Encrypted => "token_encrypted",
            Self::HeaderEmpty => "header_empty",
            Self::SignatureEmpty => "signature_empty",
            Self::Encoding => "token_encoding",
            Self::Header(JsonError::Syntax) => "header_json_syntax",
            Self::Header(JsonError::NotAnObject) => "header_not_an_object",
            Self::Header(JsonError::DuplicateMember) => "header_duplicate_member",
            Self::Header(JsonError::TooDeep) => "header_too_deep",
            Self::AlgorithmMissing => "alg_missing",
            Self::AlgorithmNotAllowed => "alg_not_allowed",
            Self::Critical => "crit_present",
            Self::UnencodedPayload => "b64_not_true",
            Self::ContentType => "cty_present",
            Self::KeyIdNotAString => "kid_not_a_string",
            Self::KeyIdTooLong => "kid_too_long",
            Self::TypeNotAString => "typ_not_a_string",
        }
    }
}

impl<'t, A: SignatureAlgorithm> Jws<'t, A> {
    /// Reads a token, cheapest rules first.
    ///
    /// Validates form, encoding and header. Does not validate the signature, nor that the payload is JSON or not
    /// empty: a JWS may sign anything, what a token signs is the business of its claims.
    pub(crate) fn parse(token: &'t str, allowed: &[A]) -> Result<Self, JwsError> {
        Self::parse_with(token, allowed, |_| None)
    }

    fn parse_with(
        token: &'t str,
        allowed: &[A],
        known: impl FnOnce(&str) -> Option<Arc<Header<A>>>,
    ) -> Result<Self, JwsError> {
        // What decodes has no other characters: only for the right reason they are looked at apart.
        Self::read(token, allowed, known).map_err(|error| match error {
            JwsError::TooLong => error,
            _ if has_illegal_characters(token) => JwsError::Characters,
            _ => error,
        })
    }

    fn read(
        token: &'t str,
        allowed: &[A],
        known: impl FnOnce(&str) -> Option<Arc<Header<A>>>,
    ) -> Result<Self, JwsError> {
        let [encoded_header, payload, signature] = parts(token)?;
        let mut decoded = Vec::with_capacity(token.len() / 4 * 3);
        let (header, newly_read) = match known(encoded_header) {
            Some(header) => (header, None),
            None => {
                decode(encoded_header, &mut decoded)?;
                let header = Header::read(&json::members(&decoded).map_err(JwsError::Header)?, allowed)?;
                (Arc::new(header), Some(encoded_header))
            }
        };
        decoded.clear();
        decode(payload, &mut decoded)?;
        let payload_bytes = decoded.len();
        decode(signature, &mut decoded)?;
        // The signature is all that follows the second dot; the dot itself is not signed.
        let signing_input = &token.as_bytes()[..token.len() - signature.len() - 1];
        Ok(Self { header, newly_read, signing_input, decoded, payload_bytes })
    }

    /// The text of a header that was read, and not known before.
    pub(super) fn newly_read_header(&self) -> Option<&'t str> {
        self.newly_read
    }

    /// What was signed: the encoded header, a dot, the encoded payload.
    pub(crate) fn signing_input(&self) -> &'t [u8] {
        self.signing_input
    }

    /// The decoded payload.
    pub(crate) fn payload(&self) -> &[u8] {
        &self.decoded[..self.payload_bytes]
    }

    pub(crate) fn into_payload(mut self) -> Vec<u8> {
        self.decoded.truncate(self.payload_bytes);
        self.decoded
    }

    /// The decoded signature.
    pub(crate) fn signature(&self) -> &[u8] {
        &self.decoded[self.payload_bytes..]
    }
}

impl<'t> Jws<'t> {
    /// Reads a token as [`parse`](Self::parse) does, but for a header that is known; `known` must be of these very
    /// algorithms.
    pub(super) fn parse_knowing(token: &'t str, allowed: &[Algorithm], known: &KnownHeader) -> Result<Self, JwsError> {
        Self::parse_with(token, allowed, |encoded| known.find(encoded))
    }

    /// Whether this key signed this token, by the algorithm in the header.
    pub(crate) fn verify_with(&self, key: &PublicKey) -> bool {
        key.verify(self.header.algorithm, self.signing_input, self.signature())
    }
}

impl<A: SignatureAlgorithm> Header<A> {
    fn read(header: &Members<'_>, allowed: &[A]) -> Result<Self, JwsError> {
        let algorithm = header.get("alg").and_then(Node::as_str).ok_or(JwsError::AlgorithmMissing)?;
        let algorithm = A::named(algorithm).filter(|algorithm| allowed.contains(algorithm));
        let algorithm = algorithm.ok_or(JwsError::AlgorithmNotAllowed)?;
        if header.contains_key("crit") {
            return Err(JwsError::Critical);
        }
        if header.get("b64").is_some_and(|encoded| !matches!(encoded, Node::Bool(true))) {
            return Err(JwsError::UnencodedPayload);
        }
        if header.contains_key("cty") {
            return Err(JwsError::ContentType);
        }
        let key_id = text(header, "kid").map_err(|()| JwsError::KeyIdNotAString)?;
        if key_id.as_ref().is_some_and(|key_id| key_id.len() > MAX_KEY_ID_BYTES) {
            return Err(JwsError::KeyIdTooLong);
        }
        let token_type = text(header, "typ").map_err(|()| JwsError::TypeNotAString)?;
        Ok(Self { algorithm, key_id, token_type })
    }
}

impl<A> Header<A> {
    /// Whether `typ` is this media type, letter case and the prefix `application/` aside (RFC 7515 section 4.1.9).
    pub(crate) fn is_type(&self, name: &str) -> bool {
        const PREFIX: &str = "application/";
        let Some(token_type) = self.token_type.as_deref() else { return false };
        let prefixed = token_type.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX));
        let bare = if prefixed { &token_type[PREFIX.len()..] } else { token_type };
        bare.eq_ignore_ascii_case(name)
    }
}

/// Splits a token without allocating, however many dots it has.
fn parts<'t>(token: &'t str) -> Result<[&'t str; 3], JwsError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(JwsError::TooLong);
    }
    let next_dot = |rest: &str| memchr::memchr(b'.', rest.as_bytes());
    let split = |rest: &'t str| next_dot(rest).map(|dot| (&rest[..dot], &rest[dot + 1..]));
    let (header, rest) = split(token).ok_or(JwsError::Parts)?;
    let (payload, signature) = split(rest).ok_or(JwsError::Parts)?;
    if next_dot(signature).is_some() {
        let five = signature.bytes().filter(|byte| *byte == b'.').count() == 2;
        return Err(if five { JwsError::Encrypted } else { JwsError::Parts });
    }
    let parts = [header, payload, signature];
    if parts[0].is_empty() {
        return Err(JwsError::HeaderEmpty);
    }
    if parts[2].is_empty() {
        return Err(JwsError::SignatureEmpty);
    }
    Ok(parts)
}

/// The decoded payload of a token that was read before; of anything else perhaps nothing.
pub(super) fn payload_of(token: &str) -> Vec<u8> {
    let mut payload = Vec::new();
    if let Ok([_, encoded, _]) = parts(token)
        && decode(encoded, &mut payload).is_err()
    {
        payload.clear();
    }
    payload
}

fn has_illegal_characters(token: &str) -> bool {
    token.bytes().any(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')))
}

fn decode(part: &str, bytes: &mut Vec<u8>) -> Result<(), JwsError> {
    base64url::decode_to(part, bytes).map_err(|_| JwsError::Encoding)
}

fn text(object: &Members<'_>, name: &str) -> Result<Option<Box<str>>, ()> {
    match object.get(name) {
        None => Ok(None),
        Some(Node::Text(text)) => Ok(Some(Box::from(&**text))),
        Some(_) => Err(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests;
