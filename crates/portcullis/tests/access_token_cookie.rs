//! The access token in a cookie of the application's own, as the Fief example for FastAPI keeps it.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "tests: a test may fail by panicking")]

use bytes::Bytes;
use http::{HeaderMap, Request};
use portcullis::{AccessToken, Guard, GuardBuilder, Head, IfPresent, MemorySessionStore};
use portcullis_testkit::{Endpoint, TestProvider};

const COOKIE: &str = "user_session";
const BASE_URL: &str = "https://app.example.com";

struct App {
    provider: TestProvider,
    guard: Guard,
}

impl App {
    fn api() -> Self {
        Self::of(|provider| Guard::api(provider.issuer(), provider.audience()).base_url(BASE_URL))
    }

    fn web() -> Self {
        Self::of(|provider| {
            Guard::web(provider.issuer(), TestProvider::CLIENT_ID, BASE_URL)
                .audience(provider.audience())
                .session_store(MemorySessionStore::new())
        })
    }

    fn of(guard: impl FnOnce(&TestProvider) -> GuardBuilder) -> Self {
        let provider = TestProvider::in_memory();
        let guard = guard(&provider).access_token_cookie(COOKIE).http_client(provider.http_client());
        let guard = guard.clock(provider.clock()).build().unwrap();
        Self { provider, guard }
    }

    fn token(&self) -> String {
        self.provider.token().subject("alice").mint()
    }

    /// Status, code, location and whether the response depends on cookies.
    async fn ask(&self, method: &str, headers: &[(&str, &str)]) -> (u16, &'static str, Option<String>) {
        let mut request = Request::builder().method(method).uri("/page");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::new()).unwrap();
        let attempt = self.guard.attempt(&Head::of(&request));
        let outcome = match attempt.admit::<AccessToken, ()>().await {
            Ok(token) => {
                assert_eq!(token.subject(), "alice");
                (200, "ok", None)
            }
            Err(refusal) => {
                let (status, code) = (refusal.error().status().as_u16(), refusal.error().code());
                let location = refusal.into_response().headers().get("location").cloned();
                (status, code, location.map(|location| location.to_str().unwrap().to_owned()))
            }
        };
        let mut written = HeaderMap::new();
        attempt.write_back(&mut written);
        let vary: Vec<_> = written.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(vary, ["authorization", "cookie"], "caches are told");
        assert!(!written.contains_key("set-cookie"), "it is not our cookie");
        outcome
    }
}

#[tokio::test]
async fn it_is_validated_like_a_bearer_token() {
    for app in [App::api(), App::web()] {
        let good = format!("{COOKIE}={}", app.token());
        assert_eq!(app.ask("GET", &[("cookie", &good)]).await, (200, "ok", None));
        let foreign = app.provider.token().subject("alice").audience("https://other.example.com").mint();
        let expired = app.provider.token().subject("alice").expires_in(-120).mint();
        let unsigned = format!("{}A", app.token());
        for bad in [foreign, expired, unsigned, "not-a-token".to_owned()] {
            let outcome = app.ask("GET", &[("cookie", &format!("{COOKIE}={bad}"))]).await;
            assert_eq!(outcome, (401, "invalid_token", None), "{bad}");
        }
        for absent in [String::new(), format!("{COOKIE}="), format!("other={}", app.token()), format!("{good}; {good}")]
        {
            assert_eq!(app.ask("GET", &[("cookie", &absent)]).await, (401, "missing_credentials", None), "{absent}");
        }
        assert_eq!(app.ask("GET", &[("cookie", &format!("{COOKIE}=a b"))]).await.1, "invalid_request");
    }
}

#[tokio::test]
async fn atk_m05_the_header_alone_decides_where_both_are_there() {
    let app = App::api();
    let good = format!("{COOKIE}={}", app.token());
    let outcome = app.ask("GET", &[("cookie", &good), ("authorization", "Bearer wrong")]).await;
    assert_eq!(outcome, (401, "invalid_token", None));
    let bearer = format!("Bearer {}", app.token());
    let outcome = app.ask("GET", &[("cookie", &format!("{COOKIE}=wrong")), ("authorization", &bearer)]).await;
    assert_eq!(outcome, (200, "ok", None));
}

#[tokio::test]
async fn atk_s14_another_site_cannot_use_it() {
    for app in [App::api(), App::web()] {
        let cookie = format!("{COOKIE}={}", app.token());
        let rows = [
            ("POST", "sec-fetch-site", "cross-site", 403),
            ("POST", "sec-fetch-site", "same-site", 403),
            ("DELETE", "origin", "https://evil.example.com", 403),
            ("POST", "origin", "null", 403),
            ("POST", "origin", BASE_URL, 200),
            ("POST", "accept", "*/*", 200),
            ("GET", "sec-fetch-site", "cross-site", 200),
        ];
        for (method, name, value, status) in rows {
            let outcome = app.ask(method, &[("cookie", &cookie), (name, value)]).await;
            assert_eq!(outcome.0, status, "{method} {name}: {value}");
        }
        assert_eq!(app.provider.requests(Endpoint::Jwks), 1);
    }
}

/// As in the example that it comes from: a page whose cookie has expired sends the user to log in.
#[tokio::test]
async fn a_person_with_an_expired_one_is_sent_to_log_in() {
    let app = App::web();
    let expired = format!("{COOKIE}={}", app.provider.token().subject("alice").expires_in(-120).mint());
    let outcome = app.ask("GET", &[("cookie", &expired), ("accept", "text/html")]).await;
    assert_eq!(outcome, (401, "invalid_token", Some("/auth/login?return_to=%2Fpage".to_owned())));
}

#[tokio::test]
async fn if_present_refuses_one_that_is_invalid() {
    let app = App::api();
    let request = Request::get("/page").header("cookie", format!("{COOKIE}=x.y.z")).body(()).unwrap();
    let refusal = app.guard.attempt(&Head::of(&request)).admit::<IfPresent<AccessToken>, ()>().await.unwrap_err();
    assert_eq!(refusal.error().code(), "invalid_token");
}

#[test]
fn what_it_needs_is_said_at_the_start() {
    let problems = |builder: GuardBuilder| builder.build().map(drop).unwrap_err().to_string();
    let without_base =
        problems(Guard::api("https://id.example.com", "https://api.example.com").access_token_cookie("a"));
    assert!(without_base.contains("PORTCULLIS_BASE_URL"), "{without_base}");
    let web = Guard::web("https://id.example.com", "app", BASE_URL);
    let without_audience = problems(web.access_token_cookie("a"));
    assert!(without_audience.contains("PORTCULLIS_AUDIENCE"), "{without_audience}");
    let api = Guard::api("https://id.example.com", "https://api.example.com").base_url(BASE_URL);
    let bad_name = problems(api.access_token_cookie("a=b"));
    assert!(bad_name.contains("access_token_cookie"), "{bad_name}");
}
