//! A provider's key set, and which of its keys to try for a token.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::public_key::{PublicKey, has_private_members};
use super::refusal::KeyRefusal;
use crate::json::{self, JsonError, Object};
use crate::token::Algorithm;

const MAX_KEYS: usize = 100;

/// A forged token costs at most this many signature checks.
const MAX_CANDIDATES: usize = 8;

const LOGGED_KEY_ID_CHARACTERS: usize = 64;

/// The keys of one issuer that may verify its tokens (RFC 7517 section 5). Never empty.
#[derive(Debug)]
pub(crate) struct KeySet {
    keys: Vec<Arc<PublicKey>>,
}

/// Why a body is of no use as a key set. The set in use stays in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeySetError {
    /// Not an acceptable JSON object.
    Json(JsonError),
    /// There is no `keys`.
    KeysMissing,
    /// `keys` is not an array.
    KeysNotAnArray,
    /// More than 100 entries.
    TooManyKeys,
    /// Not one entry may verify a signature.
    NoUsableKey,
}

impl KeySetError {
    /// A stable, short name for logs and status pages.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Json(error) => error.reason(),
            Self::KeysMissing => "jwks_keys_missing",
            Self::KeysNotAnArray => "jwks_keys_not_an_array",
            Self::TooManyKeys => "jwks_too_many_keys",
            Self::NoUsableKey => "jwks_no_usable_key",
        }
    }
}

impl KeySet {
    /// Reads a key set, leaving out the entries that cannot or must not verify a signature.
    ///
    /// # Security
    /// An `oct` entry is never used: what is published is no secret. Private members of other entries are not
    /// read, but warned about, since whoever reads them can sign as the provider.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, KeySetError> {
        let set = json::object(body).map_err(KeySetError::Json)?;
        let entries = match set.get("keys") {
            Some(Value::Array(entries)) => entries,
            Some(_) => return Err(KeySetError::KeysNotAnArray),
            None => return Err(KeySetError::KeysMissing),
        };
        if entries.len() > MAX_KEYS {
            return Err(KeySetError::TooManyKeys);
        }
        let keys: Vec<_> = entries.iter().filter_map(usable).collect();
        if keys.is_empty() { Err(KeySetError::NoUsableKey) } else { Ok(Self { keys }) }
    }

    /// The keys to try for a token, at most eight.
    ///
    /// A `kid` is compared byte by byte and a token that has one is only tried with keys of that name, never with
    /// nameless ones: an unknown name must be recognised as such, or no rotation would be noticed. A token without
    /// one is tried with every fitting key. Where a name is used twice (RFC 7517 section 4.5), the type of key and
    /// `alg` decide; of keys equal in those too, each is tried.
    pub(crate) fn candidates(
        &self,
        key_id: Option<&str>,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &Arc<PublicKey>> {
        let named = move |key: &&Arc<PublicKey>| key_id.is_none() || key.key_id() == key_id;
        self.keys.iter().filter(named).filter(move |key| key.fits(algorithm)).take(MAX_CANDIDATES)
    }

    /// Whether a usable key has this name; if one has, fetching the set again is unlikely to help.
    pub(crate) fn has_key_id(&self, key_id: &str) -> bool {
        self.keys.iter().any(|key| key.key_id() == Some(key_id))
    }

    /// How many keys may verify something.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Succeeds the set in use: keys that stay keep their identity, those that are gone are retired.
    ///
    /// `previous` must be the set in use at that moment. With an older one, keys still in use would be retired.
    pub(crate) fn adopt(mut self, previous: &Self) -> Self {
        for key in &mut self.keys {
            // A retired key is not revived: caches have forgotten what it verified.
            let same = previous.keys.iter().find(|old| !old.is_retired() && old.same_material(key));
            if let Some(same) = same {
                *key = Arc::clone(same);
            }
        }
        for old in &previous.keys {
            if !self.keys.iter().any(|key| Arc::ptr_eq(key, old)) {
                old.retire();
            }
        }
        self
    }
}

fn usable(entry: &Value) -> Option<Arc<PublicKey>> {
    let key_id = LoggedKeyId(entry.get("kid").and_then(Value::as_str));
    if entry.as_object().is_some_and(has_private_members) {
        tracing::warn!(
            target: "portcullis::keys", kid = %key_id, reason = "jwk_private_members", "the provider publishes a private key"
        );
    }
    match entry.as_object().ok_or(KeyRefusal::Malformed).and_then(|jwk: &Object| PublicKey::from_jwk(jwk)) {
        Ok(key) => Some(Arc::new(key)),
        Err(refusal) => {
            log(&key_id, refusal);
            None
        }
    }
}

fn log(key_id: &LoggedKeyId<'_>, refusal: KeyRefusal) {
    let reason = refusal.reason();
    if refusal.is_for_others() {
        tracing::debug!(target: "portcullis::keys", kid = %key_id, reason, "a published key is not for verifying tokens here");
    } else {
        tracing::warn!(target: "portcullis::keys", kid = %key_id, reason, "a published key is refused");
    }
}

/// A `kid` as a log may show it.
///
/// # Security
/// Shortened, and pure printable ASCII: a name with line breaks or terminal sequences forges no log line.
struct LoggedKeyId<'k>(Option<&'k str>);

impl fmt::Display for LoggedKeyId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(key_id) = self.0 else { return f.write_str("-") };
        let mut characters = key_id.escape_default();
        characters.by_ref().take(LOGGED_KEY_ID_CHARACTERS).try_for_each(|character| write!(f, "{character}"))?;
        if characters.next().is_some() { f.write_str("...") } else { Ok(()) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests;
