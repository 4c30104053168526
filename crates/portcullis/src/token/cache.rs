//! Tokens that have been verified before.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::{Cache, DefaultLifecycle};

use super::access_token::AccessToken;
use super::validate::TokenPolicy;
use crate::keys::{KeyEngine, PublicKey};
use crate::provider::document::Refresh;

/// 32 MiB of tokens and what was read from them: 10,000 usual tokens take 20.
const CAPACITY_BYTES: u64 = 32 * 1024 * 1024;
/// What an entry weighs beside its token and the claims' text, measured (`benches/allocations.rs`).
const ENTRY_OVERHEAD_BYTES: usize = 512;
/// For the cache's own bookkeeping; no limit.
const USUAL_ENTRIES: usize = 16_384;

/// Verified tokens of one issuer under one policy: successes only.
///
/// # Security
/// The key is the whole token, compared in full, under a hash with a random seed: neither a collision nor a shared
/// prefix can lend one token the standing of another. An entry counts only while the key that verified it is in the
/// provider's current set and the token is alive, so withdrawing a key withdraws its tokens.
pub(crate) struct VerifiedTokens {
    entries: Cache<ByRawToken, Verified, TextBytes, ahash::RandomState>,
}

#[derive(Clone)]
struct Verified {
    token: AccessToken,
    key: Arc<PublicKey>,
}

/// The token is its own key: one copy of the raw text serves both.
struct ByRawToken(AccessToken);

impl VerifiedTokens {
    pub(crate) fn new() -> Self {
        let hasher = ahash::RandomState::new();
        let entries = Cache::with(USUAL_ENTRIES, CAPACITY_BYTES, TextBytes, hasher, DefaultLifecycle::default());
        Self { entries }
    }

    pub(crate) fn insert(&self, token: &AccessToken, key: Arc<PublicKey>) {
        self.entries.insert(ByRawToken(token.clone()), Verified { token: token.clone(), key });
    }

    /// The token, if it was verified before and that still counts, and whether the keys should be refreshed.
    pub(crate) fn find(&self, raw: &[u8], keys: &KeyEngine, policy: &TokenPolicy) -> Option<(AccessToken, Refresh)> {
        let verified = self.entries.get(raw)?;
        let refresh = keys.vouch_for(&verified.key)?;
        policy.is_alive(&verified.token).then(|| (verified.token, refresh))
    }
}

#[derive(Clone)]
struct TextBytes;

impl Weighter<ByRawToken, Verified> for TextBytes {
    fn weight(&self, token: &ByRawToken, _: &Verified) -> u64 {
        (token.0.text_bytes() + ENTRY_OVERHEAD_BYTES) as u64
    }
}

impl PartialEq for ByRawToken {
    fn eq(&self, other: &Self) -> bool {
        self.0.raw() == other.0.raw()
    }
}

impl Eq for ByRawToken {}

impl Hash for ByRawToken {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.raw().as_bytes().hash(state);
    }
}

impl Borrow<[u8]> for ByRawToken {
    fn borrow(&self) -> &[u8] {
        self.0.raw().as_bytes()
    }
}

impl fmt::Debug for VerifiedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedTokens").field("tokens", &self.entries.len()).finish()
    }
}
