//! Refreshes that meet each other, a logout, or a browser that goes away.

use std::collections::BTreeSet;

use portcullis::{AccessToken, Head, RefreshedSession, UserInfo};
use portcullis_testkit::{Endpoint, TestProvider};
use tokio::task::JoinSet;

use crate::app::{App, DELETED, LIFE, ask, get, seconds};

const DUE: u64 = LIFE - 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn atk_t06_fifty_at_once_refresh_once() {
    for age in [DUE, LIFE + 10] {
        let app = App::new();
        let cookie = app.log_in().await;
        app.advance(age);
        let gate = app.server.hold(Endpoint::Token);
        let mut requests = JoinSet::new();
        for _ in 0..50 {
            let (guard, page) = (app.guard.clone(), get("/page", &cookie));
            requests.spawn(async move { ask::<AccessToken, ()>(&guard, &page).await });
        }
        gate.waiting(1).await;
        gate.release();
        let answers = requests.join_all().await;
        assert!(answers.iter().all(|answer| answer.outcome() == (200, "ok") && answer.cookies().is_empty()));
        let tokens: BTreeSet<_> =
            answers.iter().map(|answer| answer.value.as_ref().unwrap().secret().unwrap().expose()).collect();
        let expiries: BTreeSet<_> = answers.iter().map(|answer| answer.value.as_ref().unwrap().expires_at()).collect();
        assert_eq!((tokens.len(), app.token_requests()), (1, 1));
        assert_eq!(expiries, BTreeSet::from([app.server.clock().unix() + LIFE]), "the new facts, for all");
    }
}

#[tokio::test]
async fn atk_s09_logout_wins_over_a_refresh_on_its_way() {
    let app = App::new();
    let cookie = app.log_in().await;
    app.advance(DUE);
    let gate = app.server.hold(Endpoint::Token);
    let (guard, page) = (app.guard.clone(), get("/page", &cookie));
    let request = tokio::spawn(async move { ask::<UserInfo, ()>(&guard, &page).await });
    gate.waiting(1).await;
    app.store.remove_last().await;
    gate.release();
    let answer = request.await.unwrap();
    assert_eq!((answer.outcome(), answer.cookies()), ((401, "missing_credentials"), vec![DELETED]));
    assert!(app.store.last_row().await.is_none(), "not revived");
    assert_eq!(app.with_cookie::<Option<UserInfo>>(&cookie).await.value, Some(None));
    assert_eq!(app.token_requests(), 1);
}

#[tokio::test]
async fn a_browser_that_goes_away_does_not_lose_the_new_refresh_token() {
    let app = App::new();
    let cookie = app.log_in().await;
    app.advance(LIFE);
    let gate = app.server.hold(Endpoint::Token);
    let (guard, page) = (app.guard.clone(), get("/page", &cookie));
    let request = tokio::spawn(async move { ask::<UserInfo, ()>(&guard, &page).await });
    gate.waiting(1).await;
    request.abort();
    assert!(request.await.unwrap_err().is_cancelled());
    gate.release();
    assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (200, "ok"));
    assert_eq!(app.token_requests(), 1);
    app.advance(DUE);
    assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (200, "ok"), "with the rotated one");
    assert_eq!(app.token_requests(), 2);
}

/// A request in between notes that the session is in use: the new refresh token must survive that write.
#[tokio::test]
async fn a_write_in_between_does_not_lose_the_new_refresh_token() {
    let app = App::with(|builder| builder.session_limits(seconds(2000), seconds(100_000)));
    let cookie = app.log_in().await;
    let gate = app.server.hold(Endpoint::Token);
    let attempt = app.guard.attempt(&Head::of(&get("/page", &cookie)));
    let refreshed = tokio::spawn(async move { attempt.admit::<RefreshedSession, ()>().await.map(drop) });
    gate.waiting(1).await;
    app.advance(200);
    assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (200, "ok"));
    assert_eq!(app.store.last_row().await.unwrap().version(), 3, "it has written, after the turn was taken");
    gate.release();
    refreshed.await.unwrap().unwrap();
    app.advance(DUE);
    assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (200, "ok"));
    assert_eq!(app.token_requests(), 2);
}

