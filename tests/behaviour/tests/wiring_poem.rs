//! Wirings beside the one of the suite, which has one guard per application and `attach` outermost; and what is poem's
//! own: errors that have no headers, and an `Option` around every extractor.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::time::Duration;

use poem::error::NotFoundError;
use poem::http::uri::Scheme;
use poem::http::{Request, StatusCode};
use poem::middleware::Cors;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, EndpointExt, FromRequest, RequestParts, Response, Route, get, handler};
use portcullis_behaviour::{LogCapture, Never, ReadCastles, own_words};
use portcullis_poem::portcullis::SessionKind;
use portcullis_poem::prelude::*;
use portcullis_poem::{attach, require, routes};
use portcullis_testkit::{Endpoint as Asked, TestProvider};

#[handler]
async fn subject(token: Authenticated) -> String {
    token.subject().to_owned()
}

#[handler]
async fn account(user: CurrentUser) -> String {
    user.subject().to_owned()
}

#[handler]
async fn plain() -> &'static str {
    "in"
}

fn guard(provider: &TestProvider, name: &'static str) -> Guard {
    let guard = Guard::api(provider.issuer(), name).http_client(provider.http_client()).clock(provider.clock());
    guard.on_reject(move |_, _, reply| reply.map(|_| name.into())).build().unwrap()
}

fn app(outer: &Guard, inner: &Guard) -> impl Endpoint + use<> {
    let group = subject.with(require::<ReadCastles>(inner)).with(attach(inner));
    Route::new()
        .at("/", subject)
        .at("/own", subject.with(attach(inner)))
        .at("/group", group)
        .at("/both", subject.with(require::<ReadCastles>(inner)))
        .at("/plain", plain.with(require::<ReadCastles>(inner)))
        .with(attach(outer))
}

/// A request as the server hands it on.
fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> poem::Request {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let parts = RequestParts::from((parts, LocalAddr::default(), RemoteAddr::default(), Scheme::HTTP));
    poem::Request::from_parts(parts, poem::Body::empty())
}

async fn response(app: &impl Endpoint, path: &str, token: &str) -> Response {
    app.get_response(request("GET", path, &[("authorization", &format!("Bearer {token}"))])).await
}

async fn answer(app: &impl Endpoint, path: &str, token: &str) -> (u16, String) {
    let response = response(app, path, token).await;
    (response.status().as_u16(), response.into_body().into_string().await.unwrap())
}

fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
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
    assert_eq!(provider.requests(Asked::Jwks), 2, "each guard has its own keys");
}

/// A slip closes: the group's guard is not the one that the extractors behind it resume.
#[tokio::test]
async fn a_group_of_another_guard_needs_both() {
    let provider = TestProvider::in_memory();
    let app = app(&guard(&provider, "outer"), &guard(&provider, "inner"));
    let token = |audiences: &[&str]| provider.token().user("alice").claim("aud", audiences).mint();
    assert_eq!(answer(&app, "/both", &token(&["inner"])).await, (401, "outer".into()));
    assert_eq!(answer(&app, "/both", &token(&["outer"])).await, (401, "inner".into()));
    assert_eq!(answer(&app, "/both", &token(&["outer", "inner"])).await, (200, "alice".into()));
}

/// `attach` of one guard completes what another one admitted: `/plain` has only `require` of its own.
#[tokio::test]
async fn atk_s07_no_shared_cache_keeps_the_answer_whichever_guard_admitted() {
    let provider = TestProvider::in_memory();
    let app = app(&guard(&provider, "outer"), &guard(&provider, "inner"));
    let token = provider.token().user("alice").audience("inner").mint();
    for path in ["/own", "/group", "/plain"] {
        let response = response(&app, path, &token).await;
        assert_eq!(response.status(), 200, "{path}");
        let told = (header(&response, "cache-control"), header(&response, "vary"));
        assert_eq!(told, (Some("no-store"), Some("authorization")), "{path}");
    }
}

/// A guard finds its own attempt again behind another guard's.
#[tokio::test]
async fn each_guard_on_the_way_validates_once() {
    let provider = TestProvider::in_memory();
    let [outer, inner] = ["outer", "inner"].map(|name| guard(&provider, name));
    let app = account.with(require::<()>(&outer)).with(require::<()>(&inner)).with(attach(&outer));
    let token = provider.token().user("alice").claim("aud", ["outer", "inner"]).mint();
    assert_eq!(answer(&app, "/", &token).await, (200, "alice".into()));
    let response = response(&app, "/", &token).await;
    assert_eq!(response.headers().get_all("vary").iter().count(), 1);
    assert_eq!(provider.requests(Asked::UserInfo), 1);
}

