//! Requests that meet each other, and browsers that go away.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::task::Poll;

use portcullis_testkit::Endpoint;

use crate::web::{CROSS_SITE, LIFE, navigation};
use crate::{Browser, SessionKind, TestApp, WebFixture, at_rest, together};

const DUE: u64 = LIFE - 60;

/// The browser goes away once the request has come as far as this: nobody polls its future any more.
async fn abandoned<F: Future>(request: F, has_come_so_far: impl Fn() -> bool) {
    let mut request = Box::pin(request);
    for _ in 0..1000 {
        let polled = poll_fn(|context| Poll::Ready(request.as_mut().poll(context).is_pending())).await;
        assert!(polled, "it was answered");
        if has_come_so_far() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("it does not come so far");
}

pub async fn atk_t06_fifty_at_once_refresh_once<A: TestApp, K: SessionKind>() {
    for age in [DUE, LIFE + 10] {
        let fixture = WebFixture::<A, K>::refreshing();
        let cookie = fixture.session().await;
        fixture.after(age);
        let gate = fixture.provider.hold(Endpoint::Token);
        let requests = together((0..50).map(|_| fixture.get("/token", &cookie)));
        let release = async {
            gate.waiting(1).await;
            at_rest().await;
            gate.release();
        };
        let (answers, ()) = tokio::join!(requests, release);
        assert!(answers.iter().all(|answer| answer.outcome() == "200"), "{answers:?}");
        let tokens: Vec<_> = answers.iter().map(crate::Answer::json).collect();
        let secrets: BTreeSet<_> = tokens.iter().map(|token| token["secret"].as_str()).collect();
        let expiries: BTreeSet<_> = tokens.iter().map(|token| token["expires_at"].as_u64()).collect();
        assert_eq!((secrets.len(), fixture.token_requests()), (1, 1));
        assert_eq!(expiries, BTreeSet::from([Some(fixture.clock.unix() + LIFE)]), "the new facts, for all");
    }
}

pub async fn atk_m09_a_browser_that_goes_away_does_not_lose_the_new_refresh_token<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::refreshing();
    let browser = fixture.logged_in("alice").await;
    fixture.after(LIFE);
    let gate = fixture.provider.hold(Endpoint::Token);
    abandoned(fixture.ask(&browser, "/account"), || gate.arrived() == 1).await;
    gate.release();
    assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "200");
    assert_eq!(fixture.token_requests(), 1);
    fixture.after(DUE);
    assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "200", "with the rotated one");
    assert_eq!(fixture.token_requests(), 2);
}

/// The code may have been used: it is never sent again, and no half of a session is left.
pub async fn atk_m09_a_callback_dropped_midway_leaves_nothing<A: TestApp, K: SessionKind>() {
    for endpoint in [Endpoint::Token, Endpoint::UserInfo] {
        let fixture = WebFixture::<A, K>::new();
        let browser = Browser::default();
        let authorize_url = fixture.begin(&browser, "/auth/login").await;
        let callback = fixture.provider.sign_in(&authorize_url, "alice").await;
        let gate = fixture.provider.hold(endpoint);
        abandoned(fixture.visit(&browser, navigation(&callback, CROSS_SITE)), || gate.arrived() == 1).await;
        gate.release();
        at_rest().await;
        fixture.sessions.assert_rows("dropped", 0).await;
        let again = fixture.visit(&browser, navigation(&callback, CROSS_SITE)).await;
        again.assert_page("the callback again", 400);
        assert_eq!(fixture.token_requests(), 1, "{endpoint:?}: the code is sent once");
        assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "401 missing_credentials", "{endpoint:?}");
        // The next login is as good as any.
        fixture.log_in(&browser, "/auth/login", "alice").await.assert_redirect("a new login", "/");
        assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "200", "{endpoint:?}");
    }
}

/// Two tabs, each with a login of its own: both end well, and the browser has one session.
pub async fn two_logins_of_one_browser<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let browser = Browser::default();
    let first = fixture.begin(&browser, "/auth/login?return_to=/first").await;
    let second = fixture.begin(&browser, "/auth/login?return_to=/second").await;
    fixture.come_back(&browser, &second, "alice").await.assert_redirect("the second", "/second");
    fixture.come_back(&browser, &first, "alice").await.assert_redirect("the first", "/first");
    assert_eq!(fixture.ask(&browser, "/account").await.json()["sub"], "alice");
    fixture.sessions.assert_rows("two tabs", 1).await;
}
