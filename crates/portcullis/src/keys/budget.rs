//! How often strangers may make us ask for keys.

use std::collections::HashMap;
use std::time::Duration;

/// A token bucket on the monotonic clock.
#[derive(Debug)]
pub(crate) struct TokenBucket {
    burst: u32,
    refill_every: Duration,
    left: u32,
    counted_from: Duration,
}

impl TokenBucket {
    /// `burst` at once, then one more every `refill_every`.
    pub(crate) const fn new(burst: u32, refill_every: Duration) -> Self {
        Self { burst, refill_every, left: burst, counted_from: Duration::ZERO }
    }

    /// Takes one, or says how long until there is one.
    pub(crate) fn take(&mut self, now: Duration) -> Result<(), Duration> {
        self.refill(now);
        if self.left > 0 {
            self.left -= 1;
            return Ok(());
        }
        Err((self.counted_from + self.refill_every).saturating_sub(now))
    }

    fn refill(&mut self, now: Duration) {
        if self.left >= self.burst {
            self.counted_from = now;
            return;
        }
        let elapsed = now.saturating_sub(self.counted_from);
        let earned = elapsed.as_nanos() / self.refill_every.as_nanos().max(1);
        let earned = u32::try_from(earned).unwrap_or(u32::MAX).min(self.burst - self.left);
        self.left += earned;
        self.counted_from += self.refill_every * earned;
        if self.left == self.burst {
            self.counted_from = now;
        }
    }
}

/// The key ids that the provider did not know a moment ago.
///
/// # Security
/// Bounded, because its entries come from strangers. When it is full the oldest makes room: that stranger's next
/// token costs a fetch again, which the budget limits.
#[derive(Debug, Default)]
pub(crate) struct UnknownKeyIds {
    until: HashMap<Box<str>, Duration>,
}

impl UnknownKeyIds {
    const CAPACITY: usize = 1024;
    const LIFE: Duration = Duration::from_secs(10);

    pub(crate) fn contains(&self, key_id: &str, now: Duration) -> bool {
        self.until.get(key_id).is_some_and(|until| now < *until)
    }

    pub(crate) fn insert(&mut self, key_id: &str, now: Duration) {
        if self.until.len() >= Self::CAPACITY {
            self.until.retain(|_, until| now < *until);
        }
        if self.until.len() >= Self::CAPACITY {
            let oldest = self.until.iter().min_by_key(|(_, until)| **until).map(|(key_id, _)| key_id.clone());
            oldest.map(|key_id| self.until.remove(&key_id));
        }
        self.until.insert(key_id.into(), now + Self::LIFE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_bucket_gives_its_burst_then_one_per_interval() {
        let mut bucket = TokenBucket::new(3, at(10));
        assert_eq!([bucket.take(at(0)), bucket.take(at(0)), bucket.take(at(0))], [Ok(()); 3]);
        assert_eq!(bucket.take(at(4)), Err(at(6)));
        assert_eq!(bucket.take(at(10)), Ok(()));
        assert_eq!(bucket.take(at(19)), Err(at(1)));
        assert_eq!(bucket.take(at(20)), Ok(()));
    }

    #[test]
    fn a_bucket_never_holds_more_than_its_burst() {
        let mut bucket = TokenBucket::new(2, at(10));
        assert_eq!([bucket.take(at(1000)), bucket.take(at(1000))], [Ok(()); 2]);
        assert_eq!(bucket.take(at(1000)), Err(at(10)));
    }

    #[test]
    fn unknown_key_ids_are_bounded_and_forgotten() {
        let mut unknown = UnknownKeyIds::default();
        for n in 0..5000u64 {
            unknown.insert(&n.to_string(), Duration::from_millis(n));
        }
        assert_eq!(unknown.until.len(), UnknownKeyIds::CAPACITY);
        assert!(unknown.contains("4999", at(5)));
        assert!(!unknown.contains("0", at(5)), "the oldest made room");
        assert!(!unknown.contains("4999", at(15)));
    }
}
