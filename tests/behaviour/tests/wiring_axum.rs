//! Wirings beside the one of the suite, which has one guard per application and `attach` outermost.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::middleware::Next;
use axum::routing::get;
use axum::{Router, middleware};
use http_body_util::BodyExt;
use portcullis_axum::prelude::*;
use portcullis_axum::{attach, require, routes};
use portcullis_behaviour::{LogCapture, ReadCastles, own_words};
use portcullis_testkit::{Endpoint, Fault, TestProvider};
use tower::ServiceExt;

fn guard(provider: &TestProvider, name: &'static str) -> Guard {
    let guard = Guard::api(provider.issuer(), name).http_client(provider.http_client()).clock(provider.clock());
    guard.on_reject(move |_, _, reply| reply.map(|_| name.into())).build().unwrap()
}

fn app(outer: &Guard, inner: &Guard) -> Router {
    let handler = get(async |token: Authenticated| token.subject().to_owned());
    let part = Router::new().route("/own", handler.clone()).layer(attach(inner)).with_state(inner.clone());
    let group = Router::new().route("/group", handler.clone()).route_layer(require::<ReadCastles>(inner));
    let group = group.with_state(inner.clone());
    Router::new().route("/", handler).merge(part).merge(group).layer(attach(outer)).with_state(outer.clone())
}

async fn response(app: &Router, path: &str, token: &str) -> axum::response::Response {
    let request = Request::get(path).header("authorization", format!("Bearer {token}")).body(Body::empty()).unwrap();
    app.clone().oneshot(request).await.unwrap()
}

async fn answer(app: &Router, path: &str, token: &str) -> (u16, String) {
    let response = response(app, path, token).await;
    let status = response.status().as_u16();
    (status, String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap())
}

#[tokio::test]
async fn the_innermost_guard_decides_its_part() {
    let provider = TestProvider::in_memory();
    let app = app(&guard(&provider, "outer"), &guard(&provider, "inner"));
    let token = |audience| provider.token().user("alice").audience(audience).mint();
    // In either order, because each guard leaves its attempt with the request and its tokens in its own cache.
    for _ in 0..2 {
        assert_eq!(answer(&app, "/", &token("outer")).await, (200, "alice".into()));
        assert_eq!(answer(&app, "/", &token("inner")).await, (401, "outer".into()));
        for path in ["/own", "/group"] {
            assert_eq!(answer(&app, path, &token("inner")).await, (200, "alice".into()), "{path}");
            assert_eq!(answer(&app, path, &token("outer")).await, (401, "inner".into()), "{path}");
        }
    }
    assert_eq!(provider.requests(Endpoint::Jwks), 2, "each guard has its own keys");
}

/// `attach` of one guard completes what another one admitted: `/group` has only `require` of its own.
#[tokio::test]
async fn atk_s07_no_shared_cache_keeps_the_answer_whichever_guard_admitted() {
    let provider = TestProvider::in_memory();
    let app = app(&guard(&provider, "outer"), &guard(&provider, "inner"));
    let token = provider.token().user("alice").audience("inner").mint();
    for path in ["/own", "/group"] {
        let response = response(&app, path, &token).await;
        let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap());
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!((header("cache-control"), header("vary")), (Some("no-store"), Some("authorization")), "{path}");
    }
}

/// A guard finds its own attempt again behind another guard's.
#[tokio::test]
async fn each_guard_on_the_way_validates_once() {
    let provider = TestProvider::in_memory();
    let [outer, inner] = ["outer", "inner"].map(|name| guard(&provider, name));
    let handler = get(async |user: CurrentUser| user.subject().to_owned());
    let app =
        Router::new().route("/", handler).route_layer(require::<()>(&inner)).layer(attach(&outer)).with_state(outer);
    let token = provider.token().user("alice").claim("aud", ["outer", "inner"]).mint();
    assert_eq!(answer(&app, "/", &token).await, (200, "alice".into()));
    let response = response(&app, "/", &token).await;
    assert_eq!(response.headers().get_all("vary").iter().count(), 1);
    assert_eq!(provider.requests(Endpoint::UserInfo), 1);
}

/// "Now, if that can be had, else as it was": a provider that is down leaves the cache good within one request too.
#[tokio::test]
async fn fresh_claims_that_cannot_be_had_leave_the_cached_ones() {
    type Perhaps = Auth<(Result<Fresh<UserInfo>, AuthError>, UserInfo)>;
    let provider = TestProvider::in_memory();
    let guard = Guard::api(provider.issuer(), provider.audience()).http_client(provider.http_client());
    let guard = guard.clock(provider.clock()).build().unwrap();
    let handler = get(async |user: Perhaps| format!("{} {}", user.0.is_ok(), user.1.subject()));
    let app = Router::new().route("/", handler).with_state(guard);
    let token = provider.token_for("alice");
    assert_eq!(answer(&app, "/", &token).await, (200, "true alice".into()));
    provider.fault(Endpoint::UserInfo, Fault::html());
    assert_eq!(answer(&app, "/", &token).await, (200, "false alice".into()));
    provider.heal(Endpoint::UserInfo);
    provider.revoke(&token);
    assert_eq!(answer(&app, "/", &token).await.0, 401, "a refused token gets nothing from the cache");
}