/// Two processes share a store: one of them refreshes, the other waits and reads what it has written.
#[tokio::test]
async fn atk_t06_the_second_process_waits_for_the_first() {
    let app = App::new();
    let cookie = app.log_in().await;
    let other = app.other_process();
    app.advance(DUE);
    let (gate, calls) = (app.server.hold(Endpoint::Token), app.store.calls());
    let [first, second] = [other, app.guard.clone()].map(|guard| {
        let page = get("/page", &cookie);
        tokio::spawn(async move { ask::<UserInfo, ()>(&guard, &page).await })
    });
    gate.waiting(1).await;
    // Each has read twice; one has taken its turn, the other has looked whose it is.
    app.store.calls_reach(calls + 6).await;
    gate.release();
    let outcomes = [first.await.unwrap().outcome(), second.await.unwrap().outcome()];
    assert_eq!(outcomes, [(200, "ok"); 2]);
    assert_eq!(app.token_requests(), 1, "one refresh among all processes");
    assert!(app.store.last_row().await.is_some(), "not cleared");
}

/// Another process takes the right to refresh, and dies before it has done so.
async fn die_in_a_turn(app: &App, cookie: &str) {
    let gate = app.server.hold(Endpoint::Token);
    let (other, page) = (app.other_process(), get("/page", cookie));
    // A runtime of its own, so that it takes its tasks with it.
    let dies = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let gone = tokio::spawn(async move { ask::<UserInfo, ()>(&other, &page).await });
            gate.waiting(1).await;
            gone.abort();
        });
        drop(runtime);
        gate.release();
    });
    tokio::task::spawn_blocking(|| dies.join().unwrap()).await.unwrap();
}

/// A process that died in its turn holds the others up for as long as a turn lasts.
#[tokio::test]
async fn p11_a_turn_that_nobody_ends_lapses() {
    let app = App::new();
    let cookie = app.log_in().await;
    app.advance(DUE);
    die_in_a_turn(&app, &cookie).await;
    app.advance(21);
    assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (200, "ok"));
}

/// What the other process wrote down was the time of a clock that was wrong, or of ours before it was set right.
#[tokio::test]
async fn p13_a_turn_in_the_far_future_is_nobodys() {
    let app = App::new();
    let cookie = app.log_in().await;
    app.advance(DUE);
    die_in_a_turn(&app, &cookie).await;
    let clock = app.server.clock();
    clock.set_unix(clock.unix() - 100_000);
    let answer = app.ask::<RefreshedSession, ()>(&get("/page", &cookie)).await;
    assert_eq!(answer.outcome(), (200, "ok"));
}

/// The old refresh token is used up by then: what came for it is worth another try.
#[tokio::test]
async fn p11_a_store_that_is_down_for_a_moment_does_not_lose_the_new_refresh_token() {
    let app = App::new();
    let cookie = app.log_in().await;
    app.advance(LIFE);
    let gate = app.server.hold(Endpoint::Token);
    let (guard, page) = (app.guard.clone(), get("/page", &cookie));
    let request = tokio::spawn(async move { ask::<UserInfo, ()>(&guard, &page).await });
    gate.waiting(1).await;
    app.store.set_down(true);
    let calls = app.store.calls();
    gate.release();
    app.store.calls_reach(calls + 1).await;
    app.store.set_down(false);
    assert_eq!(request.await.unwrap().outcome(), (200, "ok"));
    app.advance(DUE);
    assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (200, "ok"), "with the rotated one");
    assert_eq!(app.token_requests(), 2);
}

/// Sixty seconds are what Keycloak gives in its first realm: not every request is a refresh then.
#[tokio::test]
async fn p11_tokens_that_live_for_a_minute_are_not_refreshed_at_every_request() {
    let app = App::new();
    app.server.client(TestProvider::CLIENT_ID).access_token_lifetime(seconds(60)).register();
    let cookie = app.log_in().await;
    for (age, refreshes) in [(0, 0), (29, 0), (1, 1), (0, 1), (29, 1), (1, 2)] {
        app.advance(age);
        assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (200, "ok"));
        assert_eq!(app.token_requests(), refreshes);
    }
}
