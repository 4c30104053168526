//! A web application at the development provider, in memory, its clock held.

use std::time::Duration;

use bytes::Bytes;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request, Response, StatusCode};
use portcullis::{FromAuth, Guard, GuardBuilder, Head, Require, WebRoute};
use portcullis_testkit::{Endpoint, TestProvider};

use crate::store::Store;

pub(crate) const BASE_URL: &str = "https://app.example.com";
pub(crate) const NAME: &str = "__Host-portcullis-session";
pub(crate) const DELETED: &str = "__Host-portcullis-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";
/// How long access tokens live, in seconds.
pub(crate) const LIFE: u64 = 600;
pub(crate) const WITH_REFRESH: [&str; 4] = ["openid", "profile", "email", "offline_access"];

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[derive(Debug)]
pub(crate) struct App {
    pub(crate) server: TestProvider,
    pub(crate) guard: Guard,
    pub(crate) store: Store,
}

/// What became of a request: status, error code (`ok` if admitted), headers after `write_back`, body.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    pub(crate) value: Option<T>,
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl<T> Answer<T> {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn cookies(&self) -> Vec<&str> {
        self.headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect()
    }

    pub(crate) fn outcome(&self) -> (u16, &'static str) {
        (self.status, self.code)
    }
}

impl App {
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder)
    }

    /// With refresh tokens unless the settings say otherwise.
    pub(crate) fn with(settings: impl FnOnce(GuardBuilder) -> GuardBuilder) -> Self {
        let server = TestProvider::in_memory();
        server.client(TestProvider::CLIENT_ID).access_token_lifetime(seconds(LIFE)).register();
        let store = Store::new(server.clock());
        let guard = settings(builder(&server, &store)).build().unwrap();
        Self { server, guard, store }
    }

    /// Another process of the same application.
    pub(crate) fn other_process(&self) -> Guard {
        builder(&self.server, &self.store).build().unwrap()
    }

    /// Alice logs in; what her browser sends as `Cookie` from then on. The counters start anew.
    pub(crate) async fn log_in(&self) -> String {
        let cookie = self.log_in_again("", None).await;
        self.server.reset_counters();
        cookie
    }

    pub(crate) async fn log_in_again(&self, query: &str, session: Option<&str>) -> String {
        let response = self.callback(query, session).await;
        assert_eq!(response.status(), 303, "{response:?}");
        session_of(&response).unwrap()
    }

    /// A login up to the answer of the callback.
    pub(crate) async fn callback(&self, query: &str, session: Option<&str>) -> Response<Bytes> {
        let begun = self.visit(WebRoute::Login, &format!("/auth/login?{query}"), session).await;
        assert_eq!(begun.status(), 303, "{begun:?}");
        let mut cookies: Vec<_> = begun.headers().get_all(SET_COOKIE).iter().map(pair).collect();
        cookies.extend(session.map(str::to_owned));
        let callback = self.server.sign_in(begun.headers()[LOCATION].to_str().unwrap(), "alice").await;
        let path = callback.strip_prefix(BASE_URL).unwrap();
        self.visit(WebRoute::Callback, path, Some(&cookies.join("; "))).await
    }

    async fn visit(&self, route: WebRoute, path: &str, cookie: Option<&str>) -> Response<Bytes> {
        let mut request = Request::get(path);
        if let Some(cookie) = cookie {
            request = request.header(COOKIE, cookie);
        }
        let request = request.body(()).unwrap();
        self.guard.visit(route, &Head::of(&request), &Bytes::new()).serve().await
    }

    pub(crate) async fn ask<T: FromAuth, R: Require>(&self, request: &Request<()>) -> Answer<T> {
        ask::<T, R>(&self.guard, request).await
    }

    /// A script of the application asks with this cookie.
    pub(crate) async fn with_cookie<T: FromAuth>(&self, cookie: &str) -> Answer<T> {
        self.ask::<T, ()>(&get("/page", cookie)).await
    }

    pub(crate) fn token_requests(&self) -> usize {
        self.server.requests(Endpoint::Token)
    }

    pub(crate) fn advance(&self, by: u64) {
        self.server.clock().advance(seconds(by));
    }
}

pub(crate) async fn ask<T: FromAuth, R: Require>(guard: &Guard, request: &Request<()>) -> Answer<T> {
    let attempt = guard.attempt(&Head::of(request));
    let (value, code, mut response) = match attempt.admit::<T, R>().await {
        Ok(value) => (Some(value), "ok", Response::new(Bytes::new())),
        Err(refusal) => (None, refusal.error().code(), refusal.into_response()),
    };
    attempt.write_back(response.headers_mut());
    let (head, body) = response.into_parts();
    Answer {
        value,
        status: head.status.as_u16(),
        code,
        headers: head.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

fn builder(server: &TestProvider, store: &Store) -> GuardBuilder {
    Guard::web(server.issuer(), TestProvider::CLIENT_ID, BASE_URL)
        .client_secret(TestProvider::CLIENT_SECRET)
        .scopes(WITH_REFRESH)
        .acr_values(["0", "1"])
        .session_store(store.clone())
        .http_client(server.http_client())
        .clock(server.clock())
}

pub(crate) fn get(path: &str, cookie: &str) -> Request<()> {
    Request::get(path).header(COOKIE, cookie).body(()).unwrap()
}

pub(crate) fn session_of(response: &Response<Bytes>) -> Option<String> {
    assert_ne!(response.status(), StatusCode::OK);
    let cookies = response.headers().get_all(SET_COOKIE).iter().map(pair);
    cookies.into_iter().find(|cookie| cookie.starts_with(NAME) && !cookie.ends_with('='))
}

fn pair(header: &http::HeaderValue) -> String {
    header.to_str().unwrap().split(';').next().unwrap().to_owned()
}
