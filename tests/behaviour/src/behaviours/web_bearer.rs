//! A bearer token beside, or in place of, a session cookie.

use serde_json::json;

use crate::web::{AUDIENCE, SESSION, request};
use crate::{SessionKind, TestApp, WebFixture};

pub async fn atk_m05_the_header_alone_decides<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::with(|guard| guard.audience(AUDIENCE));
    let cookie = fixture.session().await;
    let mint = |expires| fixture.provider.token().user("bob").audience(AUDIENCE).expires_in(expires).mint();
    let (good, expired) = (format!("Bearer {}", mint(300)), format!("Bearer {}", mint(-400)));
    let calls = fixture.sessions.calls();
    let rows = [
        ("good", good.as_str(), "200"),
        ("expired", &expired, "401 invalid_token"),
        ("no token of ours", "Bearer a.b.c", "401 invalid_token"),
        ("malformed", "Bearer", "400 invalid_request"),
        ("two words", "Bearer a b", "400 invalid_request"),
    ];
    for (name, authorization, expected) in rows {
        let headers = [
            ("cookie", cookie.as_str()),
            ("authorization", authorization),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        let answer = fixture.send(request("GET", "/token", &headers)).await;
        assert_eq!(answer.outcome(), expected, "{name}");
        assert!(answer.header("location").is_none() && answer.cookies().is_empty(), "{name}");
        assert_eq!(answer.json()["id"], if expected == "200" { json!("bob") } else { json!(null) }, "{name}");
    }
    assert_eq!(fixture.sessions.calls(), calls, "the cookie is not opened");
}

pub async fn an_invalid_bearer_is_nobody_and_not_the_user_of_the_cookie<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::with(|guard| guard.audience(AUDIENCE));
    let cookie = fixture.session().await;
    let page = request("GET", "/", &[("cookie", &cookie), ("authorization", "Bearer a.b.c")]);
    assert_eq!(fixture.send(page).await.json(), json!({"id": null}));
}

pub async fn without_an_audience_no_bearer_is_accepted<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let cookie = fixture.session().await;
    let calls = fixture.sessions.calls();
    let token = format!("Bearer {}", fixture.provider.token_for("alice"));
    for _ in 0..2 {
        let page = request("GET", "/token", &[("cookie", &cookie), ("authorization", &token)]);
        assert_eq!(fixture.send(page).await.outcome(), "401 invalid_token");
    }
    assert_eq!((fixture.sessions.calls(), fixture.asked()), (calls, 0));
}

pub async fn another_scheme_leaves_the_cookie_alone<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let cookie = fixture.session().await;
    for authorization in ["Basic YTpi", "Negotiate abc", ""] {
        let page = request("GET", "/account", &[("cookie", &cookie), ("authorization", authorization)]);
        assert_eq!(fixture.send(page).await.outcome(), "200", "{authorization}");
    }
}

pub async fn the_access_token_of_a_session_is_no_session_id<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let token = fixture.get("/token", &fixture.session().await).await.json();
    let forged = format!("{SESSION}={}", token["secret"].as_str().expect("a token"));
    assert_eq!(fixture.get("/token", &forged).await.status, 401);
}