/// The five seconds are those of waiting for the provider: what the application does in between is its own business.
#[tokio::test(start_paused = true)]
async fn p04_a_slow_application_uses_up_no_patience() {
    let provider = TestProvider::in_memory();
    let guard = guard(&provider, "slow");
    let slow = account.before(|request| async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok(request)
    });
    let app = slow.with(require::<()>(&guard)).with(attach(&guard));
    let token = provider.token().user("alice").audience("slow").mint();
    assert_eq!(answer(&app, "/", &token).await, (200, "alice".into()));
}

#[handler]
async fn anybody(user: OptionalUser) -> &'static str {
    if user.is_some() { "somebody" } else { "nobody" }
}

#[handler]
async fn every_outcome(_: Auth<Result<AccessToken, AuthError>>) -> &'static str {
    "whatever it is"
}

/// `.data(guard)` is for the application's own handlers: with two ways to bring a guard nobody could say which one is
/// innermost.
#[tokio::test]
async fn a_part_without_attach_is_closed_and_the_log_says_what_to_do() {
    let log = LogCapture::begin();
    let provider = TestProvider::in_memory();
    let guard = guard(&provider, "api");
    let app = Route::new()
        .at("/subject", subject)
        .at("/anybody", anybody)
        .at("/every-outcome", every_outcome)
        .at("/group", subject.with(require::<()>(&guard)))
        .data(guard);
    let token = provider.token().user("alice").audience("api").mint();
    for path in ["/subject", "/anybody", "/every-outcome", "/group"] {
        let response = response(&app, path, &token).await;
        assert!(matches!(response.data::<AuthError>(), Some(AuthError::Wiring(_))), "{path}");
        assert_eq!(header(&response, "cache-control"), Some("no-store"), "{path}");
        assert_eq!(response.status(), 500, "{path}");
        assert_eq!(response.into_body().into_string().await.unwrap(), r#"{"error":"wiring"}"#, "{path}");
    }
    let expected = ["ERROR", ".with(portcullis_poem::attach(&guard))"];
    assert!(log.lines().iter().any(|line| expected.iter().all(|part| line.contains(part))), "{:?}", log.lines());
    assert_eq!(provider.requests(Asked::UserInfo), 0);
}

/// A middleware covers what is inside of it: what stands beside opens nothing.
#[tokio::test]
async fn atk_m06_a_route_beside_the_middlewares_is_closed() {
    let provider = TestProvider::in_memory();
    let guard = guard(&provider, "api");
    let inside = Route::new().at("/", account).at("/nested", account).with(attach(&guard));
    let app = Route::new().nest("/inside", inside).at("/beside", account);
    let token = provider.token().user("alice").audience("api").mint();
    for path in ["/inside", "/inside/nested"] {
        assert_eq!(answer(&app, path, "garbage").await.0, 401, "{path}");
        assert_eq!(answer(&app, path, &token).await, (200, "alice".into()), "{path}");
    }
    assert_eq!(answer(&app, "/beside", &token).await.0, 500);
}

#[handler]
async fn native_option(user: Option<CurrentUser<Never>>) -> &'static str {
    if user.is_some() { "somebody" } else { "nobody" }
}

#[handler]
async fn optional_user(user: OptionalUser<Never>) -> &'static str {
    if user.is_some() { "somebody" } else { "nobody" }
}

#[handler]
async fn native_result(user: poem::Result<CurrentUser<Never>>) -> poem::Result<String> {
    match user {
        Ok(user) => Ok(user.subject().to_owned()),
        Err(error) => match error.downcast_ref::<AuthRejection>() {
            Some(rejection) if rejection.error().code() == "missing_permission" => Ok("seen, and answered".to_owned()),
            _ => Err(error),
        },
    }
}

/// poem makes `None` of whatever an extractor refuses, and no extractor can forbid it: a user who may not looks like
/// nobody. `OptionalUser` refuses them.
#[tokio::test]
async fn an_option_of_poems_takes_every_refusal_for_nobody() {
    let provider = TestProvider::in_memory();
    let guard = guard(&provider, "api");
    let app = Route::new()
        .at("/native", native_option)
        .at("/ours", optional_user)
        .at("/result", native_result)
        .with(attach(&guard));
    let token = provider.token().user("alice").audience("api").mint();
    assert_eq!(answer(&app, "/native", &token).await, (200, "nobody".into()), "the trap");
    assert_eq!(answer(&app, "/ours", &token).await, (403, "api".into()));
    assert_eq!(answer(&app, "/native", "garbage").await, (200, "nobody".into()));
    assert_eq!(answer(&app, "/ours", "garbage").await, (200, "nobody".into()), "invalid is nobody here, by its name");
    assert_eq!(answer(&app, "/result", &token).await, (200, "seen, and answered".into()));
    assert_eq!(answer(&app, "/result", "garbage").await, (401, "api".into()), "handed on as it was");
    let response = response(&app, "/native", &token).await;
    let told = (header(&response, "cache-control"), header(&response, "vary"));
    assert_eq!(told, (Some("no-store"), Some("authorization")), "and for no shared cache");
}

