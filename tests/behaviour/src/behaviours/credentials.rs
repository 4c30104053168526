//! Which credential of a request counts, and what each kind of refusal looks like.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};
use http::{Method, Request};
use portcullis_testkit::Endpoint;
use serde_json::json;

use crate::{Answer, Fixture, TestApp};

const MALFORMED: Option<&str> = Some(r#"Bearer error="invalid_request""#);

#[track_caller]
fn assert_missing(answer: &Answer, what: &str) {
    answer.assert_refusal(what, 401, "missing_credentials", Some("Bearer"));
}

#[track_caller]
fn assert_malformed(answer: &Answer, what: &str) {
    answer.assert_refusal(what, 400, "invalid_request", MALFORMED);
}

pub async fn atk_a01_absent<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token_for("alice");
    assert_missing(&fixture.get("/token").await, "no header");
    let values = [
        "",
        " ",
        "\t",
        "Basic YWxpY2U6c2VjcmV0",
        "basic",
        "Negotiate YII",
        "DPoP abc",
        "Digest username=\"alice\"",
        &format!("Basic {token}"),
        &format!("Bearerx {token}"),
        &format!("Bear er {token}"),
        &format!("Token {token}"),
        &format!("x-Bearer {token}"),
        &token,
    ];
    for value in values {
        assert_missing(&fixture.get_with("/token", &[value.as_bytes()]).await, value);
    }
    assert_missing(&fixture.get_with("/token", &[b"\xff\xfe"]).await, "no text at all");
    assert_eq!(fixture.asked(), 0);
    fixture.get_with("/token", &[b"", format!("Bearer {token}").as_bytes()]).await.assert_ok("an empty value is none");
}

pub async fn atk_a01_malformed<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token_for("alice");
    let bearer = format!("Bearer {token}");
    let rows = [
        "Bearer".to_owned(),
        "bearer".to_owned(),
        "Bearer ".to_owned(),
        "Bearer    ".to_owned(),
        "Bearer =".to_owned(),
        "Bearer a b".to_owned(),
        "Bearer a,b".to_owned(),
        "Bearer,a".to_owned(),
        "Bearer a=b".to_owned(),
        "Bearer \"a\"".to_owned(),
        "Bearer a%20b".to_owned(),
        "Bearer token=abc".to_owned(),
        "Bearer {\"a\":1}".to_owned(),
        format!("{bearer} x"),
        format!("{bearer}, Basic YTpi"),
        format!("{bearer}, {bearer}"),
        format!("Bearer\t{token}"),
        format!("Bearer Bearer {token}"),
    ];
    for value in &rows {
        assert_malformed(&fixture.get_with("/token", &[value.as_bytes()]).await, value);
    }
    for bytes in [&b"Bearer \xc3\xa9"[..], b"Bearer a\xff", b"Bearer \xe2\x80\x8ba"] {
        assert_malformed(&fixture.get_with("/token", &[bytes]).await, &format!("{bytes:x?}"));
    }
    assert_eq!(fixture.asked(), 0);
}

pub async fn atk_a01_two_headers<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let bearer = format!("Bearer {}", fixture.provider.token_for("alice"));
    let pairs: [[&str; 2]; 5] = [
        [&bearer, &bearer],
        [&bearer, "Bearer other"],
        [&bearer, "Basic YTpi"],
        ["Basic YTpi", &bearer],
        ["Basic YTpi", "Negotiate YII"],
    ];
    for pair in pairs {
        assert_malformed(&fixture.get_with("/token", &pair.map(str::as_bytes)).await, &format!("{pair:?}"));
    }
    assert_eq!(fixture.asked(), 0);
}

pub async fn atk_a01_never_in_the_query<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token_for("alice");
    let bearer = format!("Bearer {token}");
    let queries = [
        format!("access_token={token}"),
        format!("a=b&access_token={token}"),
        format!("%61ccess_token={token}"),
        format!("access%5Ftoken={token}"),
        "access_token=".to_owned(),
        "access_token".to_owned(),
    ];
    for query in queries {
        for path in ["/token", "/optional/token", "/group/token", "/if-present"] {
            let path = format!("{path}?{query}");
            assert_malformed(&fixture.get(&path).await, &path);
            assert_malformed(&fixture.get_with(&path, &[bearer.as_bytes()]).await, &path);
        }
    }
    assert_eq!(fixture.asked(), 0);
    for harmless in ["/token?xaccess_token=1", "/token?token=1", "/token?a=access_token", "/token?"] {
        fixture.get_as(harmless, &token).await.assert_ok(harmless);
    }
    fixture.get(&format!("/open?access_token={token}")).await.assert_ok("a public route asks for nothing");
}

pub async fn atk_a01_never_in_body_or_cookie<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token_for("alice");
    let form = Request::post("/castles")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Bytes::from(format!("access_token={token}")))
        .expect("a request");
    assert_missing(&fixture.send(form).await, "a form");
    let cookies = Request::get("/token")
        .header(COOKIE, format!("access_token={token}; token={token}; Authorization=Bearer {token}"))
        .header("x-authorization", format!("Bearer {token}"))
        .header("proxy-authorization", format!("Bearer {token}"))
        .body(Bytes::new())
        .expect("a request");
    assert_missing(&fixture.send(cookies).await, "cookies and other headers");
    assert_eq!(fixture.asked(), 0);
}

