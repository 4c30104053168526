//! Where sessions are kept: web behaviours are mounted once for each kind.

use std::fmt::Debug;

use portcullis::GuardBuilder;
use portcullis_testkit::TestClock;

use super::CountingStore;

/// A kind of sessions.
pub trait SessionKind: Debug + Sized {
    fn new(clock: TestClock) -> Self;

    fn settings(&self, guard: GuardBuilder) -> GuardBuilder;

    /// How many sessions the server keeps; `None` for a kind that keeps them elsewhere.
    fn rows(&self) -> impl Future<Output = Option<usize>>;

    /// How often a store was asked so far; a kind without one asks none.
    fn calls(&self) -> usize;

    fn assert_rows(&self, what: &str, expected: usize) -> impl Future<Output = ()> {
        async move {
            if let Some(rows) = self.rows().await {
                assert_eq!(rows, expected, "{what}: sessions");
            }
        }
    }
}

/// In the memory of the process, behind a store that counts.
pub type Memory = CountingStore;

impl SessionKind for CountingStore {
    fn new(clock: TestClock) -> Self {
        Self::by(clock)
    }

    fn settings(&self, guard: GuardBuilder) -> GuardBuilder {
        guard.session_store(self.clone())
    }

    async fn rows(&self) -> Option<usize> {
        Some(self.sessions().await)
    }

    fn calls(&self) -> usize {
        self.asked()
    }
}
