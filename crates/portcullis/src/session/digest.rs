//! What a store sees of names it must not know: 32 bytes of SHA-256, written as hex.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const LENGTH: usize = 32;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Digest(pub(super) [u8; LENGTH]);

impl Digest {
    pub(super) const LEAST: Self = Self([0; LENGTH]);
    pub(super) const LARGEST: Self = Self([u8::MAX; LENGTH]);

    /// The digest of the parts. Each is preceded by its length, so that no two lists of parts are the same bytes.
    pub(super) fn of_parts(parts: &[&[u8]]) -> Self {
        let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        Self::from_output(context.finish())
    }

    pub(super) fn of(bytes: &[u8]) -> Self {
        Self::from_output(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes))
    }

    fn from_output(output: aws_lc_rs::digest::Digest) -> Self {
        let mut bytes = [0; LENGTH];
        bytes.copy_from_slice(output.as_ref());
        Self(bytes)
    }

    fn parse(hex: &str) -> Option<Self> {
        let hex = hex.as_bytes();
        let mut bytes = [0; LENGTH];
        if hex.len() != 2 * LENGTH {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Some(Self(bytes))
    }
}

/// Lower case alone: a digest has one spelling, so that it may be a key of a store as text.
fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Enough to tell two lines of a log apart, too little to find a row with.
impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("..")
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hex = String::deserialize(deserializer)?;
        Self::parse(&hex).ok_or_else(|| D::Error::custom("expected 64 hex digits in lower case"))
    }
}
