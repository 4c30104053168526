//! The application under test, people who are logged in to it, and their provider.

use std::collections::BTreeMap;
use std::sync::Mutex;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{Request, Response};
use portcullis::{Guard, GuardBuilder, Head, SessionKind, UserInfo, WebRoute};
use portcullis_testkit::{Browser, Endpoint, LogoutMessage, TestProvider};
use url::Url;
use url::form_urlencoded::Serializer;

use crate::store::Store;

pub(crate) const BASE: &str = "https://app.example.com";
pub(crate) const SESSION: &str = "__Host-portcullis-session";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

#[derive(Debug)]
pub(crate) struct App {
    pub(crate) provider: TestProvider,
    pub(crate) guard: Guard,
    pub(crate) store: Store,
}

/// One person's browser: its cookies here, and what it is at the provider.
#[derive(Debug)]
pub(crate) struct Visitor {
    cookies: Mutex<BTreeMap<String, String>>,
    pub(crate) at_provider: Browser,
}

impl App {
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder)
    }

    /// Tokens that live an hour, a refresh token among them, and the back channel registered.
    pub(crate) fn with(settings: impl FnOnce(GuardBuilder) -> GuardBuilder) -> Self {
        Self::at(TestProvider::in_memory(), settings)
    }

    pub(crate) fn at(provider: TestProvider, settings: impl FnOnce(GuardBuilder) -> GuardBuilder) -> Self {
        Self::built(provider, |builder, store| settings(builder.session_store(store)))
    }

    /// With sessions that browsers keep.
    pub(crate) fn in_cookies() -> Self {
        Self::built(TestProvider::in_memory(), |builder, _| builder.sessions(SessionKind::Cookie))
    }

    fn built(provider: TestProvider, settings: impl FnOnce(GuardBuilder, Store) -> GuardBuilder) -> Self {
        let store = Store::default();
        let client = provider.client(TestProvider::CLIENT_ID);
        client.back_channel_logout_uri(format!("{BASE}/auth/backchannel-logout")).register();
        let builder = Guard::web(provider.issuer(), TestProvider::CLIENT_ID, BASE)
            .client_secret(TestProvider::CLIENT_SECRET)
            .scopes(["openid", "profile", "email", "offline_access"])
            .http_client(provider.http_client())
            .clock(provider.clock());
        let guard = settings(builder, store.clone()).build().unwrap();
        Self { provider, guard, store }
    }

    pub(crate) async fn serve(&self, route: WebRoute, request: &Request<Bytes>) -> Response<Bytes> {
        let response = self.guard.visit(route, &Head::of(request), request.body()).serve().await;
        assert_eq!(response.headers()["cache-control"], "no-store", "{route:?}");
        response
    }

    /// A new browser in which this user is logged in.
    pub(crate) async fn logged_in(&self, user: &str) -> Visitor {
        let visitor = self.visitor();
        self.log_in(&visitor, user).await;
        visitor
    }

    /// A new browser in which nobody is.
    pub(crate) fn visitor(&self) -> Visitor {
        Visitor { cookies: Mutex::default(), at_provider: self.provider.browser() }
    }

    pub(crate) async fn log_in(&self, visitor: &Visitor, user: &str) {
        let start = visitor.visit(self, WebRoute::Login, request("GET", "/auth/login")).await;
        let callback = visitor.at_provider.sign_in(&location(&start), user).await;
        let end = visitor.visit(self, WebRoute::Callback, request("GET", &callback)).await;
        assert_eq!((end.status().as_u16(), location(&end).as_str()), (303, "/"));
        assert_eq!(visitor.user(self).await.as_deref(), Some(user));
    }

    /// Posts a logout token, as a provider does.
    pub(crate) async fn tell(&self, token: &str) -> Response<Bytes> {
        self.post_back_channel(&form(&[("logout_token", token)])).await
    }

    pub(crate) async fn post_back_channel(&self, body: &str) -> Response<Bytes> {
        let mut request = request("POST", "/auth/backchannel-logout");
        request.headers_mut().insert(CONTENT_TYPE, FORM.parse().unwrap());
        *request.body_mut() = Bytes::from(body.to_owned());
        self.serve(WebRoute::BackChannelLogout, &request).await
    }

    /// What the provider has to say, which it does not send from memory.
    pub(crate) fn messages(&self) -> Vec<LogoutMessage> {
        self.provider.logout_messages()
    }

    /// What was asked of the provider's back channel since the counters were reset.
    pub(crate) fn asked(&self) -> Vec<Endpoint> {
        assert!(self.provider.unexpected().is_empty(), "{:?}", self.provider.unexpected());
        self.provider.asked()
    }
}

