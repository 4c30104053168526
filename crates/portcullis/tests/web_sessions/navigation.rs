//! Who is sent to the login page, and who is told.

use http::{HeaderValue, Response};
use portcullis::{Acr, Require, Requirement, UserInfo, requirement};

use crate::app::{App, request, seconds};

struct Gold;
impl Require for Gold {
    const REQUIREMENT: Requirement<'static> = requirement::acr(Acr::value("gold"));
}
struct Recent;
impl Require for Recent {
    const REQUIREMENT: Requirement<'static> = requirement::max_age(std::time::Duration::from_secs(60));
}
struct Burns;
impl Require for Burns {
    const REQUIREMENT: Requirement<'static> = requirement::permission("castles:burn");
}

type Headers = &'static [(&'static str, &'static str)];
const PERSON: Headers = &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"), ("accept", "text/html,*/*")];

#[tokio::test]
async fn atk_m08_a_person_is_sent_to_the_login() {
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
    let app = App::new();
    for (path, headers, location) in rows {
        let answer = app.ask::<UserInfo, ()>(&request("GET", path, headers)).await;
        assert_eq!((answer.status, answer.code), (303, "missing_credentials"), "{path}");
        assert_eq!(answer.header("location").unwrap(), location.replace("%3D//evil", "%3D%2F%2Fevil"), "{path}");
        assert_eq!((answer.body.as_str(), answer.header("cache-control")), ("", Some("no-store")), "{path}");
        assert!(answer.header("www-authenticate").is_none());
    }
    assert_eq!((app.store.calls(), app.asked()), (0, 0));
}

#[tokio::test]
async fn atk_m08_everything_else_is_told() {
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
    let app = App::new();
    for (name, method, headers) in rows {
        let answer = app.ask::<UserInfo, ()>(&request(method, "/castles?a=1", headers)).await;
        assert_eq!(answer.outcome(), (401, "missing_credentials"), "{name}");
        assert!(answer.header("location").is_none(), "{name}");
        let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(body["error"], "missing_credentials", "{name}");
        assert_eq!(body["login_url"], "/auth/login?return_to=%2Fcastles%3Fa%3D1", "{name}");
    }
}

#[tokio::test]
async fn atk_m08_a_step_up_names_what_it_needs() {
    let app = App::new();
    let cookie = app.log_in().await;
    app.advance(180);
    let headers: Vec<_> = PERSON.iter().copied().chain([("cookie", cookie.as_str())]).collect();
    let gold = app.ask::<UserInfo, Gold>(&request("GET", "/vault", &headers)).await;
    assert_eq!(gold.status, 303);
    assert_eq!(gold.header("location"), Some("/auth/login?return_to=%2Fvault&acr_values=gold"));
    let recent = app.ask::<UserInfo, Recent>(&request("GET", "/vault", &headers)).await;
    assert_eq!(recent.header("location"), Some("/auth/login?return_to=%2Fvault&max_age=60"));
    let told = app.ask::<UserInfo, Recent>(&request("GET", "/vault", &[("cookie", &cookie)])).await;
    assert_eq!(told.outcome(), (401, "insufficient_user_authentication"));
    assert!(told.body.contains("max_age=60"), "{}", told.body);

    let stronger = app.log_in_again("return_to=/vault&max_age=60", Some(&cookie)).await;
    let page = request("GET", "/vault", &[("cookie", &stronger)]);
    assert_eq!(app.ask::<UserInfo, Recent>(&page).await.outcome(), (200, "ok"));
    assert_eq!(app.ask::<UserInfo, Gold>(&page).await.status, 401, "the requirement is judged again");
}

#[tokio::test]
async fn atk_m08_what_no_login_mends_is_never_redirected() {
    let app = App::new();
    let cookie = app.log_in().await;
    let headers: Vec<_> = PERSON.iter().copied().chain([("cookie", cookie.as_str())]).collect();
    let page = request("GET", "/page", &headers);
    let forbidden = app.ask::<UserInfo, Burns>(&page).await;
    assert_eq!(forbidden.outcome(), (403, "missing_permission"));
    assert_eq!((forbidden.header("location"), forbidden.body.as_str()), (None, r#"{"error":"missing_permission"}"#));
    app.store.set_down(true);
    let down = app.ask::<UserInfo, Burns>(&page).await;
    assert_eq!((down.status, down.header("location")), (503, None));
    assert!(down.header("retry-after").is_some());
    assert!(down.body.starts_with("<!doctype html>"), "a person sees a page: {}", down.body);
    let script = app.ask::<UserInfo, Burns>(&request("GET", "/page", &[("cookie", cookie.as_str())])).await;
    assert_eq!((script.status, script.body.as_str()), (503, r#"{"error":"temporarily_unavailable"}"#));
}

#[tokio::test]
async fn a_session_that_is_over_is_redirected_and_its_cookie_deleted() {
    let app = App::with(|builder| builder.session_limits(seconds(100), seconds(100)));
    let cookie = app.log_in().await;
    app.advance(100);
    let headers: Vec<_> = PERSON.iter().copied().chain([("cookie", cookie.as_str())]).collect();
    let answer = app.ask::<UserInfo, ()>(&request("GET", "/page", &headers)).await;
    assert_eq!((answer.status, answer.cookies()), (303, vec![crate::app::DELETED]));
}

#[tokio::test]
async fn the_hook_gets_the_reply_of_the_library() {
    let app = App::with(|builder| {
        builder.on_reject(|error, facts, mut reply: Response<_>| {
            assert_eq!(
                (error.code(), facts.path(), facts.method().as_str()),
                ("missing_credentials", "/castles", "GET")
            );
            reply.headers_mut().insert("x-hook", HeaderValue::from_static("seen"));
            reply
        })
    });
    let person = app.ask::<UserInfo, ()>(&request("GET", "/castles?a=1", PERSON)).await;
    assert_eq!((person.status, person.header("x-hook")), (303, Some("seen")));
    assert_eq!(person.header("location"), Some("/auth/login?return_to=%2Fcastles%3Fa%3D1"));
    let script = app.ask::<UserInfo, ()>(&request("GET", "/castles?a=1", &[])).await;
    assert_eq!((script.status, script.header("x-hook")), (401, Some("seen")));
    assert!(script.body.contains("login_url"));
}

#[tokio::test]
async fn atk_m01_atk_m02_what_a_proxy_says_changes_nothing() {
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
    let app = App::new();
    for lie in lies {
        let headers: Vec<_> = PERSON.iter().copied().chain([lie]).collect();
        let answer = app.ask::<UserInfo, ()>(&request("GET", "/castles", &headers)).await;
        assert_eq!(answer.header("location"), Some("/auth/login?return_to=%2Fcastles"), "{lie:?}");
        assert_eq!(app.ask::<Option<UserInfo>, ()>(&request("GET", "/", &[lie])).await.value, Some(None), "{lie:?}");
    }
    assert_eq!((app.store.calls(), app.asked()), (0, 0));
}
