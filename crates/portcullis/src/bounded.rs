//! A map that forgets by time alone.

use std::borrow::Borrow;
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::time::Duration;

/// Entries that are good until an instant, at most so many at a time.
///
/// # Security
/// What protects against replays and revived sessions must not be pushed out by somebody who makes many entries: where
/// there is no room, nothing is forgotten and the newcomer is told so.
#[derive(Debug)]
pub(crate) struct BoundedMap<K, V> {
    capacity: usize,
    entries: HashMap<K, (Duration, V), ahash::RandomState>,
    by_end: BTreeSet<(Duration, K)>,
}

/// There is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

impl<K: Copy + Ord + Hash, V> BoundedMap<K, V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, entries: HashMap::default(), by_end: BTreeSet::new() }
    }

    /// The entry, if it is still good.
    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q, now: Duration) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.entries.get(key).filter(|(until, _)| now < *until).map(|(_, value)| value)
    }

    /// Stores the entry in place of what is there.
    pub(crate) fn insert(&mut self, key: K, value: V, until: Duration, now: Duration) -> Result<(), Full> {
        self.clear_expired(now);
        if self.entries.len() >= self.capacity && !self.entries.contains_key(&key) {
            return Err(Full);
        }
        if let Some((before, _)) = self.entries.insert(key, (until, value)) {
            self.by_end.remove(&(before, key));
        }
        self.by_end.insert((until, key));
        Ok(())
    }

    /// Whether a new entry would find room.
    pub(crate) fn has_room(&mut self, now: Duration) -> bool {
        self.clear_expired(now);
        self.entries.len() < self.capacity
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn clear_expired(&mut self, now: Duration) {
        while let Some((until, key)) = self.by_end.first().copied() {
            if now < until {
                return;
            }
            self.by_end.pop_first();
            self.entries.remove(&key);
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
    fn an_entry_is_good_until_its_instant() {
        let mut map = BoundedMap::new(2);
        assert_eq!(map.insert(1, "a", at(10), at(0)), Ok(()));
        assert_eq!((map.get(&1, at(9)), map.get(&1, at(10)), map.get(&2, at(0))), (Some(&"a"), None, None));
    }

    #[test]
    fn p10_a_full_map_forgets_nothing_that_is_good() {
        let mut map = BoundedMap::new(2);
        assert_eq!([map.insert(1, "a", at(10), at(0)), map.insert(2, "b", at(20), at(0))], [Ok(()); 2]);
        assert_eq!(map.insert(3, "c", at(30), at(9)), Err(Full));
        assert_eq!((map.get(&1, at(9)), map.get(&2, at(9)), map.get(&3, at(9))), (Some(&"a"), Some(&"b"), None));
        assert!(!map.has_room(at(9)));
        assert!(map.has_room(at(10)), "the first has expired");
        assert_eq!(map.insert(3, "c", at(30), at(10)), Ok(()));
        assert_eq!((map.get(&2, at(10)), map.get(&3, at(10))), (Some(&"b"), Some(&"c")));
    }

    #[test]
    fn a_later_entry_of_a_key_outlives_the_end_of_the_first() {
        let mut map = BoundedMap::new(1);
        assert_eq!([map.insert(1, "a", at(10), at(0)), map.insert(1, "b", at(20), at(5))], [Ok(()); 2]);
        assert_eq!(map.insert(2, "c", at(30), at(12)), Err(Full));
        assert_eq!(map.get(&1, at(12)), Some(&"b"));
        assert!(map.has_room(at(20)) && map.is_empty());
    }
}
