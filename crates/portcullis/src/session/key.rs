//! Under what a store finds sessions.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::digest::Digest;

/// The key of one session: SHA-256 of the session id.
///
/// `Display` is 64 hex digits in lower case, for stores whose keys are text; serde writes the same.
///
/// # Security
/// The id is in the browser's cookie alone. Who reads a store finds no id to present there, and none to open the
/// sealed bytes with; `Debug` shows a prefix only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionKey(Digest);

impl SessionKey {
    pub(super) const LEAST: Self = Self(Digest::LEAST);
    pub(super) const LARGEST: Self = Self(Digest::LARGEST);

    /// The key of the session with this id.
    pub(crate) fn of(id: &[u8]) -> Self {
        Self(Digest::of(id))
    }

    /// The 32 bytes, for stores whose keys are bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0.0
    }
}

impl fmt::Display for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What sessions have in common that end together: one user, or one session at the provider, hashed.
///
/// A logout token names a user (`sub`), a provider's session (`sid`) or both (OpenID Connect Back-Channel Logout 1.0
/// section 2.4). `Display` is 64 hex digits in lower case; serde writes the same.
///
/// # Security
/// A store does not learn who is logged in by reading. The hash has no key, so who already knows an issuer and a
/// `sub` can look whether this user has sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionIndex(Digest);

impl SessionIndex {
    /// All sessions of this user.
    pub(crate) fn of_subject(issuer: &str, subject: &str) -> Self {
        Self::of("sub", &[issuer, subject])
    }

    /// All sessions that belong to this session at the provider.
    pub(crate) fn of_session(issuer: &str, sid: &str) -> Self {
        Self::of("sid", &[issuer, sid])
    }

    /// The same, where the user is named too: both must match.
    pub(crate) fn of_session_and_subject(issuer: &str, sid: &str, subject: &str) -> Self {
        Self::of("sid sub", &[issuer, sid, subject])
    }

    /// Under everything that a logout may name such a session by.
    pub(crate) fn all_of(issuer: &str, sid: Option<&str>, subject: &str) -> Vec<Self> {
        let mut indexes = vec![Self::of_subject(issuer, subject)];
        if let Some(sid) = sid {
            indexes.extend([Self::of_session(issuer, sid), Self::of_session_and_subject(issuer, sid, subject)]);
        }
        indexes
    }

    fn of(kind: &str, values: &[&str]) -> Self {
        let parts: Vec<_> = [kind].iter().chain(values).map(|part| part.as_bytes()).collect();
        Self(Digest::of_parts(&parts))
    }

    /// The 32 bytes, for stores whose keys are bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0.0
    }
}

impl fmt::Display for SessionIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn atk_s11_a_store_sees_the_hash_of_the_id_in_one_spelling() {
        let key = SessionKey::of(b"abc");
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // FIPS 180-2, B.1
        assert_eq!(key.to_string(), hex);
        assert_eq!(key.as_bytes()[..2], [0xba, 0x78]);
        assert_eq!(format!("{key:?}"), "SessionKey(ba7816bf..)");
        assert_eq!(serde_json::to_string(&key).unwrap(), format!("\"{hex}\""));
        assert_eq!(serde_json::from_str::<SessionKey>(&format!("\"{hex}\"")).unwrap(), key);
        for bad in [hex.to_uppercase(), hex[1..].to_owned(), format!("{hex}0"), format!("+{}", &hex[1..])] {
            assert!(serde_json::from_str::<SessionKey>(&format!("\"{bad}\"")).is_err(), "{bad}");
        }
    }

    #[test]
    fn indexes_differ_in_kind_issuer_and_value() {
        let all = [
            SessionIndex::of_subject("https://id.example", "a"),
            SessionIndex::of_session("https://id.example", "a"),
            SessionIndex::of_subject("https://id.example", "b"),
            SessionIndex::of_subject("https://id.example/", "a"),
            SessionIndex::of_subject("https://id.examplea", ""),
            SessionIndex::of_subject("", "https://id.examplea"),
            SessionIndex::of_session_and_subject("https://id.example", "a", "b"),
            SessionIndex::of_session_and_subject("https://id.example", "a", "a"),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
        assert_eq!(all[0], SessionIndex::of_subject("https://id.example", "a"));
        assert_eq!(all[0].to_string().len(), 64);
    }
}
