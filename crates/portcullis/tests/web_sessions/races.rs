//! Refreshes that meet each other, a logout, or a browser that goes away.

use std::collections::BTreeSet;

use portcullis::{AccessToken, Head, RefreshedSession, UserInfo};
use portcullis_testkit::Endpoint;
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
    assert_eq!(app.store.last_row().await.unwrap().version(), 2, "it has written");
    gate.release();
    refreshed.await.unwrap().unwrap();
    app.advance(DUE);
    assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (200, "ok"));
    assert_eq!(app.token_requests(), 2);
}

/// Two processes share a store: the one whose refresh token was used up meanwhile reads what the other has written.
#[tokio::test]
#[ignore = "the refusal may be read before the winner has written: needs a conditional remove in the store, or a wait"]
async fn the_loser_among_processes_does_not_end_the_session() {
    let app = App::new();
    let cookie = app.log_in().await;
    let other = app.other_process();
    let _ = ask::<UserInfo, ()>(&other, &get("/page", &cookie)).await;
    app.advance(DUE);
    let gate = app.server.hold(Endpoint::Token);
    let (page, guard) = (get("/page", &cookie), other.clone());
    let slow = tokio::spawn(async move { ask::<UserInfo, ()>(&guard, &page).await });
    gate.waiting(1).await;
    let (page, guard) = (get("/page", &cookie), app.guard.clone());
    let fast = tokio::spawn(async move { ask::<UserInfo, ()>(&guard, &page).await });
    gate.waiting(2).await;
    gate.release();
    let outcomes = [slow.await.unwrap().outcome(), fast.await.unwrap().outcome()];
    assert_eq!(outcomes, [(200, "ok"); 2]);
    assert!(app.store.last_row().await.is_some(), "not cleared");
}