impl Visitor {
    pub(crate) async fn visit(&self, app: &App, route: WebRoute, request: Request<Bytes>) -> Response<Bytes> {
        let response = app.serve(route, &self.with_cookies(request)).await;
        for cookie in set_cookies(&response) {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            let mut cookies = self.cookies.lock().unwrap();
            match cookie.contains("; Max-Age=0") {
                true => cookies.remove(name),
                false => cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        response
    }

    /// Presses the application's logout button.
    pub(crate) async fn leave(&self, app: &App) -> Response<Bytes> {
        let mut request = request("POST", "/auth/logout");
        request.headers_mut().insert("sec-fetch-site", "same-origin".parse().unwrap());
        self.visit(app, WebRoute::Logout, request).await
    }

    /// The session cookie.
    pub(crate) fn session(&self) -> Option<String> {
        self.cookies.lock().unwrap().get(SESSION).cloned()
    }

    pub(crate) fn put_session(&self, id: String) {
        self.cookies.lock().unwrap().insert(SESSION.to_owned(), id);
    }

    /// Who the application greets.
    pub(crate) async fn user(&self, app: &App) -> Option<String> {
        let request = self.with_cookies(request("GET", "/account"));
        let attempt = app.guard.attempt(&Head::of(&request));
        attempt.promise_write_back();
        match attempt.admit::<UserInfo, ()>().await {
            Ok(user) => Some(user.subject().to_owned()),
            Err(refusal) => {
                assert_eq!(refusal.error().code(), "missing_credentials");
                None
            }
        }
    }

    fn with_cookies(&self, mut request: Request<Bytes>) -> Request<Bytes> {
        let cookies: Vec<_> =
            self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(COOKIE, cookies.join("; ").parse().unwrap());
        }
        request
    }
}

/// A request as a server sees it: without scheme and host.
pub(crate) fn request(method: &str, url: &str) -> Request<Bytes> {
    let path = Url::parse(url).map_or_else(|_| url.to_owned(), |url| url[url::Position::BeforePath..].to_owned());
    Request::builder().method(method).uri(path).body(Bytes::new()).unwrap()
}

pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

pub(crate) fn location(response: &Response<Bytes>) -> String {
    response.headers()[LOCATION].to_str().unwrap().to_owned()
}

pub(crate) fn set_cookies(response: &Response<Bytes>) -> Vec<String> {
    response.headers().get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).unwrap();
    url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

/// Done: 200, nothing more.
pub(crate) fn is_done(response: &Response<Bytes>, about: &str) {
    assert_eq!(response.status(), 200, "{about}");
    assert!(response.body().is_empty(), "{about}");
    assert_eq!(set_cookies(response), [""; 0], "{about}");
}

/// 400, and not a word about why.
pub(crate) fn is_refused(response: &Response<Bytes>, about: &str) {
    assert_eq!(response.status(), 400, "{about}");
    assert_eq!(response.body(), r#"{"error":"invalid_request"}"#, "{about}");
    assert_eq!(response.headers()["content-type"], "application/json", "{about}");
    assert!(!response.headers().contains_key("retry-after"), "{about}");
}

/// 503, and when to come again.
pub(crate) fn has_to_wait(response: &Response<Bytes>, about: &str) {
    assert_eq!(response.status(), 503, "{about}");
    assert_eq!(response.body(), r#"{"error":"temporarily_unavailable"}"#, "{about}");
    assert!(response.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap() > 0, "{about}");
}
