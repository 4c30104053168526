//! Who is sent to the login page, and who is told.

use http::{HeaderValue, Response};
use serde_json::json;

use crate::web::{request, seconds};
use crate::{SessionKind, TestApp, WebFixture};

type Headers = &'static [(&'static str, &'static str)];
const PERSON: Headers = &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"), ("accept", "text/html,*/*")];

fn with_cookie<'h>(headers: &[(&'h str, &'h str)], cookie: &'h str) -> Vec<(&'h str, &'h str)> {
    headers.iter().copied().chain([("cookie", cookie)]).collect()
}

pub async fn atk_m08_a_person_is_sent_to_the_login<A: TestApp, K: SessionKind>() {
    let rows: [(&str, Headers, &str); 6] = [
        ("/castles", PERSON, "/auth/login?return_to=%2Fcastles"),
        ("/castles?a=1&b=%20x", PERSON, "/auth/login?return_to=%2Fcastles%3Fa%3D1%26b%3D%2520x"),
        (
            "/castles?return_to=//evil&acr_values=0",
            PERSON,
            "/auth/login?return_to=%2Fcastles%3Freturn_to%3D%2F%2Fevil%26acr_values%3D0",
        ),
        ("/castles", &[("accept", "text/html")], "/auth/login?return_to=%2Fcastles"),
        ("/castles", &[("sec-fetch-mode", "navigate")], "/auth/login?return_to=%2Fcastles"),
        ("//evil.test/", PERSON, "/auth/login?return_to=%2F%2Fevil.test%2F"),
    ];
    let fixture = WebFixture::<A, K>::new();
    for (path, headers, location) in rows {
        let answer = fixture.send(request("GET", path, headers)).await;
        assert_eq!(answer.status, 303, "{path}");
        assert_eq!(
            answer.header("location").unwrap_or_default(),
            location.replace("%3D//evil", "%3D%2F%2Fevil"),
            "{path}"
        );
        assert_eq!((answer.body.len(), answer.header("cache-control")), (0, Some("no-store")), "{path}");
        assert!(answer.challenge().is_none());
    }
    assert_eq!((fixture.sessions.calls(), fixture.asked()), (0, 0));
}

pub async fn atk_m08_everything_else_is_told<A: TestApp, K: SessionKind>() {
    let rows: [(&str, &str, Headers); 14] = [
        ("fetch", "GET", &[("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty"), ("accept", "text/html")]),
        ("a script's request", "GET", &[("accept", "application/json")]),
        ("nothing said", "GET", &[]),
        ("any type", "GET", &[("accept", "*/*")]),
        ("iframe", "GET", &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe"), ("accept", "text/html")]),
        ("image", "GET", &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")]),
        (
            "prefetch",
            "GET",
            &[("sec-purpose", "prefetch"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")],
        ),
        ("prerender", "GET", &[("sec-purpose", "prefetch;prerender"), ("sec-fetch-mode", "navigate")]),
        ("old prefetch", "GET", &[("purpose", "Prefetch"), ("accept", "text/html")]),
        ("form", "POST", PERSON),
        ("head", "HEAD", PERSON),
        ("lower-case get", "get", PERSON),
        ("handshake", "GET", &[("upgrade", "websocket"), ("sec-fetch-mode", "websocket"), ("accept", "text/html")]),
        ("object", "GET", &[("sec-fetch-dest", "object"), ("accept", "text/html")]),
    ];
    let fixture = WebFixture::<A, K>::new();
    for (name, method, headers) in rows {
        let answer = fixture.send(request(method, "/castles?a=1", headers)).await;
        assert_eq!(answer.status, 401, "{name}");
        assert!(answer.header("location").is_none(), "{name}");
        if method == "HEAD" {
            // Nothing but the headers of what a `GET` of a script would be told.
            assert!(answer.body.is_empty());
            continue;
        }
        let login_url = "/auth/login?return_to=%2Fcastles%3Fa%3D1";
        assert_eq!(answer.json(), json!({"error": "missing_credentials", "login_url": login_url}), "{name}");
    }
}

pub async fn atk_m08_a_step_up_names_what_it_needs<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let browser = fixture.logged_in("alice").await;
    fixture.after(361);
    let silver = fixture.open(&browser, "/silver").await;
    assert_eq!(silver.status, 303);
    assert_eq!(silver.header("location"), Some("/auth/login?return_to=%2Fsilver&acr_values=silver"));
    let recent = fixture.open(&browser, "/recent").await;
    assert_eq!(recent.header("location"), Some("/auth/login?return_to=%2Frecent&max_age=300"));
    let told = fixture.ask(&browser, "/recent").await;
    assert_eq!(told.outcome(), "401 insufficient_user_authentication");
    assert_eq!(told.json()["login_url"], "/auth/login?return_to=%2Frecent&max_age=300");

    let login = recent.header("location").expect("the login");
    fixture.log_in(&browser, login, "alice").await.assert_redirect("the step-up", "/recent");
    assert_eq!(fixture.open(&browser, "/recent").await.outcome(), "200");
    assert_eq!(fixture.ask(&browser, "/silver").await.status, 401, "the requirement is judged again");
}

pub async fn atk_m08_what_no_login_mends_is_never_redirected<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let forbidden = fixture.open(&fixture.logged_in("alice").await, "/never").await;
    assert_eq!((forbidden.status.as_u16(), forbidden.header("location")), (403, None));
    assert_eq!(&*forbidden.body, br#"{"error":"missing_permission"}"#);
}

pub async fn a_session_that_is_over_is_redirected_and_its_cookie_deleted<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::with(|guard| guard.session_limits(seconds(100), seconds(100)));
    let browser = fixture.logged_in("alice").await;
    fixture.after(100);
    let answer = fixture.open(&browser, "/account").await;
    assert_eq!(answer.status, 303);
    answer.assert_ends_session("over");
}

