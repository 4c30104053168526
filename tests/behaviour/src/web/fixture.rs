//! A provider, a web application that it signs users in to, and their browsers.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use portcullis::{Guard, GuardBuilder};
use portcullis_testkit::{Endpoint, TestClock, TestProvider};
use url::Url;

use super::browser::{Browser, CROSS_SITE, SAME_ORIGIN, TYPED, form, navigation, request};
use super::repost::hidden_fields;
use super::{Memory, SessionKind};
use crate::{Answer, TestApp};

pub const BASE_URL: &str = "https://app.example.com";
/// The name of the session cookie, and what it begins with where there are several.
pub const SESSION: &str = "__Host-portcullis-session";
/// What makes a browser forget its session.
pub const DELETED: &str = "__Host-portcullis-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";
/// Of the provider's access tokens: with it bearer tokens are accepted, and permissions come from them.
pub const AUDIENCE: &str = "https://api.example.com";
/// How long access tokens live where they can be refreshed, in seconds.
pub const LIFE: u64 = 600;
pub const WITH_REFRESH: [&str; 4] = ["openid", "profile", "email", "offline_access"];

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A provider in memory with its clock held, and an application that it signs users in to.
#[derive(Debug)]
pub struct WebFixture<A, K = Memory> {
    pub provider: TestProvider,
    pub clock: TestClock,
    pub guard: Guard,
    pub app: A,
    pub sessions: K,
}

impl<A: TestApp, K: SessionKind> WebFixture<A, K> {
    #[allow(clippy::new_without_default, reason = "a fixture is made on purpose")]
    pub fn new() -> Self {
        Self::with(|guard| guard)
    }

    /// With a guard of other settings.
    pub fn with(settings: impl FnOnce(GuardBuilder) -> GuardBuilder) -> Self {
        let provider = TestProvider::in_memory();
        provider.client(TestProvider::CLIENT_ID).access_token_lifetime(seconds(LIFE)).register();
        Self::of(provider, settings)
    }

    /// Whose sessions can be refreshed.
    pub fn refreshing() -> Self {
        Self::with(|guard| guard.scopes(WITH_REFRESH))
    }

    /// With another provider.
    pub fn of(provider: TestProvider, settings: impl FnOnce(GuardBuilder) -> GuardBuilder) -> Self {
        let (clock, sessions) = (provider.clock(), K::new(provider.clock()));
        let guard = Guard::web(provider.issuer(), TestProvider::CLIENT_ID, BASE_URL)
            .client_secret(TestProvider::CLIENT_SECRET)
            .acr_values(["0", "1"])
            .http_client(provider.http_client())
            .clock(clock.clone());
        let guard = settings(sessions.settings(guard)).build().expect("the settings of the fixture");
        Self { app: A::web(guard.clone()), provider, clock, guard, sessions }
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Bytes>) -> Answer {
        let (parts, body) = self.app.send(request).await.into_parts();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// The browser sends it with its cookies, and keeps what it is told to keep.
    pub async fn visit(&self, browser: &Browser, request: Request<Bytes>) -> Answer {
        let answer = self.send(browser.with_cookies(request)).await;
        browser.keep(&answer);
        answer
    }

    /// The user types this address.
    pub async fn open(&self, browser: &Browser, url: &str) -> Answer {
        self.visit(browser, navigation(url, TYPED)).await
    }

    /// A page of the application posts a form without fields.
    pub async fn post(&self, browser: &Browser, path: &str) -> Answer {
        self.visit(browser, form(path, SAME_ORIGIN, "")).await
    }

    /// A script of the application asks.
    pub async fn ask(&self, browser: &Browser, path: &str) -> Answer {
        self.visit(browser, request("GET", path, &[])).await
    }

    /// A script asks with this cookie.
    pub async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send(request("GET", path, &[("cookie", cookie)])).await
    }

    /// Starts a login and returns the authorization URL.
    pub async fn begin(&self, browser: &Browser, login: &str) -> String {
        let answer = self.open(browser, login).await;
        assert_eq!(answer.outcome(), "303", "{login}: {answer:?}");
        answer.header("location").expect("the authorization URL").to_owned()
    }

    /// Signs the user in at the provider, and the browser in at the application: what the callback answers.
    pub async fn come_back(&self, browser: &Browser, authorize_url: &str, user: &str) -> Answer {
        if parameter(authorize_url, "response_mode").as_deref() != Some("form_post") {
            let callback = self.provider.sign_in(authorize_url, user).await;
            return self.visit(browser, navigation(&callback, CROSS_SITE)).await;
        }
        let (address, body) = self.provider.browser().sign_in_form_post(authorize_url, user).await;
        let page = self.visit(browser, form(&address, CROSS_SITE, &body)).await;
        // Without its cookie the application has the browser post the same from our own origin.
        match hidden_fields(&page) {
            Some(body) => self.visit(browser, form(&address, SAME_ORIGIN, &body)).await,
            None => page,
        }
    }

    /// A whole login: what the callback answers.
    pub async fn log_in(&self, browser: &Browser, login: &str, user: &str) -> Answer {
        let authorize_url = self.begin(browser, login).await;
        self.come_back(browser, &authorize_url, user).await
    }

    /// A browser in which this user is logged in. The provider's counters start anew.
    pub async fn logged_in(&self, user: &str) -> Browser {
        let browser = Browser::default();
        let answer = self.log_in(&browser, "/auth/login", user).await;
        assert_eq!((answer.outcome().as_str(), answer.header("location")), ("303", Some("/")), "{answer:?}");
        self.provider.reset_counters();
        browser
    }

    /// What the browser sends as `Cookie` once alice is logged in. The provider's counters start anew.
    pub async fn session(&self) -> String {
        self.logged_in("alice").await.cookie()
    }

    /// How many requests the provider had, whatever they were for.
    pub fn asked(&self) -> usize {
        assert!(self.provider.unexpected().is_empty(), "{:?}", self.provider.unexpected());
        self.provider.asked().len()
    }

    pub fn token_requests(&self) -> usize {
        self.provider.requests(Endpoint::Token)
    }

    pub fn after(&self, by: u64) {
        self.clock.advance(seconds(by));
    }
}

/// The first value of this parameter of a URL.
pub fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).expect("a URL");
    let mut parameters = url.query_pairs().into_owned();
    parameters.find(|(found, _)| found == name).map(|(_, value)| value)
}
