//! Tokens that have been verified before.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use bytes::Bytes;
use foldhash::quality::RandomState;
use quick_cache::Weighter;
use quick_cache::sync::{Cache, DefaultLifecycle};

use super::access_token::AccessToken;
use super::validate::TokenPolicy;
use crate::keys::{KeyEngine, PublicKey};
use crate::provider::document::Refresh;
use crate::secret::Secret;

/// 32 MiB of tokens and what was read from them: 10,000 usual tokens take half of it.
const CAPACITY_BYTES: u64 = 32 * 1024 * 1024;
/// What an entry takes beside the token's own memory, measured (`benches/allocations.rs`).
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
    entries: Cache<ByRawToken, Verified, ByMemory, RandomState>,
}

#[derive(Clone)]
struct Verified {
    token: AccessToken,
    key: Arc<PublicKey>,
    /// The token's own, here too: the token lies elsewhere in memory.
    expires_at: u64,
}

/// The raw text, one step away from the entry: each further one would cost a look-up another wait for memory. The one
/// copy serves key and token, and is overwritten when the last of them goes.
struct ByRawToken(Bytes);

/// What keeps the text alive.
struct Owner(Arc<Secret>);

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        self.0.expose().as_bytes()
    }
}

impl ByRawToken {
    fn new(raw: &Arc<Secret>) -> Self {
        Self(Bytes::from_owner(Owner(Arc::clone(raw))))
    }
}

impl VerifiedTokens {
    pub(crate) fn new() -> Self {
        let hasher = RandomState::default();
        let entries = Cache::with(USUAL_ENTRIES, CAPACITY_BYTES, ByMemory, hasher, DefaultLifecycle::default());
        Self { entries }
    }

    pub(crate) fn insert(&self, token: &AccessToken, key: Arc<PublicKey>) {
        self.entries.insert(
            ByRawToken::new(token.shared_raw()),
            Verified { token: token.clone(), key, expires_at: token.expires_at() },
        );
    }

    /// The token, if it was verified before and that still counts, and whether the keys should be refreshed.
    pub(crate) fn find(&self, raw: &[u8], keys: &KeyEngine, policy: &TokenPolicy) -> Option<(AccessToken, Refresh)> {
        let verified = self.entries.get(raw)?;
        let refresh = keys.vouch_for(&verified.key)?;
        policy.is_alive(verified.expires_at).then_some((verified.token, refresh))
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
        self.0 == other.0
    }
}

impl Eq for ByRawToken {}

impl Hash for ByRawToken {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Borrow<[u8]> for ByRawToken {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for VerifiedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedTokens").field("tokens", &self.entries.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::hash::BuildHasherDefault;

    use quick_cache::UnitWeighter;

    use super::*;

    /// The worst luck, or the best attack: every text has the same hash.
    #[derive(Default)]
    struct Constant;

    impl Hasher for Constant {
        fn write(&mut self, _: &[u8]) {}

        fn finish(&self) -> u64 {
            7
        }
    }

    #[test]
    fn a_collision_lends_no_token_the_standing_of_another() {
        let cache: Cache<ByRawToken, usize, UnitWeighter, BuildHasherDefault<Constant>> =
            Cache::with(100, 100, UnitWeighter, BuildHasherDefault::default(), DefaultLifecycle::default());
        let good = "a".repeat(500);
        let with = |place: usize, character: &str| format!("{}{character}{}", &good[..place], &good[place + 1..]);
        let key = |text: &str| ByRawToken::new(&Arc::new(Secret::from(text)));
        cache.insert(key(&good), 0);
        cache.insert(key(&with(250, "b")), 1);
        assert_eq!(cache.get(good.as_bytes()), Some(0));
        assert_eq!(cache.get(with(250, "b").as_bytes()), Some(1));
        for other in
            [with(0, "c"), with(250, "c"), with(499, "c"), good[1..].to_owned(), format!("{good}a"), String::new()]
        {
            assert_eq!(cache.get(other.as_bytes()), None, "{other}");
        }
    }
}