#[handler]
async fn teapot(_: Authenticated) -> poem::Result<&'static str> {
    Err(poem::Error::from_string("short and stout", StatusCode::IM_A_TEAPOT))
}

async fn own_page<E: std::error::Error>(_: E) -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "the application's own words")
}

/// An error has no headers in poem: `attach` makes a response of the ones that need some, and of no others.
#[tokio::test]
async fn atk_s07_errors_keep_their_headers_and_stay_errors_where_they_need_none() {
    let provider = TestProvider::in_memory();
    let guard = guard(&provider, "api");
    let app = Route::new().at("/teapot", teapot).at("/plain", plain).at("/user", account).with(attach(&guard));
    let caught = app.catch_error(own_page::<NotFoundError>);
    let token = provider.token().user("alice").audience("api").mint();

    let failed = response(&caught, "/teapot", &token).await;
    assert_eq!(failed.status(), StatusCode::IM_A_TEAPOT);
    let told = (header(&failed, "cache-control"), header(&failed, "vary"));
    assert_eq!(told, (Some("no-store"), Some("authorization")));
    assert_eq!(failed.into_body().into_string().await.unwrap(), "short and stout");

    let refused = response(&caught, "/user", "garbage").await;
    assert_eq!((refused.status().as_u16(), header(&refused, "vary")), (401, Some("authorization")));
    assert_eq!(header(&refused, "www-authenticate"), Some(r#"Bearer error="invalid_token""#));
    assert_eq!(refused.data::<AuthError>().map(AuthError::code), Some("invalid_token"));

    let nowhere = response(&caught, "/nowhere", &token).await;
    assert_eq!((nowhere.status().as_u16(), header(&nowhere, "vary")), (404, None));
    assert_eq!(nowhere.into_body().into_string().await.unwrap(), "the application's own words");
}

/// A refusal is poem's own kind of error for what is inside of `attach`, from a group as from an extractor.
#[tokio::test]
async fn a_refusal_can_be_caught_inside_of_attach() {
    let provider = TestProvider::in_memory();
    let guard = guard(&provider, "api");
    let app = Route::new().at("/user", account).at("/group", plain.with(require::<()>(&guard)));
    let app = app.catch_error(own_page::<AuthRejection>).with(attach(&guard));
    for path in ["/user", "/group"] {
        let response = response(&app, path, "garbage").await;
        assert_eq!((response.status().as_u16(), header(&response, "vary")), (404, Some("authorization")), "{path}");
        assert_eq!(response.into_body().into_string().await.unwrap(), "the application's own words", "{path}");
    }
}

#[tokio::test]
async fn a_nested_route_still_tells_the_path_that_the_client_sent() {
    let provider = TestProvider::in_memory();
    let guard = Guard::api(provider.issuer(), provider.audience()).http_client(provider.http_client());
    let guard = guard.on_reject(own_words).build().unwrap();
    let part = Route::new().at("/extractor", account).at("/group", plain.with(require::<ReadCastles>(&guard)));
    let app = Route::new().nest("/nested", part.with(attach(&guard))).at("/", account.with(attach(&guard)));
    for path in ["/nested/extractor", "/nested/group", "/"] {
        let expected = format!(r#"{{"at":"{path}","sorry":"invalid_token"}}"#);
        assert_eq!(answer(&app, path, "garbage").await, (401, expected));
    }
    // poem's own test client knows no original URI: outside of a nested route it is the one that there is.
    let app = Route::new().at("/extractor", account).with(attach(&guard));
    let request = poem::Request::builder().uri_str("/extractor").finish();
    let body = app.get_response(request).await.into_body().into_string().await.unwrap();
    assert_eq!(body, r#"{"at":"/extractor","sorry":"missing_credentials"}"#);
}

/// A preflight has no credentials; a `HEAD` and an `OPTIONS` of anybody else get what a `GET` gets.
#[tokio::test]
async fn a_preflight_is_answered_outside_of_the_group() {
    let provider = TestProvider::in_memory();
    let guard = guard(&provider, "api");
    let group = Route::new().at("/get", get(plain)).at("/any", plain).with(require::<()>(&guard));
    let cors = Cors::new().allow_origin("https://spa.example.com").allow_method("GET");
    let app = group.with(cors).with(attach(&guard));
    let send = async |method, headers: &[(&str, &str)]| {
        app.get_response(request(method, "/get", headers)).await.status().as_u16()
    };
    let preflight = [("origin", "https://spa.example.com"), ("access-control-request-method", "GET")];
    assert_eq!(send("OPTIONS", &preflight).await, 200);
    assert_eq!((send("OPTIONS", &[]).await, send("HEAD", &[]).await, send("GET", &[]).await), (401, 401, 401));
    let token = format!("Bearer {}", provider.token().user("alice").audience("api").mint());
    let token = [("authorization", token.as_str())];
    assert_eq!((send("OPTIONS", &token).await, send("HEAD", &token).await, send("GET", &token).await), (405, 200, 200));
}

/// For whoever writes a handler by hand: the extractor is no more than poem's trait.
#[tokio::test]
async fn an_extractor_serves_an_endpoint_by_hand() {
    let provider = TestProvider::in_memory();
    let guard = guard(&provider, "api");
    let by_hand = poem::endpoint::make(async |request: poem::Request| {
        let (request, mut body) = request.split();
        let token = Authenticated::<ReadCastles>::from_request(&request, &mut body).await?;
        Ok::<_, poem::Error>(token.subject().to_owned())
    });
    let app = by_hand.with(attach(&guard));
    let token = provider.token().user("alice").audience("api").mint();
    assert_eq!(answer(&app, "/", &token).await, (200, "alice".into()));
    assert_eq!(answer(&app, "/", "garbage").await, (401, "api".into()));
}

fn web_guard(provider: &TestProvider, sessions: SessionKind) -> Guard {
    let guard = Guard::web(provider.issuer(), TestProvider::CLIENT_ID, "https://app.example.com").sessions(sessions);
    let guard = guard.client_secret(TestProvider::CLIENT_SECRET).audience("web").http_client(provider.http_client());
    guard.clock(provider.clock()).build().unwrap()
}

/// A session that is kept in its cookie needs the way back that `attach` is; without it nobody is taken for anonymous.
#[tokio::test]
async fn a_sealed_session_needs_attach() {
    let provider = TestProvider::in_memory();
    let guard = web_guard(&provider, SessionKind::Cookie);
    let inside = routes(&guard).at("/", account).at("/group", plain.with(require::<()>(&guard))).with(attach(&guard));
    let app = Route::new().at("/outside", plain.with(require::<()>(&guard))).nest("/", inside);
    let cookie = log_in(&app, &provider).await;
    let get = async |path| app.get_response(request("GET", path, &[("cookie", &cookie)])).await.status().as_u16();
    assert_eq!((get("/").await, get("/group").await, get("/outside").await), (200, 200, 500));
}

/// The web application and its API are two guards in one process: what one admits is nothing to the other.
#[tokio::test]
async fn atk_m06_a_session_opens_nothing_of_another_guards() {
    let provider = TestProvider::in_memory();
    let (web, api) = (web_guard(&provider, SessionKind::Memory), guard(&provider, "api"));
    let app = routes(&web).at("/", account).at("/api", account.with(attach(&api))).with(attach(&web));
    let cookie = log_in(&app, &provider).await;
    let get = async |path| app.get_response(request("GET", path, &[("cookie", &cookie)])).await.status().as_u16();
    assert_eq!((get("/").await, get("/api").await), (200, 401));
    let token = provider.token().user("alice").audience("api").mint();
    assert_eq!((answer(&app, "/api", &token).await.0, answer(&app, "/", &token).await.0), (200, 401));
}

/// What alice's browser sends as `Cookie` from then on.
async fn log_in(app: &impl Endpoint, provider: &TestProvider) -> String {
    let visit = async |path: &str, cookie: &str| {
        let response = app.get_response(request("GET", path, &[("cookie", cookie)])).await;
        let cookie = header(&response, "set-cookie").unwrap().split(';').next().unwrap().to_owned();
        (header(&response, "location").unwrap().to_owned(), cookie)
    };
    let (authorize_url, cookie) = visit("/auth/login", "").await;
    let callback = provider.sign_in(&authorize_url, "alice").await;
    visit(callback.strip_prefix("https://app.example.com").unwrap(), &cookie).await.1
}
