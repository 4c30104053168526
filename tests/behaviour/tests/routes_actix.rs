//! The library's own routes in an application of actix-web.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

#[path = "behaviour_actix/application.rs"]
mod application;

use actix_web::App;
use actix_web::web::{Bytes, ServiceConfig, get, scope, to};
use http::{Request, Response};
use portcullis_actix::portcullis::ResponseMode;
use portcullis_actix::prelude::*;
use portcullis_actix::{attach, routes};
use portcullis_testkit::TestProvider;

use crate::application::Application;

const BASE_URL: &str = "https://app.example.com";

fn guard(provider: &TestProvider, auth_path: &str, mode: ResponseMode) -> Guard {
    guard_at(provider, BASE_URL, auth_path, mode)
}

fn guard_at(provider: &TestProvider, base_url: &str, auth_path: &str, mode: ResponseMode) -> Guard {
    let client = provider.client(TestProvider::CLIENT_ID);
    client.redirect_uri(format!("{base_url}{auth_path}/callback")).register();
    Guard::web(provider.issuer(), TestProvider::CLIENT_ID, base_url)
        .client_secret(TestProvider::CLIENT_SECRET)
        .http_client(provider.http_client())
        .clock(provider.clock())
        .auth_path(auth_path)
        .response_mode(mode)
        .build()
        .unwrap()
}

fn own_and(guard: &Guard) -> impl FnOnce(&mut ServiceConfig) {
    let me = async |user: CurrentUser| user.subject().to_owned();
    let routes = routes(guard);
    move |app| {
        app.route("/me", get().to(me)).route("/auth/of-mine", get().to(async || "the application's own"));
        app.configure(routes);
    }
}

async fn app(guard: &Guard) -> Application {
    Application::new(App::new().app_data(guard.clone()).configure(own_and(guard)).wrap(attach(guard))).await
}

async fn open(app: &Application, method: &str, path: &str) -> Response<Bytes> {
    app.send(Request::builder().method(method).uri(path).body(Bytes::new()).unwrap()).await
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
    let app = app(&guard(&provider, "/auth", ResponseMode::Query)).await;
    let own = open(&app, "GET", "/auth/of-mine").await;
    assert_eq!(own.body(), "the application's own", "a route that was registered before goes before");
    let elsewhere = open(&app, "GET", "/nowhere").await;
    assert_eq!((elsewhere.status().as_u16(), elsewhere.body().len()), (404, 0), "the application's own 404");
}

/// Alice wants to see `/me` and is sent round; `prefix` is what a proxy takes off.
async fn whole_login(provider: &TestProvider, app: &Application, prefix: &str, login: &str, me: &str) {
    let at_the_application = |public: &str| public.strip_prefix(prefix).unwrap().to_owned();
    let request = Request::get(at_the_application(me)).header("accept", "text/html").body(Bytes::new()).unwrap();
    let refused = app.send(request).await;
    let expected = format!("{login}?return_to={}", me.replace('/', "%2F"));
    assert_eq!((refused.status().as_u16(), refused.headers()["location"].to_str().unwrap()), (303, &*expected));
    let begun = open(app, "GET", &at_the_application(&expected)).await;
    let callback = provider.sign_in(begun.headers()["location"].to_str().unwrap(), "alice").await;
    let path = at_the_application(callback.strip_prefix(BASE_URL).unwrap());
    let request = Request::get(path).header("cookie", cookie(&begun)).body(Bytes::new()).unwrap();
    let ended = app.send(request).await;
    assert_eq!((ended.status().as_u16(), ended.headers()["location"].to_str().unwrap()), (303, me));
    let request = Request::get(at_the_application(me)).header("cookie", cookie(&ended)).body(Bytes::new()).unwrap();
    assert_eq!(app.send(request).await.body(), "alice");
}

#[tokio::test]
async fn an_application_below_a_path() {
    let provider = TestProvider::in_memory();
    let guard = guard_at(&provider, &format!("{BASE_URL}/shop"), "/auth", ResponseMode::Query);
    whole_login(&provider, &app(&guard).await, "/shop", "/shop/auth/login", "/shop/me").await;
    let shop = scope("/shop").app_data(guard.clone()).configure(own_and(&guard)).wrap(attach(&guard));
    let nested = Application::new(App::new().service(shop)).await;
    whole_login(&provider, &nested, "", "/shop/auth/login", "/shop/me").await;
    is_private_page(&open(&nested, "GET", "/shop/auth/nowhere").await, 404, "nested");
}

/// An application that lets nobody post more than a kilobyte still reads what the provider posts.
#[tokio::test]
async fn a_limit_of_the_application_is_not_the_limit_of_a_callback() {
    let provider = TestProvider::in_memory();
    let guard = guard(&provider, "/auth", ResponseMode::FormPost);
    let limit = actix_web::web::PayloadConfig::new(1024);
    let app = App::new().app_data(limit).app_data(guard.clone()).configure(routes(&guard)).wrap(attach(&guard));
    let app = Application::new(app).await;
    let request = Request::post("/auth/callback").header("content-type", "application/x-www-form-urlencoded");
    let request = request.body(Bytes::from(format!("state={}", "a".repeat(32 * 1024)))).unwrap();
    is_private_page(&app.send(request).await, 200, "the page that posts it again from our own origin");
}

#[tokio::test]
async fn an_api_has_no_routes() {
    let guard = Guard::api("https://id.example.com", "https://api.example.com").build().unwrap();
    let app = Application::new(App::new().configure(routes(&guard)).route("/", to(async || "in"))).await;
    assert!(open(&app, "GET", "/auth/login").await.body().is_empty());
}