pub async fn the_hook_gets_the_reply_of_the_library<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::with(|guard| {
        guard.on_reject(|error, facts, mut reply: Response<_>| {
            let seen = format!("{} {} {}", error.code(), facts.method(), facts.path());
            reply.headers_mut().insert("x-hook", HeaderValue::try_from(seen).expect("visible ASCII"));
            reply
        })
    });
    let seen = "missing_credentials GET /castles";
    let person = fixture.send(request("GET", "/castles?a=1", PERSON)).await;
    assert_eq!((person.status.as_u16(), person.header("x-hook")), (303, Some(seen)));
    assert_eq!(person.header("location"), Some("/auth/login?return_to=%2Fcastles%3Fa%3D1"));
    let script = fixture.send(request("GET", "/castles?a=1", &[])).await;
    assert_eq!((script.status.as_u16(), script.header("x-hook")), (401, Some(seen)));
    assert!(script.text().contains("login_url"));
    let nested = fixture.send(request("GET", "/nested/inner/account", &[])).await;
    assert_eq!(nested.header("x-hook"), Some("missing_credentials GET /nested/inner/account"), "as the client sent it");
    let bad_cookie =
        fixture.send(request("GET", "/account", &with_cookie(PERSON, "__Host-portcullis-session=a"))).await;
    assert_eq!(bad_cookie.header("x-hook"), Some("missing_credentials GET /account"));
    bad_cookie.assert_ends_session("the hook changes nothing of that");
}

pub async fn atk_m01_atk_m02_what_a_proxy_says_changes_nothing<A: TestApp, K: SessionKind>() {
    let lies = [
        ("host", "evil.test"),
        ("x-forwarded-host", "evil.test"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-prefix", "/evil"),
        ("forwarded", "host=evil.test;proto=http"),
        ("x-original-url", "/evil"),
        ("x-rewrite-url", "/evil"),
        ("x-forwarded-user", "alice"),
        ("x-remote-user", "alice"),
        ("remote-user", "alice"),
        ("x-auth-request-user", "alice"),
        ("x-forwarded-access-token", "token"),
    ];
    let fixture = WebFixture::<A, K>::new();
    for lie in lies {
        let headers: Vec<_> = PERSON.iter().copied().chain([lie]).collect();
        let answer = fixture.send(request("GET", "/castles", &headers)).await;
        assert_eq!(answer.header("location"), Some("/auth/login?return_to=%2Fcastles"), "{lie:?}");
        assert_eq!(fixture.send(request("GET", "/", &[lie])).await.json(), json!({"id": null}), "{lie:?}");
    }
    assert_eq!((fixture.sessions.calls(), fixture.asked()), (0, 0));
}
