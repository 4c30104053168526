//! The library's own routes in a router.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, Response};
use axum::routing::get;
use portcullis_axum::portcullis::ResponseMode;
use portcullis_axum::prelude::*;
use portcullis_axum::{attach, routes};
use portcullis_testkit::TestProvider;
use tower::ServiceExt;

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
async fn what_does_not_exist_below_the_path_is_kept_by_no_cache_either() {
    let provider = TestProvider::in_memory();
    for auth_path in ["/auth", "/sign/in"] {
        let app = app(&guard(&provider, auth_path, ResponseMode::Query));
        for path in ["/", "/a", "/a/b/c", "/login/", "/callback/a", "/Login", "/%6cogin%2f", "//login"] {
            for method in ["GET", "POST", "DELETE"] {
                let about = format!("{method} {auth_path}{path}");
                is_private_page(&open(&app, method, &format!("{auth_path}{path}")).await, 404, &about);
            }
        }
        is_private_page(&open(&app, "GET", &format!("{auth_path}/logged-out")).await, 200, auth_path);
        is_private_page(&open(&app, "GET", &format!("{auth_path}/logout")).await, 405, auth_path);
        let own = open(&app, "GET", "/auth/of-mine").await;
        assert_eq!(own.body(), "the application's own", "a route of the application goes before");
        let elsewhere = open(&app, "GET", "/nowhere").await;
        assert_eq!((elsewhere.status().as_u16(), elsewhere.body().len()), (404, 0), "the application's own 404");
    }
    assert_eq!(provider.asked(), []);
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
async fn a_login_below_another_path() {
    let provider = TestProvider::in_memory();
    let app = app(&guard(&provider, "/sign/in", ResponseMode::Query));
    whole_login(&provider, &app, "", "/sign/in/login", "/me").await;
    assert_eq!(open(&app, "GET", "/auth/login").await.status(), 404, "not where it would be otherwise");
}

#[tokio::test]
async fn an_application_below_a_path() {
    let provider = TestProvider::in_memory();
    let guard = guard_at(&provider, &format!("{BASE_URL}/shop"), "/auth", ResponseMode::Query);
    whole_login(&provider, &app(&guard), "/shop", "/shop/auth/login", "/shop/me").await;
    let nested = Router::new().nest("/shop", app(&guard));
    whole_login(&provider, &nested, "", "/shop/auth/login", "/shop/me").await;
    is_private_page(&open(&nested, "GET", "/shop/auth/nowhere").await, 404, "nested");
}

#[tokio::test]
async fn an_answer_by_form() {
    let provider = TestProvider::in_memory();
    let app = app(&guard(&provider, "/auth", ResponseMode::FormPost));
    let begun = open(&app, "GET", "/auth/login?return_to=/me").await;
    let url = begun.headers()["location"].to_str().unwrap();
    let (_, form) = provider.browser().sign_in_form_post(url, "alice").await;
    let posted = |cookie: Option<String>, form: String| {
        let mut request = Request::post("/auth/callback").header("content-type", "application/x-www-form-urlencoded");
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        request.body(Body::from(form)).unwrap()
    };
    let again = send(&app, posted(None, form.clone())).await;
    is_private_page(&again, 200, "from another site");
    assert_eq!(again.headers()["referrer-policy"], "same-origin");
    let ended = send(&app, posted(Some(cookie(&begun)), form + "&portcullis_repost=1")).await;
    assert_eq!((ended.status().as_u16(), ended.headers()["location"].to_str().unwrap()), (303, "/me"));
}

#[tokio::test]
async fn atk_x02_a_body_that_is_too_large_is_not_read_to_its_end() {
    let provider = TestProvider::in_memory();
    for mode in [ResponseMode::Query, ResponseMode::FormPost] {
        let app = app(&guard(&provider, "/auth", mode));
        for path in ["/auth/callback", "/auth/logout", "/auth/a"] {
            let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
            let request = request.body(Body::from("a".repeat(1024 * 1024))).unwrap();
            is_private_page(&send(&app, request).await, 413, path);
        }
    }
}

#[tokio::test]
async fn an_api_has_no_routes() {
    let guard = Guard::api("https://id.example.com", "https://api.example.com").build().unwrap();
    let app: Router = Router::new().merge(routes(&guard)).with_state(guard);
    assert!(open(&app, "GET", "/auth/login").await.body().is_empty());
}
