//! Wirings beside the one of the suite, which has one guard per application and `attach` outermost.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

#[path = "behaviour_actix/application.rs"]
mod application;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, NormalizePath, from_fn};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web::{Bytes, ServiceConfig, get, resource, scope, to};
use actix_web::{App, Error, HttpResponse, error};
use http::{Request, Response};
use portcullis_actix::prelude::*;
use portcullis_actix::{attach, require, routes};
use portcullis_behaviour::{LogCapture, Never, ReadCastles, own_words};
use portcullis_testkit::{Endpoint, Fault, TestProvider};

use crate::application::Application;

fn guard(provider: &TestProvider, name: &'static str) -> Guard {
    let guard = Guard::api(provider.issuer(), name).http_client(provider.http_client()).clock(provider.clock());
    guard.on_reject(move |_, _, reply| reply.map(|_| name.into())).build().unwrap()
}

async fn subject(token: Authenticated) -> String {
    token.subject().to_owned()
}

/// Every way to give a part of the application a guard of its own.
const PARTS: [&str; 4] = ["/data", "/attached", "/both", "/group"];

async fn app(outer: &Guard, inner: &Guard) -> Application {
    let group = scope("/group").app_data(inner.clone()).wrap(require::<ReadCastles>(inner));
    let app = App::new()
        .app_data(outer.clone())
        .route("/", get().to(subject))
        .service(scope("/data").app_data(inner.clone()).route("", get().to(subject)))
        .service(scope("/attached").wrap(attach(inner)).route("", get().to(subject)))
        .service(resource("/both").app_data(inner.clone()).wrap(attach(inner)).route(get().to(subject)))
        .service(group.route("", get().to(subject)))
        .wrap(attach(outer));
    Application::new(app).await
}

async fn response(app: &Application, path: &str, token: &str) -> Response<Bytes> {
    let request = Request::get(path).header("authorization", format!("Bearer {token}")).body(Bytes::new());
    app.send(request.unwrap()).await
}

async fn answer(app: &Application, path: &str, token: &str) -> (u16, String) {
    let response = response(app, path, token).await;
    (response.status().as_u16(), String::from_utf8(response.into_body().to_vec()).unwrap())
}

#[tokio::test]
async fn the_innermost_guard_decides_its_part() {
    let provider = TestProvider::in_memory();
    let app = app(&guard(&provider, "outer"), &guard(&provider, "inner")).await;
    let token = |audience| provider.token().user("alice").audience(audience).mint();
    // In either order, because each guard leaves its attempt with the request and its tokens in its own cache.
    for _ in 0..2 {
        assert_eq!(answer(&app, "/", &token("outer")).await, (200, "alice".into()));
        assert_eq!(answer(&app, "/", &token("inner")).await, (401, "outer".into()));
        for path in PARTS {
            assert_eq!(answer(&app, path, &token("inner")).await, (200, "alice".into()), "{path}");
            assert_eq!(answer(&app, path, &token("outer")).await, (401, "inner".into()), "{path}");
        }
    }
    assert_eq!(provider.requests(Endpoint::Jwks), 2, "each guard has its own keys");
}