pub async fn atk_a01_well_formed<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token_for("alice");
    for not_ours in ["abc", "abc.def.ghi", "a==", "a.b.c=", "-._~+/", &"a".repeat(8193), &"a".repeat(64 * 1024)] {
        fixture.assert_refused_unasked(not_ours, not_ours).await;
    }
    for scheme in ["Bearer ", "bearer ", "BEARER ", "bEaReR ", "Bearer    ", " Bearer ", "\tBearer "] {
        let value = format!("{scheme}{token}");
        fixture.get_with("/token", &[value.as_bytes()]).await.assert_ok(scheme);
    }
    let trailing = format!("Bearer {token} \t");
    fixture.get_with("/token", &[trailing.as_bytes()]).await.assert_ok("white space around a value is none of it");
}

pub async fn atk_a02_nothing_of_a_request_gets_into_a_challenge<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let hostile = r#"x", realm="evil", error="none\"#;
    let token = fixture.provider.token().scope(hostile).permission(hostile).acr("evil").client_id(hostile).mint();
    let rows = [
        ("/scoped", r#"Bearer error="insufficient_scope", scope="castles""#),
        ("/strong", r#"Bearer error="insufficient_user_authentication", acr_values="1""#),
    ];
    for (path, challenge) in rows {
        let answer = fixture.get_as(&format!("{path}?realm=evil%22"), &token).await;
        assert_eq!(answer.challenge(), Some(challenge));
        assert!(!answer.text().contains("evil"), "{path}");
    }
    let garbage = fixture.get_with("/token", &[br#"Bearer x", realm="evil"#]).await;
    assert_malformed(&garbage, "hostile credentials");
}

pub async fn atk_a03_each_refusal_has_its_code<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let (alice, bob) = (fixture.provider.token_for("alice"), fixture.provider.token_for("bob"));
    let expired = fixture.provider.token().user("alice").expires_in(-61).mint();
    let scopeless = fixture.provider.token().user("alice").scope("openid").mint();
    let scope = Some(r#"Bearer error="insufficient_scope", scope="castles""#);
    let acr = Some(r#"Bearer error="insufficient_user_authentication", acr_values="1""#);
    fixture.get("/scoped").await.assert_refusal("none", 401, "missing_credentials", Some("Bearer"));
    fixture.get_as("/scoped", &expired).await.assert_invalid_token("expired");
    fixture.get_as("/scoped", "garbage").await.assert_invalid_token("garbage");
    fixture.get_as("/scoped", "a b").await.assert_refusal("malformed", 400, "invalid_request", MALFORMED);
    fixture.get_as("/scoped", &scopeless).await.assert_refusal("scope", 403, "insufficient_scope", scope);
    fixture.get_as("/castles", &bob).await.assert_refusal("permission", 403, "missing_permission", None);
    fixture.get_as("/strong", &bob).await.assert_refusal("acr", 401, "insufficient_user_authentication", acr);
    fixture.get_as("/scoped", &alice).await.assert_ok("alice");
    assert_eq!(fixture.provider.requests(Endpoint::UserInfo), 0);
}

/// Every answer to a request with this token, whole.
async fn answers<A: TestApp>(fixture: &Fixture<A>, token: &str) -> Vec<Answer> {
    let mut answers = Vec::new();
    for method in [Method::GET, Method::HEAD, Method::POST, Method::OPTIONS, Method::DELETE] {
        for path in ["/token", "/castles", "/strong", "/user", "/optional", "/result", "/group/plain", "/nowhere"] {
            let request = Request::builder().method(&method).uri(path).header(AUTHORIZATION, format!("Bearer {token}"));
            answers.push(fixture.send(request.body(Bytes::new()).expect("a request")).await);
        }
    }
    answers
}

pub async fn atk_a16_no_token_is_echoed<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let good = fixture.provider.token_for("alice");
    let weak = fixture.provider.token_for("bob");
    let expired = fixture.provider.token().user("alice").expires_in(-600).mint();
    for token in [good, weak, expired, "not.a.token-canary".to_owned(), "malformed-canary x".to_owned()] {
        let parts: Vec<_> = token.split(['.', ' ']).filter(|part| part.len() > 5).collect();
        for answer in answers(&fixture, &token).await {
            let text = answer.text();
            assert!(!parts.iter().any(|part| text.contains(part)), "{text}");
        }
    }
}

pub async fn atk_a16_other_methods_are_guarded_alike<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let request =
        |method: Method, path: &str| Request::builder().method(method).uri(path).body(Bytes::new()).expect("a request");
    for path in ["/token", "/user", "/group/plain"] {
        let answer = fixture.send(request(Method::HEAD, path)).await;
        assert_eq!((answer.status.as_u16(), answer.challenge()), (401, Some("Bearer")), "HEAD {path}");
        let preflight = fixture.send(request(Method::OPTIONS, path)).await;
        assert!(!preflight.status.is_success(), "OPTIONS {path}: the application did not ask for an exception");
    }
    let answer = fixture.send(request(Method::POST, "/castles")).await;
    assert_missing(&answer, "POST");
    assert_eq!(fixture.asked(), 0);
}

pub async fn a_body_is_left_to_the_handler<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token_for("alice");
    let request = Request::post("/castles").header(AUTHORIZATION, format!("Bearer {token}"));
    let answer = fixture.send(request.body(Bytes::from("access_token=other")).expect("a request")).await;
    assert_eq!(answer.status.as_u16(), 201);
    assert_eq!(answer.json()["permissions"], json!(["castles:read", "castles:create"]));
}
