//! What was used once and must not be used again.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};

use crate::bounded::BoundedMap;

/// Some 15 MiB when it is full.
const CAPACITY: usize = 100_000;

/// Values that are good once, until the time from which nobody would accept them anyway.
///
/// # Security
/// Bounded, because memory is; but nothing is dropped to make room, or whoever can fill it could use a value again.
/// When it is full the caller has to refuse: 503, and the value stays good for later. It is this process's own: a value
/// that another node has seen is new here.
#[derive(Debug)]
pub(crate) struct ReplayMap(Mutex<BoundedMap<ReplayKey, ()>>);

/// SHA-256 of what the value is, so that a value's length is nobody's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ReplayKey([u8; 32]);

/// What became of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spent {
    Now,
    Before,
    Full,
}

impl ReplayKey {
    /// The key of these parts. Each is preceded by its length, so that no two lists of parts are alike.
    pub(crate) fn of(parts: &[&str]) -> Self {
        let mut context = Context::new(&SHA256);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut key = [0; 32];
        key.copy_from_slice(context.finish().as_ref());
        Self(key)
    }
}

impl Default for ReplayMap {
    fn default() -> Self {
        Self::with_capacity(CAPACITY)
    }
}

impl ReplayMap {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self(Mutex::new(BoundedMap::new(capacity)))
    }

    /// Uses the value up, if it was not used before and can be remembered.
    pub(crate) fn spend(&self, key: ReplayKey, now: Duration, until: Duration) -> Spent {
        self.look(key, now, |known| known.insert(key, (), until, now).is_ok())
    }

    /// What [`spend`](Self::spend) would say now; the value stays good.
    pub(crate) fn would_spend(&self, key: ReplayKey, now: Duration) -> Spent {
        self.look(key, now, |known| known.has_room(now))
    }

    fn look(&self, key: ReplayKey, now: Duration, fits: impl FnOnce(&mut BoundedMap<ReplayKey, ()>) -> bool) -> Spent {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.get(&key, now).is_some() {
            Spent::Before
        } else if fits(&mut known) {
            Spent::Now
        } else {
            Spent::Full
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_value_is_good_once_until_nobody_would_take_it() {
        let map = ReplayMap::default();
        let key = ReplayKey::of(&["https://id.example", "jti"]);
        assert_eq!(map.would_spend(key, at(0)), Spent::Now);
        assert_eq!(map.spend(key, at(0), at(10)), Spent::Now, "looking does not spend");
        assert_eq!([map.spend(key, at(9), at(10)), map.would_spend(key, at(9))], [Spent::Before; 2]);
        assert_eq!(map.spend(key, at(10), at(20)), Spent::Now);
    }

    #[test]
    fn p10_a_full_map_forgets_nothing_that_is_still_good() {
        let map = ReplayMap::with_capacity(2);
        let key = |name: &str| ReplayKey::of(&[name]);
        assert_eq!(map.spend(key("a"), at(0), at(10)), Spent::Now);
        assert_eq!(map.spend(key("b"), at(0), at(20)), Spent::Now);
        assert_eq!([map.spend(key("c"), at(5), at(30)), map.would_spend(key("c"), at(5))], [Spent::Full; 2]);
        assert_eq!([map.spend(key("a"), at(5), at(30)), map.spend(key("b"), at(5), at(30))], [Spent::Before; 2]);
        assert_eq!(map.spend(key("c"), at(10), at(30)), Spent::Now, "the first has ended");
        assert_eq!(map.spend(key("b"), at(10), at(30)), Spent::Before);
    }

    #[test]
    fn keys_tell_their_parts_apart() {
        assert_ne!(ReplayKey::of(&["ab", "c"]), ReplayKey::of(&["a", "bc"]));
        assert_ne!(ReplayKey::of(&["ab"]), ReplayKey::of(&["ab", ""]));
    }
}
