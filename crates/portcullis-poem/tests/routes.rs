//! The library's own routes in a route of poem's.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use poem::http::Request;
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Body, Endpoint, EndpointExt, RequestParts, Response, Route, handler};
use portcullis_poem::prelude::*;
use portcullis_poem::{attach, routes};
use portcullis_testkit::TestProvider;

const BASE_URL: &str = "https://app.example.com";

fn guard(provider: &TestProvider, base_url: &str) -> Guard {
    let client = provider.client(TestProvider::CLIENT_ID);
    client.redirect_uri(format!("{base_url}/auth/callback")).register();
    Guard::web(provider.issuer(), TestProvider::CLIENT_ID, base_url)
        .client_secret(TestProvider::CLIENT_SECRET)
        .http_client(provider.http_client())
        .clock(provider.clock())
        .build()
        .unwrap()
}

#[handler]
async fn subject(user: CurrentUser) -> String {
    user.subject().to_owned()
}

#[handler]
async fn of_mine() -> &'static str {
    "the application's own"
}

fn app(guard: &Guard) -> impl Endpoint + use<> {
    routes(guard).at("/me", subject).at("/auth/of-mine", of_mine).with(attach(guard))
}

struct Answer {
    response: Response,
    body: String,
}

impl Answer {
    fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    fn header(&self, name: &str) -> &str {
        self.response.headers()[name].to_str().unwrap()
    }

    fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    fn is_private_page(&self, status: u16, about: &str) {
        assert_eq!(self.status(), status, "{about}");
        assert_eq!(self.header("cache-control"), "no-store", "{about}");
        assert_eq!(self.header("content-type"), "text/html; charset=utf-8", "{about}");
    }
}

/// Sends a request as the server hands it on.
async fn send(app: &impl Endpoint, request: Request<String>) -> Answer {
    let (parts, body) = request.into_parts();
    let parts = RequestParts::from((parts, LocalAddr::default(), RemoteAddr::default(), Scheme::HTTP));
    let mut response = app.get_response(poem::Request::from_parts(parts, Body::from(body))).await;
    let body = response.take_body().into_string().await.unwrap();
    Answer { response, body }
}

async fn open(app: &impl Endpoint, method: &str, path: &str) -> Answer {
    send(app, Request::builder().method(method).uri(path).body(String::new()).unwrap()).await
}

async fn open_with(app: &impl Endpoint, path: &str, header: (&str, &str)) -> Answer {
    send(app, Request::get(path).header(header.0, header.1).body(String::new()).unwrap()).await
}

#[tokio::test]
async fn the_applications_own_routes_stay_its_own() {
    let provider = TestProvider::in_memory();
    let app = app(&guard(&provider, BASE_URL));
    let own = open(&app, "GET", "/auth/of-mine").await;
    assert_eq!(own.body, "the application's own", "a route of the application goes before");
    let elsewhere = open(&app, "GET", "/nowhere").await;
    assert_eq!((elsewhere.status(), &*elsewhere.body), (404, "not found"), "the application's own 404");
}

/// Alice wants to see `/me` and is sent round; `prefix` is what a proxy takes off.
async fn whole_login(provider: &TestProvider, app: &impl Endpoint, prefix: &str, login: &str, me: &str) {
    let at_the_application = |public: &str| public.strip_prefix(prefix).unwrap().to_owned();
    let refused = open_with(app, &at_the_application(me), ("accept", "text/html")).await;
    let expected = format!("{login}?return_to={}", me.replace('/', "%2F"));
    assert_eq!((refused.status(), refused.header("location")), (303, &*expected));
    let begun = open(app, "GET", &at_the_application(&expected)).await;
    let callback = provider.sign_in(begun.header("location"), "alice").await;
    let path = at_the_application(callback.strip_prefix(BASE_URL).unwrap());
    let ended = open_with(app, &path, ("cookie", &begun.cookie())).await;
    assert_eq!((ended.status(), ended.header("location")), (303, me));
    assert_eq!(open_with(app, &at_the_application(me), ("cookie", &ended.cookie())).await.body, "alice");
}

#[tokio::test]
async fn an_application_below_a_path() {
    let provider = TestProvider::in_memory();
    let guard = guard(&provider, &format!("{BASE_URL}/shop"));
    whole_login(&provider, &app(&guard), "/shop", "/shop/auth/login", "/shop/me").await;
    let nested = Route::new().nest("/shop", app(&guard));
    whole_login(&provider, &nested, "", "/shop/auth/login", "/shop/me").await;
    open(&nested, "GET", "/shop/auth/nowhere").await.is_private_page(404, "nested");
}

#[tokio::test]
async fn an_api_has_no_routes() {
    let guard = Guard::api("https://id.example.com", "https://api.example.com").build().unwrap();
    assert_eq!(open(&routes(&guard), "GET", "/auth/login").await.body, "not found");
}