/// `attach` of one guard completes what another one admitted.
#[tokio::test]
async fn atk_s07_no_shared_cache_keeps_the_answer_whichever_guard_admitted() {
    let provider = TestProvider::in_memory();
    let app = app(&guard(&provider, "outer"), &guard(&provider, "inner")).await;
    let token = provider.token().user("alice").audience("inner").mint();
    for path in PARTS {
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
    let route = get().to(async |user: CurrentUser| user.subject().to_owned());
    let group = resource("/").wrap(require::<()>(&inner)).route(route);
    let app = Application::new(App::new().app_data(outer.clone()).service(group).wrap(attach(&outer))).await;
    let token = provider.token().user("alice").claim("aud", ["outer", "inner"]).mint();
    assert_eq!(answer(&app, "/", &token).await, (200, "alice".into()));
    let response = response(&app, "/", &token).await;
    assert_eq!(response.headers().get_all("vary").iter().count(), 1);
    assert_eq!(provider.requests(Endpoint::UserInfo), 1);
    let only_inner = provider.token().user("alice").audience("inner").mint();
    assert_eq!(answer(&app, "/", &only_inner).await, (401, "outer".into()), "the one of the group opens nothing else");
}

async fn refused(outcome: Auth<Result<AccessToken, AuthError>>) -> String {
    format!("{:?}", outcome.is_ok())
}

#[tokio::test]
async fn atk_m06_without_a_guard_nothing_opens_and_the_log_has_the_fix() {
    let log = LogCapture::begin();
    let provider = TestProvider::in_memory();
    let guard = guard(&provider, "api");
    let token = provider.token().user("alice").audience("api").mint();
    let routes = |app: &mut ServiceConfig| {
        app.route("/user", to(async |_: CurrentUser| "in"))
            .route("/optional", to(async |_: OptionalUser| "in"))
            .route("/if-present", to(async |_: Auth<IfPresent<UserInfo>>| "in"))
            .route("/result", to(refused));
    };
    // In a `Data` it is not found: there would be two places where the innermost could be.
    let wrapped = App::new().app_data(actix_web::web::Data::new(guard)).configure(routes);
    for app in [Application::new(App::new().configure(routes)).await, Application::new(wrapped).await] {
        for path in ["/user", "/optional", "/if-present", "/result"] {
            assert_eq!(answer(&app, path, &token).await, (500, r#"{"error":"wiring"}"#.into()), "{path}");
        }
    }
    assert!(log.contains(".app_data(guard.clone())"), "{:?}", log.lines());
    assert_eq!(provider.asked(), []);
}

/// What actix-web's own `Option` does, and why `OptionalUser` is there: see the page of the crate.
#[tokio::test]
async fn the_option_of_actix_web_takes_every_refusal_for_nobody() {
    let provider = TestProvider::in_memory();
    let guard = Guard::api(provider.issuer(), provider.audience()).http_client(provider.http_client()).build().unwrap();
    let app = App::new()
        .app_data(guard.clone())
        .route("/native", to(async |user: Option<CurrentUser<Never>>| format!("{:?}", user.is_some())))
        .route("/ours", to(async |user: OptionalUser<Never>| format!("{:?}", user.is_some())))
        .wrap(attach(&guard));
    let app = Application::new(app).await;
    let alice = provider.token_for("alice");
    assert_eq!(answer(&app, "/native", &alice).await, (200, "false".into()), "a user who may not");
    assert_eq!(answer(&app, "/ours", &alice).await.0, 403);
    assert_eq!(answer(&app, "/ours", "garbage").await, (200, "false".into()));
    let response = response(&app, "/native", &alice).await;
    assert_eq!(response.headers()["cache-control"], "no-store", "no cache keeps what that handler said");

    let provider = TestProvider::in_memory();
    provider.fault(Endpoint::Jwks, Fault::html());
    let guard = Guard::api(provider.issuer(), provider.audience()).http_client(provider.http_client()).build().unwrap();
    let app = App::new()
        .app_data(guard)
        .route("/native", to(async |user: Option<CurrentUser>| format!("{:?}", user.is_some())))
        .route("/ours", to(async |user: OptionalUser| format!("{:?}", user.is_some())));
    let app = Application::new(app).await;
    let alice = provider.token_for("alice");
    assert_eq!(answer(&app, "/native", &alice).await, (200, "false".into()), "while the provider is down");
    assert_eq!(answer(&app, "/ours", &alice).await.0, 503);
}

#[tokio::test]
async fn a_refusal_is_a_parameter_for_who_asks_for_it() {
    let provider = TestProvider::in_memory();
    let guard = guard(&provider, "api");
    let handler = async |user: Result<CurrentUser, AuthRejection>| match user {
        Ok(user) => user.subject().to_owned(),
        Err(rejection) => format!("{} {rejection}", rejection.error().code()),
    };
    let app = Application::new(App::new().app_data(guard).route("/", to(handler))).await;
    let (status, text) = answer(&app, "/", "garbage").await;
    assert!(status == 200 && text.starts_with("invalid_token "), "{status} {text}");
}

/// Whoever looks at the response further out finds why: in its extensions, and as the error that actix-web keeps.
#[tokio::test]
async fn a_refusal_travels_with_its_response() {
    let provider = TestProvider::in_memory();
    let guard = Guard::api(provider.issuer(), provider.audience()).http_client(provider.http_client()).build().unwrap();
    let group = scope("/group").wrap(require::<Never>(&guard)).route("", to(async || "in"));
    let app = App::new().app_data(guard.clone()).route("/never", to(async |_: Authenticated<Never>| "in"));
    let app = init_service(app.service(group).wrap(attach(&guard))).await;
    for path in ["/never", "/group"] {
        let token = format!("Bearer {}", provider.token_for("alice"));
        let request = TestRequest::get().uri(path).insert_header(("authorization", token)).to_request();
        let response = call_service(&app, request).await;
        let error = response.response().extensions().get::<AuthError>().map(AuthError::code);
        assert_eq!((response.status().as_u16(), error), (403, Some("missing_permission")), "{path}");
        let rejection = response.response().error().unwrap().as_error::<AuthRejection>().unwrap();
        let status = actix_web::ResponseError::status_code(rejection);
        assert_eq!((rejection.error().code(), status.as_u16()), ("missing_permission", 403), "{path}");
    }
}

#[tokio::test]
async fn without_attach_a_nested_scope_still_tells_the_path_that_the_client_sent() {
    let provider = TestProvider::in_memory();
    let guard = Guard::api(provider.issuer(), provider.audience()).http_client(provider.http_client());
    let guard = guard.on_reject(own_words).build().unwrap();
    let group = resource("/group").wrap(require::<ReadCastles>(&guard)).to(async || "in");
    let part = scope("/nested").route("/extractor", to(async |_: Authenticated| "in")).service(group);
    let app = Application::new(App::new().app_data(guard).service(scope("/far").service(part))).await;
    for path in ["/far/nested/extractor", "/far/nested/group"] {
        let expected = format!(r#"{{"at":"{path}","sorry":"invalid_token"}}"#);
        assert_eq!(answer(&app, path, "garbage").await, (401, expected));
    }
}

/// A middleware that rewrites the address is inside of `attach`: what a refusal is told came before it.
#[tokio::test]
async fn behind_attach_a_rewritten_path_is_not_the_one_that_the_client_sent() {
    let provider = TestProvider::in_memory();
    let guard = Guard::api(provider.issuer(), provider.audience()).http_client(provider.http_client());
    let guard = guard.on_reject(own_words).build().unwrap();
    let app = App::new()
        .route("/extractor", to(async |_: Authenticated| "in"))
        .wrap(NormalizePath::trim())
        .wrap(attach(&guard));
    let app = Application::new(app).await;
    let expected = r#"{"at":"//extractor/","sorry":"invalid_token"}"#;
    assert_eq!(answer(&app, "//extractor/", "garbage").await, (401, expected.to_owned()));
}

async fn error_after(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let response = next.call(request).await?;
    Err::<ServiceResponse<actix_web::body::BoxBody>, _>(match response.status().as_u16() {
        200 => error::ErrorBadGateway("out of order"),
        _ => error::InternalError::from_response("gone", HttpResponse::Gone().finish()).into(),
    })
}

/// A middleware that returns an error makes no response: `attach` completes the one that comes of it.
#[tokio::test]
async fn atk_s07_the_error_of_a_middleware_is_completed_too() {
    let provider = TestProvider::in_memory();
    let guard = guard(&provider, "api");
    let app = App::new().route("/", to(subject)).wrap(from_fn(error_after)).wrap(attach(&guard)).wrap(attach(&guard));
    let app = Application::new(app).await;
    let good = provider.token().user("alice").audience("api").mint();
    for (token, expected) in [(good.as_str(), (502, Some("no-store"), "out of order")), ("garbage", (410, None, ""))] {
        let response = response(&app, "/", token).await;
        let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap());
        let body = std::str::from_utf8(response.body()).unwrap();
        assert_eq!((response.status().as_u16(), header("cache-control"), body), expected);
        assert_eq!(response.headers().get_all("vary").iter().count(), 1);
    }
}

fn web_guard(provider: &TestProvider) -> Guard {
    let guard = Guard::web(provider.issuer(), TestProvider::CLIENT_ID, "https://app.example.com");
    let guard = guard.client_secret(TestProvider::CLIENT_SECRET).audience("web").http_client(provider.http_client());
    guard.clock(provider.clock()).build().unwrap()
}

/// A forgotten `attach` or `require` opens nothing that an extractor guards.
#[tokio::test]
async fn atk_m06_a_route_outside_of_the_middleware_is_guarded_by_its_extractor() {
    let provider = TestProvider::in_memory();
    let guard = web_guard(&provider);
    let handler = async |user: CurrentUser| user.subject().to_owned();
    let app = App::new()
        .app_data(guard.clone())
        .service(resource("/inside").wrap(attach(&guard)).to(handler))
        .service(resource("/outside").to(handler))
        .service(scope("/nested").route("/outside", to(handler)))
        .default_service(to(handler));
    let app = Application::new(app).await;
    let token = provider.token().user("alice").audience("web").mint();
    for path in ["/inside", "/outside", "/nested/outside", "/nowhere"] {
        assert_eq!(answer(&app, path, "garbage").await.0, 401, "{path}");
        assert_eq!(answer(&app, path, &token).await, (200, "alice".into()), "{path}");
    }
}

/// The web application and its API are two guards in one process: what one admits is nothing to the other.
#[tokio::test]
async fn atk_m06_a_session_opens_nothing_of_another_guards() {
    let provider = TestProvider::in_memory();
    let (web, api) = (web_guard(&provider), guard(&provider, "api"));
    let handler = async |user: CurrentUser| user.subject().to_owned();
    let app = App::new()
        .app_data(web.clone())
        .route("/", to(handler))
        .service(scope("/api").app_data(api.clone()).wrap(attach(&api)).route("", to(handler)))
        .configure(routes(&web))
        .wrap(attach(&web));
    let app = Application::new(app).await;
    let cookie = log_in(&app, &provider).await;
    let get = async |path: &str| {
        app.send(Request::get(path).header("cookie", &cookie).body(Bytes::new()).unwrap()).await.status().as_u16()
    };
    assert_eq!((get("/").await, get("/api").await), (200, 401));
    let token = provider.token().user("alice").audience("api").mint();
    assert_eq!((answer(&app, "/api", &token).await.0, answer(&app, "/", &token).await.0), (200, 401));
}

/// What alice's browser sends as `Cookie` from then on.
async fn log_in(app: &Application, provider: &TestProvider) -> String {
    let visit = async |path: &str, cookie: &str| {
        let response = app.send(Request::get(path).header("cookie", cookie).body(Bytes::new()).unwrap()).await;
        let header = |name| response.headers()[name].to_str().unwrap().to_owned();
        let cookie = header("set-cookie").split(';').next().unwrap().to_owned();
        (header("location"), cookie)
    };
    let (authorize_url, cookie) = visit("/auth/login", "").await;
    let callback = provider.sign_in(&authorize_url, "alice").await;
    visit(callback.strip_prefix("https://app.example.com").unwrap(), &cookie).await.1
}
