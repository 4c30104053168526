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
use crate::secret::Secret;

/// 32 MiB of tokens and what was read from them: 10,000 usual tokens take 20.
const CAPACITY_BYTES: u64 = 32 * 1024 * 1024;
/// What an entry takes beside the token's own memory, measured (`benches/allocations.rs`).
const ENTRY_OVERHEAD_BYTES: usize = 256;
/// For the cache's own bookkeeping; no limit.
const USUAL_ENTRIES: usize = 16_384;

/// Verified tokens of one issuer under one policy: successes only.
///
/// # Security
/// The key is the whole token, compared in full, under a hash with a random seed: neither a collision nor a shared
/// prefix can lend one token the standing of another. An entry counts only while the key that verified it is in the
/// provider's current set and the token is alive, so withdrawing a key withdraws its tokens.
pub(crate) struct VerifiedTokens {
    entries: Cache<ByRawToken, Verified, ByMemory, ahash::RandomState>,
}

#[derive(Clone)]
struct Verified {
    token: AccessToken,
    key: Arc<PublicKey>,
}

/// One copy of the raw text serves key and token.
struct ByRawToken(Arc<Secret>);

impl ByRawToken {
    fn raw(&self) -> &[u8] {
        self.0.expose().as_bytes()
    }
}

impl VerifiedTokens {
    pub(crate) fn new() -> Self {
        let hasher = ahash::RandomState::new();
        let entries = Cache::with(USUAL_ENTRIES, CAPACITY_BYTES, ByMemory, hasher, DefaultLifecycle::default());
        Self { entries }
    }

    pub(crate) fn insert(&self, token: &AccessToken, key: Arc<PublicKey>) {
        self.entries.insert(ByRawToken(Arc::clone(token.shared_raw())), Verified { token: token.clone(), key });
    }

    /// The token, if it was verified before and that still counts, and whether the keys should be refreshed.
    pub(crate) fn find(&self, raw: &[u8], keys: &KeyEngine, policy: &TokenPolicy) -> Option<(AccessToken, Refresh)> {
        let verified = self.entries.get(raw)?;
        let refresh = keys.vouch_for(&verified.key)?;
        policy.is_alive(&verified.token).then_some((verified.token, refresh))
    }
}

#[derive(Clone)]
struct ByMemory;

impl Weighter<ByRawToken, Verified> for ByMemory {
    fn weight(&self, _: &ByRawToken, verified: &Verified) -> u64 {
        (verified.token.memory() + ENTRY_OVERHEAD_BYTES) as u64
    }
}

impl PartialEq for ByRawToken {
    fn eq(&self, other: &Self) -> bool {
        self.raw() == other.raw()
    }
}

impl Eq for ByRawToken {}

impl Hash for ByRawToken {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.raw().hash(state);
    }
}

impl Borrow<[u8]> for ByRawToken {
    fn borrow(&self) -> &[u8] {
        self.raw()
    }
}

impl fmt::Debug for VerifiedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedTokens").field("tokens", &self.entries.len()).finish()
    }
}
