//! Requests that another site makes with the user's cookie.

use serde_json::json;

use crate::web::{AUDIENCE, BASE_URL, request};
use crate::{SessionKind, TestApp, WebFixture};

type Row = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const REFUSED: &[Row] = &[
    ("cross-site post", "POST", &[("sec-fetch-site", "cross-site")]),
    ("sibling subdomain", "POST", &[("sec-fetch-site", "same-site")]),
    ("sibling subdomain by origin", "POST", &[("origin", "https://evil.example.com")]),
    ("origin null", "POST", &[("origin", "null")]),
    ("empty origin", "POST", &[("origin", "")]),
    ("plain http", "POST", &[("origin", "http://app.example.com")]),
    ("another port", "POST", &[("origin", "https://app.example.com:8443")]),
    ("a longer name", "POST", &[("origin", "https://app.example.com.evil.test")]),
    ("a path", "POST", &[("origin", "https://app.example.com/")]),
    ("two origins", "POST", &[("origin", BASE_URL), ("origin", "https://evil.test")]),
    ("two sites", "POST", &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")]),
    ("site outranks origin", "POST", &[("sec-fetch-site", "cross-site"), ("origin", BASE_URL)]),
    ("unknown site", "POST", &[("sec-fetch-site", "same-orig")]),
    ("put", "PUT", &[("sec-fetch-site", "cross-site")]),
    ("patch", "PATCH", &[("sec-fetch-site", "cross-site")]),
    ("delete", "DELETE", &[("sec-fetch-site", "cross-site")]),
    ("connect", "CONNECT", &[("sec-fetch-site", "cross-site")]),
    ("lower-case get", "get", &[("sec-fetch-site", "cross-site")]),
    ("lower-case post", "post", &[("origin", "null")]),
    ("an invented method", "GETX", &[("origin", "https://evil.test")]),
    ("handshake", "GET", &[("upgrade", "websocket"), ("origin", "https://evil.test")]),
    ("handshake in capitals", "GET", &[("upgrade", "WebSocket"), ("origin", "null")]),
    ("handshake among others", "GET", &[("upgrade", "h2c, websocket"), ("sec-fetch-site", "same-site")]),
    ("handshake, second header", "GET", &[("upgrade", "h2c"), ("upgrade", "websocket"), ("origin", "null")]),
    ("override of the method", "POST", &[("x-http-method-override", "GET"), ("origin", "null")]),
    (
        "forwarded host",
        "POST",
        &[("x-forwarded-host", "evil.test"), ("host", "evil.test"), ("origin", "https://evil.test")],
    ),
];

const ADMITTED: &[Row] = &[
    ("same origin", "POST", &[("sec-fetch-site", "same-origin")]),
    ("typed by the user", "POST", &[("sec-fetch-site", "none")]),
    ("by origin alone", "POST", &[("origin", BASE_URL)]),
    ("no browser", "POST", &[]),
    ("no browser, delete", "DELETE", &[]),
    ("link from elsewhere", "GET", &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")]),
    ("head", "HEAD", &[("sec-fetch-site", "cross-site")]),
    ("options", "OPTIONS", &[("origin", "https://evil.test")]),
    ("own handshake", "GET", &[("upgrade", "websocket"), ("origin", BASE_URL)]),
    ("handshake of no browser", "GET", &[("upgrade", "websocket")]),
    ("another upgrade", "GET", &[("upgrade", "h2c"), ("origin", "https://evil.test")]),
];

pub async fn atk_s14_refused_before_the_store_is_asked<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let cookie = fixture.session().await;
    let calls = fixture.sessions.calls();
    for (name, method, headers) in REFUSED {
        let headers: Vec<_> = headers.iter().copied().chain([("cookie", cookie.as_str())]).collect();
        for path in
            ["/account", "/", "/if-present", "/refresh", "/group/plain", "/nested/inner/account", "/no/such/page"]
        {
            let answer = fixture.send(request(method, path, &headers)).await;
            assert_eq!(answer.status, 403, "{name} {path}");
            assert_eq!(&*answer.body, br#"{"error":"cross_site"}"#, "{name} {path}");
            assert!(answer.cookies().is_empty() && answer.header("location").is_none(), "{name} {path}");
        }
    }
    assert_eq!((fixture.sessions.calls(), fixture.asked()), (calls, 0));
}

pub async fn atk_s14_our_own_pages_and_what_is_no_browser<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let cookie = fixture.session().await;
    for (name, method, headers) in ADMITTED {
        let headers: Vec<_> = headers.iter().copied().chain([("cookie", cookie.as_str())]).collect();
        assert_eq!(fixture.send(request(method, "/account", &headers)).await.outcome(), "200", "{name}");
    }
}

pub async fn atk_s14_a_bearer_is_not_concerned<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::with(|guard| guard.audience(AUDIENCE));
    let cookie = fixture.session().await;
    let token = format!("Bearer {}", fixture.provider.token().user("bob").audience(AUDIENCE).mint());
    for (name, method, headers) in REFUSED {
        let own = [("cookie", cookie.as_str()), ("authorization", token.as_str())];
        let headers: Vec<_> = headers.iter().copied().chain(own).collect();
        let answer = fixture.send(request(method, "/token", &headers)).await;
        assert_eq!(answer.outcome(), "200", "{name}");
        if *method != "CONNECT" {
            // Its answer has no body (RFC 9110 section 9.3.6).
            assert_eq!(answer.json()["id"], "bob", "{name}");
        }
    }
}

pub async fn atk_s14_without_a_cookie_there_is_nothing_to_abuse<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let from_elsewhere = |path| request("POST", path, &[("sec-fetch-site", "cross-site")]);
    assert_eq!(fixture.send(from_elsewhere("/account")).await.outcome(), "401 missing_credentials");
    assert_eq!(fixture.send(from_elsewhere("/")).await.json(), json!({"id": null}));
}
