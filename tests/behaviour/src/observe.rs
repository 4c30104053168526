//! What a test of keys and outages looks at, and requests that run together.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use portcullis::{GuardBuilder, IssuerState, IssuerStatus};
use portcullis_testkit::{Endpoint, TestProvider};

use crate::{Answer, Fixture, TestApp};

/// More turns than any task of a test needs to come to rest.
const TURNS: usize = 10_000;

impl<A: TestApp> Fixture<A> {
    /// One that has its keys, so that the next fetch is news.
    pub async fn warm() -> Self {
        Self::warm_of(TestProvider::in_memory(), |guard| guard).await
    }

    /// The same with another provider and other settings.
    pub async fn warm_of(provider: TestProvider, settings: impl FnOnce(GuardBuilder) -> GuardBuilder) -> Self {
        let fixture = Self::of(provider, settings);
        fixture.get_valid().await.assert_ok("the first request");
        fixture
    }

    /// A request with a good token that nobody has seen before.
    pub async fn get_valid(&self) -> Answer {
        self.get_as("/token", &self.provider.token_for("alice")).await
    }

    /// What a status page says.
    pub fn status(&self) -> IssuerStatus {
        self.guard.status().issuers.remove(0)
    }

    /// How often the key set was asked for.
    pub fn key_fetches(&self) -> usize {
        self.provider.requests(Endpoint::Jwks)
    }

    pub fn after(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    #[track_caller]
    pub fn assert_state(&self, what: &str, state: IssuerState, last_error: Option<&str>) {
        let status = self.status();
        assert_eq!((status.state, status.last_error), (state, last_error), "{what}: {status:?}");
    }

    /// Nothing went to another host, nor to a path that nobody serves.
    #[track_caller]
    pub fn assert_nothing_unexpected(&self, what: &str) {
        assert!(self.provider.unexpected().is_empty(), "{what}: {:?}", self.provider.unexpected());
    }
}

impl Answer {
    /// 503 with `Retry-After`, without a challenge: neither accepted nor called invalid.
    #[track_caller]
    pub fn assert_unavailable(&self, what: &str) {
        self.assert_refusal(what, 503, "temporarily_unavailable", None);
        let seconds: u64 = self.header("retry-after").and_then(|value| value.parse().ok()).expect("seconds");
        assert!((1..=60).contains(&seconds), "{what}: Retry-After {seconds}");
    }
}

/// Runs futures at the same time in this task: all have begun before any of them goes on.
pub async fn together<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.into_iter().map(|future| Some(Box::pin(future))).collect();
    let mut outputs: Vec<_> = running.iter().map(|_| None).collect();
    let all = poll_fn(|context| {
        for (slot, output) in running.iter_mut().zip(&mut outputs) {
            let Some(future) = slot else { continue };
            if let Poll::Ready(value) = Pin::as_mut(future).poll(context) {
                (*slot, *output) = (None, Some(value));
            }
        }
        if running.iter().all(Option::is_none) { Poll::Ready(()) } else { Poll::Pending }
    });
    // A thousand futures in one task would exhaust its budget at every turn.
    tokio::task::unconstrained(all).await;
    outputs.into_iter().map(|output| output.expect("every future has ended")).collect()
}

/// What comes of this; `None` if it panics.
pub async fn caught<F: Future>(future: F) -> Option<F::Output> {
    let mut future = Box::pin(future);
    poll_fn(move |context| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        polled.map_or(Poll::Ready(None), |polled| polled.map(Some))
    })
    .await
}

/// Lets other tasks run until this holds.
#[track_caller]
pub fn until(what: &str, holds: impl Fn() -> bool) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        for _ in 0..TURNS {
            if holds() {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("{caller}: still not so: {what}");
    }
}

/// Lets every task run that can, to show that none does what it must not.
pub async fn at_rest() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}
