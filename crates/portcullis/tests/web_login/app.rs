//! The application under test, and a browser that visits it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use bytes::Bytes;
use http::header::{ACCEPT, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request, Response};
use portcullis::{Guard, GuardBuilder, Head, Refusal, UserInfo, Visit, WebRoute};
use portcullis_testkit::{Endpoint, TestProvider};
use url::Url;

use crate::store::CountingStore;

pub(crate) const HTTPS: &str = "https://app.example.com";
pub(crate) const SESSION: &str = "__Host-portcullis-session";
pub(crate) const LOGIN: &str = "__Host-portcullis-login-";

#[derive(Debug)]
pub(crate) struct App {
    pub(crate) provider: TestProvider,
    pub(crate) guard: Guard,
    pub(crate) store: CountingStore,
}

impl App {
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub(crate) fn with(settings: impl FnOnce(GuardBuilder) -> GuardBuilder) -> Self {
        Self::at(HTTPS, settings)
    }

    pub(crate) fn at(base_url: &str, settings: impl FnOnce(GuardBuilder) -> GuardBuilder) -> Self {
        Self::build(base_url, |_, builder| settings(builder))
    }

    pub(crate) fn with_provider(settings: impl FnOnce(&TestProvider, GuardBuilder) -> GuardBuilder) -> Self {
        Self::build(HTTPS, settings)
    }

    fn build(base_url: &str, settings: impl FnOnce(&TestProvider, GuardBuilder) -> GuardBuilder) -> Self {
        let (provider, store) = (TestProvider::in_memory(), CountingStore::default());
        let builder = Guard::web(provider.issuer(), TestProvider::CLIENT_ID, base_url)
            .client_secret(TestProvider::CLIENT_SECRET)
            .http_client(provider.http_client())
            .clock(provider.clock())
            .session_store(store.clone());
        let guard = settings(&provider, builder).build().unwrap();
        Self { provider, guard, store }
    }

    pub(crate) fn visit_of(&self, route: WebRoute, request: &Request<Bytes>) -> Visit {
        self.guard.visit(route, &Head::of(request), request.body())
    }

    /// Visits one of the library's routes; the browser keeps what it is told to keep.
    pub(crate) async fn visit(&self, browser: &Browser, route: WebRoute, request: Request<Bytes>) -> Response<Bytes> {
        let response = self.visit_of(route, &browser.with_cookies(request)).serve().await;
        browser.keep(response.headers());
        response
    }

    /// Starts a login and returns the authorization URL.
    pub(crate) async fn begin(&self, browser: &Browser, login: &str) -> String {
        let response = self.visit(browser, WebRoute::Login, get(login)).await;
        assert_eq!(response.status(), 303, "{login}");
        location(&response)
    }

    /// Starts a login, and signs the user in; returns where the provider sends the browser to.
    pub(crate) async fn to_callback(&self, browser: &Browser, login: &str, user: &str) -> String {
        let authorize_url = self.begin(browser, login).await;
        self.provider.sign_in(&authorize_url, user).await
    }

    pub(crate) async fn callback(&self, browser: &Browser, url: &str) -> Response<Bytes> {
        self.visit(browser, WebRoute::Callback, get(url)).await
    }

    /// A whole login.
    pub(crate) async fn log_in(&self, browser: &Browser, login: &str, user: &str) -> Response<Bytes> {
        let callback = self.to_callback(browser, login, user).await;
        self.callback(browser, &callback).await
    }

    /// A browser in which alice is logged in.
    pub(crate) async fn logged_in(&self) -> Browser {
        let browser = Browser::default();
        assert_eq!(self.log_in(&browser, "/auth/login", "alice").await.status(), 303);
        assert!(browser.has(SESSION));
        browser
    }

    /// A page of the application that wants a user.
    pub(crate) async fn page(&self, browser: &Browser) -> Result<UserInfo, Refusal> {
        let request = Request::get("/account?tab=1").header(ACCEPT, "text/html").body(Bytes::new()).unwrap();
        let attempt = self.guard.attempt(&Head::of(&browser.with_cookies(request)));
        let outcome = attempt.admit::<UserInfo, ()>().await;
        let mut headers = HeaderMap::new();
        attempt.write_back(&mut headers);
        browser.keep(&headers);
        outcome
    }