/// The five seconds are those of waiting for the provider: what the application does in between is its own business.
#[tokio::test(start_paused = true)]
async fn p04_a_slow_application_uses_up_no_patience() {
    let provider = TestProvider::in_memory();
    let guard = guard(&provider, "slow");
    let slow = middleware::from_fn(async |request: Request<Body>, next: Next| {
        tokio::time::sleep(Duration::from_secs(60)).await;
        next.run(request).await
    });
    let handler = get(async |user: CurrentUser| user.subject().to_owned());
    let app = Router::new().route("/", handler).route_layer(slow).route_layer(require::<()>(&guard)).with_state(guard);
    let token = provider.token().user("alice").audience("slow").mint();
    assert_eq!(answer(&app, "/", &token).await, (200, "alice".into()));
}

requirements! {
    struct Contradiction = acr(Acr::value("gold")) & acr(Acr::value("mfa"));
}

#[tokio::test]
async fn a_requirement_that_contradicts_itself_is_named_in_the_log() {
    let log = LogCapture::begin();
    let provider = TestProvider::in_memory();
    let guard = guard(&provider, "api");
    let app = Router::new().route("/", get(async |_: Authenticated<Contradiction>| "in")).with_state(guard);
    let token = provider.token().user("alice").audience("api").acr("gold").mint();
    assert_eq!(answer(&app, "/", &token).await.0, 403);
    let expected = ["ERROR", "acr `gold` and acr `mfa`", "no login has two acr values at once"];
    let lines = log.lines();
    assert!(lines.iter().any(|line| expected.iter().all(|part| line.contains(part))), "{lines:?}");
}

#[tokio::test]
async fn without_attach_a_nested_router_still_tells_the_path_that_the_client_sent() {
    let provider = TestProvider::in_memory();
    let guard = Guard::api(provider.issuer(), provider.audience()).http_client(provider.http_client());
    let guard = guard.on_reject(own_words).build().unwrap();
    let group = Router::new().route("/group", get(async || "in")).route_layer(require::<ReadCastles>(&guard));
    let part = Router::new().route("/extractor", get(async |_: Authenticated| "in")).merge(group);
    let app = Router::new().nest("/nested", part).with_state(guard);
    for path in ["/nested/extractor", "/nested/group"] {
        let expected = format!(r#"{{"at":"{path}","sorry":"invalid_token"}}"#);
        assert_eq!(answer(&app, path, "garbage").await, (401, expected));
    }
}

fn web_guard(provider: &TestProvider) -> Guard {
    let guard = Guard::web(provider.issuer(), TestProvider::CLIENT_ID, "https://app.example.com");
    let guard = guard.client_secret(TestProvider::CLIENT_SECRET).audience("web").http_client(provider.http_client());
    guard.clock(provider.clock()).build().unwrap()
}

/// A layer covers the routes that were there before it: a forgotten `attach` or `require` opens nothing that an
/// extractor guards, and says nothing of who is logged in.
#[tokio::test]
async fn atk_m06_a_route_added_behind_the_layers_is_guarded_by_its_extractor() {
    let provider = TestProvider::in_memory();
    let guard = web_guard(&provider);
    let handler = get(async |user: CurrentUser| user.subject().to_owned());
    let app = Router::new()
        .route("/before", handler.clone())
        .layer(attach(&guard))
        .route("/behind", handler.clone())
        .nest("/nested", Router::new().route("/behind", handler.clone()))
        .fallback(handler)
        .with_state(guard);
    let token = provider.token().user("alice").audience("web").mint();
    for path in ["/before", "/behind", "/nested/behind", "/nowhere"] {
        assert_eq!(answer(&app, path, "garbage").await.0, 401, "{path}");
        assert_eq!(answer(&app, path, &token).await, (200, "alice".into()), "{path}");
    }
}

/// The web application and its API are two guards in one process: what one admits is nothing to the other.
#[tokio::test]
async fn atk_m06_a_session_opens_nothing_of_another_guards() {
    let provider = TestProvider::in_memory();
    let (web, api) = (web_guard(&provider), guard(&provider, "api"));
    let handler = get(async |user: CurrentUser| user.subject().to_owned());
    let part = Router::new().route("/api", handler.clone()).layer(attach(&api)).with_state(api);
    let app = Router::new().route("/", handler).merge(routes(&web)).layer(attach(&web)).with_state(web).merge(part);
    let cookie = log_in(&app, &provider).await;
    let get = async |path: &str| {
        let request = Request::get(path).header("cookie", &cookie).body(Body::empty()).unwrap();
        app.clone().oneshot(request).await.unwrap().status().as_u16()
    };
    assert_eq!((get("/").await, get("/api").await), (200, 401));
    let token = provider.token().user("alice").audience("api").mint();
    assert_eq!((answer(&app, "/api", &token).await.0, answer(&app, "/", &token).await.0), (200, 401));
}

/// What alice's browser sends as `Cookie` from then on.
async fn log_in(app: &Router, provider: &TestProvider) -> String {
    let visit = async |path: &str, cookie: &str| {
        let request = Request::get(path).header("cookie", cookie).body(Body::empty()).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        let header = |name| response.headers()[name].to_str().unwrap().to_owned();
        let cookie = header("set-cookie").split(';').next().unwrap().to_owned();
        (header("location"), cookie)
    };
    let (authorize_url, cookie) = visit("/auth/login", "").await;
    let callback = provider.sign_in(&authorize_url, "alice").await;
    visit(callback.strip_prefix("https://app.example.com").unwrap(), &cookie).await.1
}
