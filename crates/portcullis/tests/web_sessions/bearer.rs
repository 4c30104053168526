//! A bearer token beside, or in place of, a session cookie.

use portcullis::{AccessToken, UserInfo};

use crate::app::{App, request};

const AUDIENCE: &str = "https://api.example.com";

#[tokio::test]
async fn the_header_alone_decides() {
    let app = App::with(|builder| builder.audience(AUDIENCE));
    let cookie = app.log_in().await;
    let mint = |expires| app.server.token().user("bob").audience(AUDIENCE).expires_in(expires).mint();
    let (good, expired) = (format!("Bearer {}", mint(300)), format!("Bearer {}", mint(-400)));
    let calls = app.store.calls();
    let rows = [
        ("good", good.as_str(), (200, "ok")),
        ("expired", &expired, (401, "invalid_token")),
        ("no token of ours", "Bearer a.b.c", (401, "invalid_token")),
        ("malformed", "Bearer", (400, "invalid_request")),
        ("two words", "Bearer a b", (400, "invalid_request")),
    ];
    for (name, authorization, expected) in rows {
        let headers = [
            ("cookie", cookie.as_str()),
            ("authorization", authorization),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        let answer = app.ask::<AccessToken, ()>(&request("GET", "/page", &headers)).await;
        assert_eq!(answer.outcome(), expected, "{name}");
        assert!(answer.header("location").is_none() && answer.cookies().is_empty(), "{name}");
        assert_eq!(answer.value.map(|token| token.subject().to_owned()), (expected.0 == 200).then(|| "bob".to_owned()));
    }
    assert_eq!(app.store.calls(), calls, "the cookie is not opened");
}

#[tokio::test]
async fn an_invalid_bearer_is_nobody_and_not_the_user_of_the_cookie() {
    let app = App::with(|builder| builder.audience(AUDIENCE));
    let cookie = app.log_in().await;
    let page = request("GET", "/page", &[("cookie", &cookie), ("authorization", "Bearer a.b.c")]);
    assert_eq!(app.ask::<Option<UserInfo>, ()>(&page).await.value, Some(None));
}

#[tokio::test]
async fn without_an_audience_no_bearer_is_accepted() {
    let app = App::new();
    let cookie = app.log_in().await;
    let calls = app.store.calls();
    let token = format!("Bearer {}", app.server.token_for("alice"));
    let page = request("GET", "/page", &[("cookie", &cookie), ("authorization", &token)]);
    for _ in 0..2 {
        assert_eq!(app.ask::<AccessToken, ()>(&page).await.outcome(), (401, "invalid_token"));
    }
    assert_eq!((app.store.calls(), app.asked()), (calls, 0));
}

#[tokio::test]
async fn another_scheme_leaves_the_cookie_alone() {
    let app = App::new();
    let cookie = app.log_in().await;
    for authorization in ["Basic YTpi", "Negotiate abc", ""] {
        let page = request("GET", "/page", &[("cookie", &cookie), ("authorization", authorization)]);
        assert_eq!(app.ask::<UserInfo, ()>(&page).await.outcome(), (200, "ok"), "{authorization}");
    }
}

#[tokio::test]
async fn the_access_token_of_a_session_is_no_session_id() {
    let app = App::new();
    let cookie = app.log_in().await;
    let token = app.with_cookie::<AccessToken>(&cookie).await.value.unwrap();
    let forged = format!("{}={}", crate::app::NAME, token.secret().unwrap().expose());
    assert_eq!(app.with_cookie::<AccessToken>(&forged).await.status, 401);
}
