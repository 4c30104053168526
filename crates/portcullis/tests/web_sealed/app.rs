//! A web application with sessions in cookies, at the development provider in memory, its clock held.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request, Response};
use portcullis::{FromAuth, Guard, GuardBuilder, Head, SessionKind, WebRoute};
use portcullis_testkit::{Endpoint, TestProvider};

pub(crate) const BASE_URL: &str = "https://app.example.com";
pub(crate) const NAME: &str = "__Host-portcullis-session";
pub(crate) const REST: &str = "__Host-portcullis-session-2";
/// Newest first: 32 bytes each.
pub(crate) const OLD_KEY: &str = "b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2w";
pub(crate) const NEW_KEY: &str = "bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3";
/// How long access tokens live, in seconds.
pub(crate) const LIFE: u64 = 600;

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[derive(Debug)]
pub(crate) struct App {
    pub(crate) provider: TestProvider,
    pub(crate) guard: Guard,
}

/// Status, error code (`ok` if admitted), and what was admitted.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    pub(crate) value: Option<T>,
    pub(crate) outcome: (u16, &'static str),
    pub(crate) headers: HeaderMap,
}

impl App {
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub(crate) fn with(settings: impl FnOnce(GuardBuilder) -> GuardBuilder) -> Self {
        let provider = TestProvider::in_memory();
        provider.client(TestProvider::CLIENT_ID).access_token_lifetime(seconds(LIFE)).register();
        let guard = settings(builder(&provider)).build().unwrap();
        Self { provider, guard }
    }

    /// Another process of the same application, or the same one after a restart.
    pub(crate) fn other_process(&self, settings: impl FnOnce(GuardBuilder) -> GuardBuilder) -> Guard {
        settings(builder(&self.provider)).build().unwrap()
    }

    pub(crate) async fn logged_in(&self) -> Browser {
        let browser = Browser::default();
        let response = self.log_in(&browser).await;
        assert_eq!(response.status(), 303, "{response:?}");
        assert!(browser.get(NAME).is_some());
        self.provider.reset_counters();
        browser
    }

    /// A login up to the answer of the callback.
    pub(crate) async fn log_in(&self, browser: &Browser) -> Response<Bytes> {
        let begun = self.visit(browser, WebRoute::Login, Request::get("/auth/login")).await;
        let callback = self.provider.sign_in(begun.headers()[LOCATION].to_str().unwrap(), "alice").await;
        let path = callback.strip_prefix(BASE_URL).unwrap();
        self.visit(browser, WebRoute::Callback, Request::get(path)).await
    }

    pub(crate) async fn log_out(&self, browser: &Browser) -> Response<Bytes> {
        self.visit(browser, WebRoute::Logout, Request::post("/auth/logout")).await
    }

    async fn visit(&self, browser: &Browser, route: WebRoute, request: http::request::Builder) -> Response<Bytes> {
        let request = browser.with_cookies(request.body(Bytes::new()).unwrap());
        let response = self.guard.visit(route, &Head::of(&request), request.body()).serve().await;
        browser.keep(response.headers());
        response
    }

    /// A script of the application asks; the browser keeps what it is told.
    pub(crate) async fn ask<T: FromAuth>(&self, browser: &Browser) -> Answer<T> {
        ask(&self.guard, browser).await
    }

    pub(crate) fn token_requests(&self) -> usize {
        assert!(self.provider.unexpected().is_empty(), "{:?}", self.provider.unexpected());
        self.provider.requests(Endpoint::Token)
    }

    pub(crate) fn advance(&self, by: u64) {
        self.provider.clock().advance(seconds(by));
    }
}

fn builder(provider: &TestProvider) -> GuardBuilder {
    Guard::web(provider.issuer(), TestProvider::CLIENT_ID, BASE_URL)
        .client_secret(TestProvider::CLIENT_SECRET)
        .scopes(["openid", "profile", "email", "offline_access"])
        .sessions(SessionKind::Cookie)
        .cookie_keys(OLD_KEY)
        .http_client(provider.http_client())
        .clock(provider.clock())
}

pub(crate) async fn ask<T: FromAuth>(guard: &Guard, browser: &Browser) -> Answer<T> {
    let request = browser.with_cookies(Request::get("/page").body(Bytes::new()).unwrap());
    let attempt = guard.attempt(&Head::of(&request));
    attempt.promise_write_back();
    let (value, outcome) = match attempt.admit::<T, ()>().await {
        Ok(value) => (Some(value), (200, "ok")),
        Err(refusal) => (None, (refusal.error().status().as_u16(), refusal.error().code())),
    };
    let mut headers = HeaderMap::new();
    attempt.write_back(&mut headers);
    browser.keep(&headers);
    Answer { value, outcome, headers }
}

/// Cookies by name; those with `Max-Age=0` are forgotten.
#[derive(Debug, Default)]
pub(crate) struct Browser(Mutex<BTreeMap<String, String>>);

impl Browser {
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.0.lock().unwrap().get(name).cloned()
    }

    pub(crate) fn put(&self, name: &str, value: &str) {
        self.0.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn remove(&self, name: &str) {
        self.0.lock().unwrap().remove(name);
    }

    /// The same browser as it is now; what it is told later, the copy is not.
    pub(crate) fn copy(&self) -> Self {
        Self(Mutex::new(self.0.lock().unwrap().clone()))
    }

    fn with_cookies(&self, mut request: Request<Bytes>) -> Request<Bytes> {
        let cookies: Vec<_> = self.0.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(COOKIE, cookies.join("; ").parse().unwrap());
        }
        request
    }

    fn keep(&self, headers: &HeaderMap) {
        for cookie in set_cookies(headers) {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            match cookie.split("; ").any(|attribute| attribute == "Max-Age=0") {
                true => self.remove(name),
                false => self.put(name, value),
            }
        }
    }
}

pub(crate) fn set_cookies(headers: &HeaderMap) -> Vec<String> {
    headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

/// Whether both cookies of a session are deleted, with the attributes they were set with.
pub(crate) fn is_deleted(headers: &HeaderMap) -> bool {
    let deletion = |name| format!("{name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    let cookies = set_cookies(headers);
    [NAME, REST].iter().all(|name| cookies.contains(&deletion(name)))
}
