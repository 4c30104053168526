//! Where sessions are kept: web behaviours are mounted once for each kind.

use std::fmt::Debug;

use portcullis::GuardBuilder;
use portcullis_testkit::TestClock;

use super::{CountingStore, DELETED};

/// A kind of sessions.
pub trait SessionKind: Debug + Sized {
    /// What makes a browser forget its session.
    const DELETED: &'static [&'static str];

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
    const DELETED: &'static [&'static str] = &[DELETED];

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

/// In the browser's cookies, sealed.
#[derive(Debug)]
pub struct Cookie;

impl SessionKind for Cookie {
    const DELETED: &'static [&'static str] =
        &[DELETED, "__Host-portcullis-session-2=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"];

    fn new(_: TestClock) -> Self {
        Self
    }

    fn settings(&self, guard: GuardBuilder) -> GuardBuilder {
        guard.sessions(portcullis::SessionKind::Cookie)
    }

    async fn rows(&self) -> Option<usize> {
        None
    }

    fn calls(&self) -> usize {
        0
    }
}
