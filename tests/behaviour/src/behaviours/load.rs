//! Many requests at once: one fetch for all, and nobody waits for ever.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use portcullis_testkit::{Endpoint, Fault, Gate};
use tokio::time::{Instant, sleep};

use crate::{Answer, Fixture, TestApp, at_rest, together, until};

const HERD: usize = 1_000;
const PATIENCE: Duration = Duration::from_secs(5);

fn tokens(fixture: &Fixture<impl TestApp>, count: usize) -> Vec<String> {
    (0..count).map(|_| fixture.provider.token_for("alice")).collect()
}

async fn all<A: TestApp>(fixture: &Fixture<A>, path: &str, tokens: &[String]) -> Vec<Answer> {
    together(tokens.iter().map(|token| fixture.get_as(path, token))).await
}

/// Begins a request, lets it wait for the provider, and drops it, as a server does whose client has gone.
async fn begun_and_dropped(request: impl Future<Output = Answer>, gate: &Gate) {
    let mut request = pin!(request);
    tokio::select! {
        biased;
        answer = &mut request => panic!("the gate is closed, yet there is an answer: {answer:?}"),
        () = gate.waiting(1) => {}
    }
}

pub async fn p18_a_thousand_first_requests_make_one_discovery_and_one_key_fetch<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let gate = fixture.provider.hold(Endpoint::Discovery);
    let tokens = tokens(&fixture, HERD);
    let release = async {
        gate.waiting(1).await;
        at_rest().await;
        gate.release();
    };
    let (answers, ()) = tokio::join!(all(&fixture, "/token", &tokens), release);
    answers.iter().for_each(|answer| answer.assert_ok("one of the herd"));
    assert_eq!(answers.len(), HERD);
    assert_eq!(fixture.provider.requests(Endpoint::Discovery), 1);
    assert_eq!(fixture.key_fetches(), 1);
}

/// The herd comes again when the keys expire, and when a new key appears.
pub async fn p18_the_herd_at_expiry_and_at_rotation<A: TestApp>() {
    let fixture = Fixture::<A>::warm().await;
    fixture.after(600);
    let answers = all(&fixture, "/token", &tokens(&fixture, HERD)).await;
    answers.iter().for_each(|answer| answer.assert_ok("at expiry"));
    assert_eq!((fixture.provider.requests(Endpoint::Discovery), fixture.key_fetches()), (2, 2));
    fixture.provider.rotate_keys();
    let answers = all(&fixture, "/token", &tokens(&fixture, HERD)).await;
    answers.iter().for_each(|answer| answer.assert_ok("at rotation"));
    assert_eq!((fixture.provider.requests(Endpoint::Discovery), fixture.key_fetches()), (2, 3));
}

/// One user, a hundred tokens at once: one question about the user.
pub async fn p04_one_question_per_user<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let answers = all(&fixture, "/user", &tokens(&fixture, 100)).await;
    answers.iter().for_each(|answer| answer.assert_ok("the claims"));
    assert_eq!(fixture.asked(), 3, "discovery, keys, userinfo");
}

pub async fn p04_a_first_waiter_that_goes_away_breaks_nothing<A: TestApp>() {
    for endpoint in [Endpoint::Discovery, Endpoint::Jwks, Endpoint::UserInfo] {
        let fixture = Fixture::<A>::new();
        let gate = fixture.provider.hold(endpoint);
        let (first, second) = (fixture.provider.token_for("alice"), fixture.provider.token_for("alice"));
        begun_and_dropped(fixture.get_as("/user", &first), &gate).await;
        let release = async {
            at_rest().await;
            assert_eq!(gate.arrived(), 1, "{endpoint:?}: the second one joined");
            gate.release();
        };
        let (answer, ()) = tokio::join!(fixture.get_as("/user", &second), release);
        answer.assert_ok("the second waiter");
        assert_eq!(fixture.asked(), 3, "{endpoint:?}");
    }
}

/// The fetch goes on though everybody has gone: the next request finds it done.
pub async fn p04_a_fetch_that_nobody_waits_for_is_not_lost<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let gate = fixture.provider.hold(Endpoint::Jwks);
    begun_and_dropped(fixture.get_as("/token", &fixture.provider.token_for("alice")), &gate).await;
    gate.release();
    until("the keys are there", || fixture.status().keys == 1).await;
    fixture.provider.stop().await;
    fixture.get_valid().await.assert_ok("without asking anybody");
}

