//! The library's own routes in a router.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, Response};
use axum::routing::get;
use portcullis_axum::prelude::*;
use portcullis_axum::{attach, routes};
use portcullis_testkit::TestProvider;
use tower::ServiceExt;

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

fn app(guard: &Guard) -> Router {
    let me = get(async |user: CurrentUser| user.subject().to_owned());
    let own = get(async || "the application's own");
    Router::new()
        .route("/me", me)
        .route("/auth/of-mine", own)
        .merge(routes(guard))
        .layer(attach(guard))
        .with_state(guard.clone())
}

async fn send(app: &Router, request: Request<Body>) -> Response<Bytes> {
    let (head, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    Response::from_parts(head, to_bytes(body, usize::MAX).await.unwrap())
}

async fn open(app: &Router, method: &str, path: &str) -> Response<Bytes> {
    send(app, Request::builder().method(method).uri(path).body(Body::empty()).unwrap()).await
}

fn cookie(response: &Response<Bytes>) -> String {
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

fn is_private_page(response: &Response<Bytes>, status: u16, about: &str) {
    assert_eq!(response.status(), status, "{about}");
    assert_eq!(response.headers()["cache-control"], "no-store", "{about}");
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8", "{about}");
}

#[tokio::test]
async fn the_applications_own_routes_stay_its_own() {
    let provider = TestProvider::in_memory();
    let app = app(&guard(&provider, BASE_URL));
    let own = open(&app, "GET", "/auth/of-mine").await;
    assert_eq!(own.body(), "the application's own", "a route of the application goes before");
    let elsewhere = open(&app, "GET", "/nowhere").await;
    assert_eq!((elsewhere.status().as_u16(), elsewhere.body().len()), (404, 0), "the application's own 404");
}

/// Alice wants to see `/me` and is sent round; `prefix` is what a proxy takes off.
async fn whole_login(provider: &TestProvider, app: &Router, prefix: &str, login: &str, me: &str) {
    let at_the_application = |public: &str| public.strip_prefix(prefix).unwrap().to_owned();
    let request = Request::get(at_the_application(me)).header("accept", "text/html").body(Body::empty()).unwrap();
    let refused = send(app, request).await;
    let expected = format!("{login}?return_to={}", me.replace('/', "%2F"));
    assert_eq!((refused.status().as_u16(), refused.headers()["location"].to_str().unwrap()), (303, &*expected));
    let begun = open(app, "GET", &at_the_application(&expected)).await;
    let callback = provider.sign_in(begun.headers()["location"].to_str().unwrap(), "alice").await;
    let path = at_the_application(callback.strip_prefix(BASE_URL).unwrap());
    let request = Request::get(path).header("cookie", cookie(&begun)).body(Body::empty()).unwrap();
    let ended = send(app, request).await;
    assert_eq!((ended.status().as_u16(), ended.headers()["location"].to_str().unwrap()), (303, me));
    let request = Request::get(at_the_application(me)).header("cookie", cookie(&ended)).body(Body::empty()).unwrap();
    assert_eq!(send(app, request).await.body(), "alice");
}

#[tokio::test]
async fn an_application_below_a_path() {
    let provider = TestProvider::in_memory();
    let guard = guard(&provider, &format!("{BASE_URL}/shop"));
    whole_login(&provider, &app(&guard), "/shop", "/shop/auth/login", "/shop/me").await;
    let nested = Router::new().nest("/shop", app(&guard));
    whole_login(&provider, &nested, "", "/shop/auth/login", "/shop/me").await;
    is_private_page(&open(&nested, "GET", "/shop/auth/nowhere").await, 404, "nested");
}

#[tokio::test]
async fn an_api_has_no_routes() {
    let guard = Guard::api("https://id.example.com", "https://api.example.com").build().unwrap();
    let app: Router = Router::new().merge(routes(&guard)).with_state(guard);
    assert!(open(&app, "GET", "/auth/login").await.body().is_empty());
}
