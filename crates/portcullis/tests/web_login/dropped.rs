//! Browsers that go away while their callback is answered.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{Request, Response};
use portcullis::transport::{HttpClient, HttpError, HttpLimits};
use portcullis::{GuardBuilder, ResponseMode, WebRoute, async_trait};
use portcullis_testkit::{Endpoint, TestProvider};

use crate::answer::{is_page, is_redirect};
use crate::app::{App, Browser, SESSION, get, set_cookies};
use crate::form_post::{posted, to_form};

/// A browser that goes away takes its login with it, and its code cannot be used again.
#[tokio::test]
async fn atk_m09_a_callback_dropped_midway_leaves_nothing() {
    for endpoint in [Endpoint::Token, Endpoint::UserInfo] {
        let (app, browser) = (App::new(), Browser::default());
        let callback = app.to_callback(&browser, "/auth/login", "alice").await;
        drop_at(&app, &browser, &callback, endpoint).await;
        is_page(&app.callback(&browser, &callback).await, 400, "the state is spent");
        assert_eq!((app.provider.requests(Endpoint::Token), app.store.inserted()), (1, 0), "{endpoint:?}");
        is_redirect(&app.log_in(&browser, "/auth/login", "alice").await, "/");
    }
}

#[tokio::test]
async fn atk_m09_a_callback_dropped_before_its_code_is_spent_may_come_again() {
    let (app, browser) = (App::new(), Browser::default());
    let callback = app.to_callback(&browser, "/auth/login", "alice").await;
    drop_at(&app, &browser, &callback, Endpoint::Jwks).await;
    is_redirect(&app.callback(&browser, &callback).await, "/");
    assert_eq!((app.asked(), app.store.inserted()), ((1, 1), 1));
}

async fn drop_at(app: &App, browser: &Browser, callback: &str, endpoint: Endpoint) {
    let gate = app.provider.hold(endpoint);
    let request = browser.with_cookies(get(callback));
    let task = tokio::spawn(app.visit_of(WebRoute::Callback, &request).serve());
    gate.waiting(1).await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    gate.release();
    tokio::task::yield_now().await;
    assert_eq!(app.store.inserted(), 0, "{endpoint:?}");
}

/// A transport that lets others run before and after each request, so that the future waits where a real one would.
#[derive(Debug)]
struct Yielding(Arc<dyn HttpClient>);

#[async_trait]
impl HttpClient for Yielding {
    async fn send(&self, request: Request<Bytes>, limits: HttpLimits) -> Result<Response<Bytes>, HttpError> {
        tokio::task::yield_now().await;
        let answer = self.0.send(request, limits).await;
        tokio::task::yield_now().await;
        answer
    }
}

fn yielding(provider: &TestProvider, builder: GuardBuilder, mode: ResponseMode) -> GuardBuilder {
    builder.http_client(Yielding(Arc::new(provider.http_client()))).response_mode(mode)
}

/// The future is dropped after its first poll, its second, and so on, until it is done before it can be dropped.
#[tokio::test]
async fn atk_m09_wherever_a_callback_is_dropped_there_is_no_half_session() {
    for mode in [ResponseMode::Query, ResponseMode::FormPost] {
        for first in [true, false] {
            let mut done = false;
            let mut polls = 0;
            while !done {
                polls += 1;
                assert!(polls < 200, "{mode:?}: a callback that never ends");
                done = dropped_after(polls, mode, first).await;
            }
            // Token endpoint, userinfo, store; the keys at the first login, the session before at another one.
            assert!(polls >= 8, "{mode:?}: {polls} polls are too few to have waited everywhere");
        }
    }
}

/// Whether the callback was done by then.
async fn dropped_after(polls: usize, mode: ResponseMode, first: bool) -> bool {
    let app = App::with_provider(|provider, builder| yielding(provider, builder, mode));
    let browser = if first { Browser::default() } else { app.logged_in_by(mode).await };
    let before = browser.get(SESSION);
    let asked = app.provider.requests(Endpoint::Token);
    let request = next_callback(&app, &browser, mode).await;
    app.store.set_slow(true);
    let answer = polled(app.visit_of(WebRoute::Callback, &browser.with_cookies(request.clone())).serve(), polls).await;
    app.store.set_slow(false);
    let Some(answer) = answer else {
        assert!(app.store.rows() <= usize::from(!first), "{mode:?} {polls}: a session that nobody will ever have");
        let again = app.visit(&browser, WebRoute::Callback, request).await;
        assert!(app.provider.requests(Endpoint::Token) <= asked + 1, "{mode:?} {polls}: the code is sent once");
        if again.status() == 303 {
            assert_eq!(app.user(&browser).await.as_deref(), Some("bob"), "{mode:?} {polls}: nothing was spent");
            return false;
        }
        is_page(&again, 400, "spent");
        assert_eq!(browser.get(SESSION), before, "{mode:?} {polls}");
        // Either the session of before is as it was, or nobody is logged in: never bob's.
        assert_ne!(app.user(&browser).await.as_deref(), Some("bob"), "{mode:?} {polls}");
        is_redirect(&app.log_in_by(mode, &browser, "bob").await, "/");
        return false;
    };
    is_redirect(&answer, "/");
    assert!(set_cookies(answer.headers())[0].starts_with(SESSION));
    true
}

async fn next_callback(app: &App, browser: &Browser, mode: ResponseMode) -> Request<Bytes> {
    match mode {
        ResponseMode::FormPost => {
            let (_, form) = to_form(app, browser, "/auth/login", "bob").await;
            posted("/auth/callback", &form)
        }
        _ => get(&app.to_callback(browser, "/auth/login", "bob").await),
    }
}

/// Polls a future so often at most, letting others run in between, and after it was dropped.
async fn polled<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let output = polled_before_drop(future, polls).await;
    others_run().await;
    output
}

async fn polled_before_drop<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..polls {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Some(output);
        }
        others_run().await;
    }
    None
}

async fn others_run() {
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
}