    /// Who that page greets; `None` if it sends the browser to log in.
    pub(crate) async fn user(&self, browser: &Browser) -> Option<String> {
        match self.page(browser).await {
            Ok(user) => Some(user.subject().to_owned()),
            Err(refusal) => {
                assert_eq!(refusal.error().code(), "missing_credentials");
                let response = refusal.into_response();
                assert_eq!(response.status(), 303);
                assert_eq!(location(&response), "/auth/login?return_to=%2Faccount%3Ftab%3D1");
                None
            }
        }
    }

    /// How often the token endpoint and userinfo were asked.
    pub(crate) fn asked(&self) -> (usize, usize) {
        assert!(self.provider.unexpected().is_empty(), "{:?}", self.provider.unexpected());
        (self.provider.requests(Endpoint::Token), self.provider.requests(Endpoint::UserInfo))
    }
}

/// Cookies by name; those with `Max-Age=0` are forgotten.
#[derive(Debug, Default)]
pub(crate) struct Browser(Mutex<BTreeMap<String, String>>);

impl Browser {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.0.lock().unwrap().get(name).cloned()
    }

    pub(crate) fn put(&self, name: &str, value: &str) {
        self.0.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// Names and values of the logins on their way.
    pub(crate) fn logins(&self) -> Vec<(String, String)> {
        let cookies = self.0.lock().unwrap();
        cookies.iter().filter(|(name, _)| name.contains("login-")).map(|(a, b)| (a.clone(), b.clone())).collect()
    }

    pub(crate) fn copy(&self) -> Self {
        Self(Mutex::new(self.0.lock().unwrap().clone()))
    }

    pub(crate) fn with_cookies(&self, mut request: Request<Bytes>) -> Request<Bytes> {
        let cookies: Vec<_> = self.0.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(COOKIE, cookies.join("; ").parse().unwrap());
        }
        request
    }

    pub(crate) fn keep(&self, headers: &HeaderMap) {
        for cookie in set_cookies(headers) {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            let mut cookies = self.0.lock().unwrap();
            match cookie.split("; ").any(|attribute| attribute == "Max-Age=0") {
                true => cookies.remove(name),
                false => cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
    }
}

pub(crate) fn set_cookies(headers: &HeaderMap) -> Vec<String> {
    headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

/// A request as a server sees it: without scheme and host.
pub(crate) fn get(url: &str) -> Request<Bytes> {
    Request::get(path_and_query(url)).body(Bytes::new()).unwrap()
}

pub(crate) fn post(path: &str, headers: &[(&'static str, &str)]) -> Request<Bytes> {
    let mut request = Request::post(path).body(Bytes::new()).unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, value.parse().unwrap());
    }
    request
}

fn path_and_query(url: &str) -> String {
    match Url::parse(url) {
        Ok(url) => url[url::Position::BeforePath..].to_owned(),
        Err(_) => url.to_owned(),
    }
}

pub(crate) fn location(response: &Response<Bytes>) -> String {
    response.headers()[LOCATION].to_str().unwrap().to_owned()
}

pub(crate) fn parameters(url: &str) -> Vec<(String, String)> {
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    parameters(url).into_iter().find(|(found, _)| found == name).map(|(_, value)| value)
}

/// The URL with other parameters.
pub(crate) fn edited(url: &str, edit: impl FnOnce(&mut Vec<(String, String)>)) -> String {
    let mut all = parameters(url);
    edit(&mut all);
    let mut url = Url::parse(url).unwrap();
    url.query_pairs_mut().clear().extend_pairs(all);
    url.into()
}

/// The URL with this parameter's value replaced, or the parameter gone.
pub(crate) fn replaced(url: &str, name: &str, value: Option<&str>) -> String {
    edited(url, |all| {
        all.retain(|(found, _)| found != name);
        all.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    })
}

/// The URL with one more parameter.
pub(crate) fn with(url: &str, name: &str, value: &str) -> String {
    edited(url, |all| all.push((name.to_owned(), value.to_owned())))
}