/// Dropped at every point where it could wait, a request leaves nothing behind that the next one stumbles over.
pub async fn p04_a_request_dropped_anywhere_leaves_no_trace<A: TestApp>() {
    for polls in 0..40 {
        let fixture = Fixture::<A>::new();
        let token = fixture.provider.token_for("alice");
        let mut left = polls;
        let mut request = Box::pin(fixture.get_as("/user", &token));
        poll_fn(|context| {
            if left == 0 || request.as_mut().poll(context).is_ready() {
                return Poll::Ready(());
            }
            left -= 1;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        drop(request);
        fixture.get_as("/user", &token).await.assert_ok("the next one");
        assert_eq!(fixture.asked(), 3, "after {polls} polls");
    }
}

/// Two requests wait for a provider that never answers: five seconds each, from its own beginning.
pub async fn p04_a_request_waits_five_seconds_at_most<A: TestApp>() {
    tokio::time::pause();
    for endpoint in [Endpoint::Discovery, Endpoint::Jwks, Endpoint::UserInfo] {
        let fixture = Fixture::<A>::new();
        let _gate = fixture.provider.hold(endpoint);
        let began = Instant::now();
        let answer = fixture.get_as("/user", &fixture.provider.token_for("alice")).await;
        answer.assert_unavailable("no answer");
        assert_in_time(&format!("{endpoint:?}"), began);
    }
}

#[track_caller]
fn assert_in_time(what: &str, began: Instant) {
    let elapsed = began.elapsed();
    assert!((PATIENCE..PATIENCE + Duration::from_millis(50)).contains(&elapsed), "{what}: {elapsed:?}");
}

/// Five seconds in all: a provider that is slow three times does not get three times as long.
pub async fn p04_slow_answers_share_the_five_seconds<A: TestApp>() {
    tokio::time::pause();
    let slow = Duration::from_secs(2);
    let fixture = Fixture::<A>::new();
    let gates = [Endpoint::Discovery, Endpoint::Jwks, Endpoint::UserInfo].map(|at| fixture.provider.hold(at));
    let began = Instant::now();
    let provider = async {
        for gate in gates {
            gate.waiting(1).await;
            sleep(slow).await;
            gate.release();
        }
    };
    let token = fixture.provider.token_for("alice");
    let request = async {
        let answer = fixture.get_as("/user", &token).await;
        assert_in_time("in all", began);
        answer
    };
    let (answer, ()) = tokio::join!(request, provider);
    answer.assert_unavailable("two, four, six seconds");
    fixture.get_as("/user", &token).await.assert_ok("what came too late for one is there for the next");
    assert_eq!(fixture.asked(), 3);
}

/// The fetch has its five seconds too: it does not stay under way for ever, to be joined by everybody.
pub async fn p04_a_fetch_that_hangs_ends_by_itself<A: TestApp>() {
    tokio::time::pause();
    let fixture = Fixture::<A>::new();
    let gate = fixture.provider.hold(Endpoint::Jwks);
    fixture.get_valid().await.assert_unavailable("nobody answers");
    until("the fetch has ended", || fixture.status().last_error == Some("timeout")).await;
    fixture.provider.heal(Endpoint::Jwks);
    drop(gate);
    fixture.after(1);
    fixture.get_valid().await.assert_ok("the next fetch");
    assert_eq!(fixture.key_fetches(), 2);
}

/// Many users at once while their claims cannot be had: each is told so, none is taken for another.
pub async fn p04_userinfo_fails_for_many_at_once<A: TestApp>() {
    tokio::time::pause();
    let fixture = Fixture::<A>::warm().await;
    fixture.provider.fault(Endpoint::UserInfo, Fault::status(500));
    let tokens: Vec<_> =
        ["alice", "bob"].iter().cycle().take(50).map(|user| fixture.provider.token_for(user)).collect();
    for answer in all(&fixture, "/user", &tokens).await {
        answer.assert_unavailable("no claims");
    }
    assert_eq!(fixture.provider.requests(Endpoint::UserInfo), 4, "two users, two tries each");
    fixture.provider.heal(Endpoint::UserInfo);
    let answers = all(&fixture, "/user", &tokens).await;
    for (answer, user) in answers.iter().zip(["alice", "bob"].iter().cycle()) {
        assert_eq!(answer.json()["sub"], *user);
    }
    assert_eq!(fixture.provider.requests(Endpoint::UserInfo), 6);
}
