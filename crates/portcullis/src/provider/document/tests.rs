//! What the behaviour suite cannot provoke: fetches that end without a word.

use std::future::pending;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

use tokio::runtime::Builder;

use super::*;
use crate::error::{ProviderEndpoint, ProviderErrorKind};

/// What the next fetches do; when the script is over they succeed with their number.
#[derive(Clone, Copy)]
enum Act {
    Panic,
    Hang,
    Fail,
}

struct Scripted {
    acts: Mutex<Vec<Act>>,
    fetches: Arc<AtomicUsize>,
}

impl Source for Scripted {
    type Value = usize;

    async fn fetch(&self) -> Result<Fetched<usize>, ProviderError> {
        let number = self.fetches.fetch_add(1, Ordering::SeqCst) + 1;
        let act = self.acts.lock().unwrap().pop();
        match act {
            Some(Act::Panic) => panic!("a bug in a fetch"),
            Some(Act::Hang) => pending().await,
            Some(Act::Fail) => Err(ProviderError::new(ProviderEndpoint::Jwks, ProviderErrorKind::Status(500))),
            None => Ok(Fetched { value: number, fresh_for: Duration::from_secs(100) }),
        }
    }
}

#[derive(Debug, Default)]
struct Hands(AtomicU64);

impl Clock for Hands {
    fn unix_time(&self) -> Duration {
        self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

struct Scene {
    document: Document<Scripted>,
    clock: Arc<Hands>,
    fetches: Arc<AtomicUsize>,
}

impl Scene {
    fn of(acts: &[Act]) -> Self {
        Self::with_max_stale(acts, Duration::from_secs(50))
    }

    fn with_max_stale(acts: &[Act], max_stale: Duration) -> Self {
        let (clock, fetches) = (Arc::new(Hands::default()), Arc::default());
        let source = Scripted { acts: Mutex::default(), fetches: Arc::clone(&fetches) };
        let document = Document::new(source, Arc::clone(&clock) as _, max_stale);
        let scene = Self { document, clock, fetches };
        scene.next(acts);
        scene
    }

    fn next(&self, acts: &[Act]) {
        *self.document.0.source.acts.lock().unwrap() = acts.iter().rev().copied().collect();
    }

    fn at(&self, seconds: u64) {
        self.clock.0.store(seconds, Ordering::SeqCst);
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }

    async fn current(&self) -> Result<usize, &'static str> {
        self.document.current().await.map(|value| *value).map_err(|error| error.reason())
    }
}

async fn until(holds: impl Fn() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("other tasks did not get there");
}

#[tokio::test]
async fn a_fetch_that_panics_is_made_once_more_and_no_third_time() {
    assert_eq!(Scene::of(&[Act::Panic]).current().await, Ok(2));
    let scene = Scene::of(&[Act::Panic, Act::Panic]);
    assert_eq!(scene.current().await, Err("fetch_ended_with_its_runtime"));
    assert_eq!(scene.fetches(), 2);
    assert_eq!(scene.current().await, Ok(3), "the next request starts afresh");
}

#[tokio::test]
async fn a_fetch_that_panics_leaves_the_old_document_in_use() {
    let scene = Scene::of(&[]);
    assert_eq!(scene.current().await, Ok(1));
    scene.at(100);
    scene.next(&[Act::Panic, Act::Panic]);
    assert_eq!(scene.current().await, Ok(1));
    scene.at(150);
    scene.next(&[Act::Panic, Act::Panic]);
    assert_eq!(scene.current().await, Err("fetch_ended_with_its_runtime"), "not beyond max_stale");
}

#[tokio::test]
async fn a_background_refresh_that_panics_does_not_keep_the_document_from_being_fetched() {
    let scene = Scene::of(&[]);
    assert_eq!(scene.current().await, Ok(1));
    scene.next(&[Act::Panic]);
    scene.at(90);
    assert_eq!(scene.current().await, Ok(1), "in the background");
    until(|| !scene.document.is_fetching()).await;
    assert_eq!(scene.fetches(), 2);
    scene.at(100);
    assert_eq!(scene.current().await, Ok(3));
}

/// A request may live on another runtime than the one that started the fetch it joined.
#[test]
fn a_fetch_whose_runtime_ends_is_made_again_on_the_waiters_own() {
    let [first, second] = [(); 2].map(|()| Builder::new_current_thread().build().unwrap());
    let scene = Scene::of(&[Act::Hang]);
    first.block_on(async {
        scene.document.0.flights.board((), || Arc::clone(&scene.document.0).fly());
        until(|| scene.fetches() == 1).await;
    });
    second.block_on(async {
        let (value, ()) = tokio::join!(scene.current(), async { first.shutdown_background() });
        assert_eq!(value, Ok(2));
    });
}

/// The pause after a failure: a second with nothing to serve, ten with an old document, and never beyond that one.
#[tokio::test]
async fn how_long_a_failure_is_remembered() {
    let scene = Scene::of(&[Act::Fail]);
    assert_eq!(scene.current().await, Err("server_error_status"));
    assert_eq!((scene.current().await, scene.fetches()), (Err("server_error_status"), 1));
    scene.at(1);
    assert_eq!(scene.current().await, Ok(2));
    scene.next(&[Act::Fail, Act::Fail]);
    for (second, fetches) in [(101, 3), (110, 3), (111, 4), (120, 4)] {
        scene.at(second);
        assert_eq!((scene.current().await, scene.fetches()), (Ok(2), fetches), "at {second} s");
    }
    scene.next(&[Act::Fail]);
    scene.at(145);
    assert_eq!((scene.current().await, scene.fetches()), (Ok(2), 5));
    scene.at(151);
    assert_eq!(scene.current().await, Ok(6), "the old document ended before the pause would have");
}

/// A provider that swallows requests: nobody waits for it longer than a second while the old document may be served.
#[tokio::test(start_paused = true)]
async fn p02_a_fetch_that_hangs_leaves_the_old_document_in_use() {
    let scene = Scene::of(&[]);
    assert_eq!(scene.current().await, Ok(1));
    scene.at(100);
    scene.next(&[Act::Hang]);
    let started = tokio::time::Instant::now();
    assert_eq!(scene.current().await, Ok(1));
    assert_eq!((started.elapsed(), scene.fetches()), (PATIENCE_WHILE_STALE, 2));
    assert_eq!((scene.current().await, scene.fetches()), (Ok(1), 2), "the same fetch is waited for");
}

#[tokio::test]
async fn p16_an_old_document_may_be_served_for_ever() {
    let scene = Scene::with_max_stale(&[], Duration::MAX);
    assert_eq!(scene.current().await, Ok(1));
    scene.at(1_000_000_000);
    scene.next(&[Act::Fail]);
    assert_eq!(scene.current().await, Ok(1));
}
