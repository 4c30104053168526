use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::*;

const FAR: u64 = 4_000_000_000;

/// The clock of a guard in a test, at an instant that is long past for the system's.
#[derive(Debug)]
struct At(u64);

impl Clock for At {
    fn unix_time(&self) -> Duration {
        Duration::from_secs(self.0)
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

fn key(id: u64) -> SessionKey {
    SessionKey::of(&id.to_be_bytes())
}

fn subject(name: &str) -> SessionIndex {
    SessionIndex::of_subject("https://id.example", name)
}

fn session(version: u64, expires_at: u64, indexes: &[SessionIndex]) -> StoredSession {
    StoredSession::new(vec![7; 16], version, expires_at, indexes.to_vec())
}

impl MemorySessionStore {
    /// How many sessions and entries of the index there are.
    fn counts(&self) -> (usize, usize) {
        let [sessions, uses, expiries, entries] = self.read().sizes();
        assert_eq!([uses, expiries], [sessions; 2], "every session is once in every order");
        (sessions, entries)
    }

    async fn holds(&self, id: u64) -> bool {
        self.load(&key(id)).await.unwrap().is_some()
    }
}

#[tokio::test]
async fn what_leaves_the_store_leaves_the_index() {
    let own = |id: u64| subject(&id.to_string());
    let store = MemorySessionStore::with_capacity(10);
    for id in 0..1000 {
        store.insert(&key(id), session(1, FAR, &[subject("all"), own(id), own(id)])).await.unwrap();
    }
    assert_eq!(store.counts(), (10, 20), "evicted");

    let id = 999;
    assert!(store.replace(&key(id), session(2, FAR, &[own(id)]), 1).await.unwrap());
    assert_eq!(store.counts(), (10, 19), "replaced by one with fewer indexes");
    assert_eq!(store.remove_all(&subject("all")).await.unwrap(), 9);
    assert!(store.holds(id).await, "it has no longer the index");
    assert!(!store.replace(&key(id), session(9, FAR, &[subject("all")]), 1).await.unwrap());
    assert!(store.insert(&key(id), session(9, FAR, &[subject("all")])).await.is_err());
    assert_eq!(store.counts(), (1, 1), "refused writes leave no trace");
    store.remove(&key(id)).await.unwrap();
    store.remove(&key(id)).await.unwrap();
    assert_eq!(store.counts(), (0, 0), "removed");
}

#[tokio::test]
async fn a_full_store_keeps_a_fresh_login_and_lets_the_longest_unused_go() {
    let store = MemorySessionStore::with_capacity(3);
    for id in 0..3 {
        store.insert(&key(id), session(1, FAR, &[])).await.unwrap();
    }
    for _ in 0..100 {
        assert!(store.holds(0).await && store.holds(1).await);
    }
    store.insert(&key(3), session(1, FAR, &[])).await.unwrap();
    let held = [store.holds(0).await, store.holds(1).await, store.holds(2).await, store.holds(3).await];
    assert_eq!(held, [true, true, false, true]);
}

#[tokio::test]
async fn a_store_for_no_session_holds_one() {
    let store = MemorySessionStore::with_capacity(0);
    store.insert(&key(1), session(1, FAR, &[subject("alice")])).await.unwrap();
    assert!(store.holds(1).await);
    assert_eq!(store.counts(), (1, 1));
}

#[tokio::test]
async fn atk_s08_memory_is_freed_by_the_clock_of_the_guard() {
    let store = MemorySessionStore::with_clock(10, Arc::new(At(1_000_000)));
    for (id, expires_at) in [(0, 999_999), (1, 1_000_000), (2, 1_000_001), (3, 1 << 32), (4, u64::MAX)] {
        store.insert(&key(id), session(1, expires_at, &[subject("alice")])).await.unwrap();
    }
    assert!(!store.replace(&key(1), session(2, FAR, &[]), 1).await.unwrap(), "an expired session is not revived");
    assert_eq!(store.counts(), (3, 3), "what lives by this clock stays");
    assert!(store.replace(&key(2), session(2, 1, &[]), 1).await.unwrap());
    assert_eq!(store.remove_all(&subject("alice")).await.unwrap(), 2);
    assert_eq!(store.counts(), (0, 0), "the expiry is that of the new version");
}

#[test]
fn atk_s09_of_threads_that_replace_one_version_one_wins() {
    let store = MemorySessionStore::new();
    block_on(store.insert(&key(1), session(0, FAR, &[subject("alice")]))).unwrap();
    let (barrier, wins) = (Barrier::new(4), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for version in 0..500 {
                    barrier.wait();
                    let next = session(version + 1, FAR, &[subject("alice")]);
                    let won = block_on(store.replace(&key(1), next, version)).unwrap();
                    wins.fetch_add(usize::from(won), Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(wins.into_inner(), 500);
    assert_eq!(block_on(store.load(&key(1))).unwrap().unwrap().version(), 500);
    assert_eq!(store.counts(), (1, 1));
}

#[test]
fn atk_s09_logout_wins_over_a_refresh_and_over_eviction() {
    const ROUNDS: u64 = 500;
    let store = MemorySessionStore::with_capacity(2);
    let (barrier, alice) = (Barrier::new(3), subject("alice"));
    // Nothing is asserted between two barriers: the other threads would wait for the one that panicked.
    let revived = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..ROUNDS {
                drop(block_on(store.insert(&key(round), session(0, FAR, &[alice]))));
                barrier.wait();
                drop(block_on(store.remove_all(&alice)));
                barrier.wait();
                let there = block_on(store.load(&key(round))).is_ok_and(|session| session.is_some());
                revived.fetch_add(usize::from(there), Ordering::Relaxed);
            }
        });
        scope.spawn(|| {
            for round in 0..ROUNDS {
                barrier.wait();
                (0..10).for_each(|v| drop(block_on(store.replace(&key(round), session(v + 1, FAR, &[alice]), v))));
                barrier.wait();
            }
        });
        scope.spawn(|| {
            for round in 0..ROUNDS {
                barrier.wait();
                let others = (1000 + round * 10)..(1010 + round * 10);
                others.for_each(|id| drop(block_on(store.insert(&key(id), session(0, FAR, &[subject("bob")])))));
                barrier.wait();
            }
        });
    });
    assert_eq!(revived.into_inner(), 0, "sessions that were there after their logout");
    let (sessions, entries) = store.counts();
    assert!((1..=2).contains(&sessions) && entries == sessions, "bob's last, and one more if alice was gone by then");
}

/// The store never waits, so one poll is all it takes.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("the store waits"),
    }
}
