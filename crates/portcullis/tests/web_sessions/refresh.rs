//! New tokens for a session whose access token is about to die.

use portcullis::{AccessToken, UserInfo};
use portcullis_testkit::{Endpoint, Fault, TokenKind};
use serde_json::json;

use crate::app::{App, DELETED, LIFE};

const DUE: u64 = LIFE - 60;

#[tokio::test]
async fn atk_t06_due_at_the_exact_second() {
    for (age, requests) in [(DUE - 1, 0), (DUE, 1), (LIFE, 1), (LIFE + 1000, 1)] {
        let app = App::new();
        let cookie = app.log_in().await;
        app.advance(age);
        assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (200, "ok"), "{age}");
        assert_eq!((app.token_requests(), app.server.requests(Endpoint::UserInfo)), (requests, 0), "{age}");
        app.with_cookie::<UserInfo>(&cookie).await;
        assert_eq!(app.token_requests(), requests, "{age}: not again");
    }
}

#[tokio::test]
async fn without_a_refresh_token_the_facts_of_the_login_stay() {
    let app = App::without_refresh();
    let cookie = app.log_in().await;
    app.advance(LIFE + 1000);
    assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (200, "ok"));
    assert_eq!(app.asked(), 0);
}

#[tokio::test]
async fn atk_t08_facts_after_a_refresh() {
    let app = App::new();
    let login = app.server.clock().unix();
    let cookie = app.log_in().await;
    let before = app.with_cookie::<AccessToken>(&cookie).await.value.unwrap();
    app.server.token_fault(TokenKind::RefreshedIdToken, |token| token.acr("9").auth_time(1));
    app.advance(DUE);
    let after = app.with_cookie::<AccessToken>(&cookie).await;
    // Core 12.2: a refreshed ID token keeps `auth_time`; one that does not may be refused, never believed.
    if let Some(after) = after.value {
        assert_eq!((after.acr(), after.auth_time()), (Some("1"), Some(login)));
        assert_ne!(after.secret().unwrap().expose(), before.secret().unwrap().expose());
    } else {
        assert_eq!(after.outcome(), (401, "missing_credentials"));
    }
}

#[tokio::test]
async fn atk_t08_acr_of_the_login_stays() {
    let app = App::new();
    let cookie = app.log_in().await;
    app.server.token_fault(TokenKind::RefreshedIdToken, |token| token.acr("9"));
    app.advance(DUE);
    let token = app.with_cookie::<AccessToken>(&cookie).await.value.unwrap();
    assert_eq!((token.acr(), app.token_requests()), (Some("1"), 1));
    assert_eq!(token.expires_at(), app.server.clock().unix() + LIFE);
}

#[tokio::test]
async fn atk_t08_scopes_follow_and_stay_where_nothing_is_said() {
    for (scope, has_email) in [(json!("openid"), false), (json!(null), true)] {
        let app = App::new();
        let cookie = app.log_in().await;
        let answered = scope.clone();
        app.server.fault(
            Endpoint::Token,
            Fault::patch(move |answer| {
                let _ = answer.as_object_mut().unwrap().remove("scope");
                if !answered.is_null() {
                    answer["scope"] = answered.clone();
                }
            }),
        );
        app.advance(DUE);
        let token = app.with_cookie::<AccessToken>(&cookie).await.value.unwrap();
        assert_eq!((token.has_scope("email"), token.has_scope("openid")), (has_email, true), "{scope}");
        let kept = app.with_cookie::<AccessToken>(&cookie).await.value.unwrap();
        assert_eq!(kept.has_scope("email"), has_email, "{scope}: and so it is kept");
    }
}

#[tokio::test]
async fn atk_t08_permissions_follow_the_new_tokens() {
    let app = App::with(|builder| builder.audience("https://api.example.com"));
    app.server.client("app").audience("https://api.example.com").register();
    let cookie = app.log_in().await;
    let token = app.with_cookie::<AccessToken>(&cookie).await.value.unwrap();
    assert!(token.has_permission("castles:create"));
    app.server.grant("alice", ["castles:read"]);
    app.advance(DUE);
    let token = app.with_cookie::<AccessToken>(&cookie).await.value.unwrap();
    assert_eq!(app.token_requests(), 1);
    assert!(token.has_permission("castles:read") && !token.has_permission("castles:create"), "what was taken is gone");
}

#[tokio::test]
async fn atk_t07_a_refused_refresh_ends_the_session() {
    let app = App::new();
    let cookie = app.log_in().await;
    app.server.fault(Endpoint::Token, Fault::json(&json!({"error": "invalid_grant"})).and_status(400));
    app.advance(DUE);
    let answer = app.with_cookie::<UserInfo>(&cookie).await;
    assert_eq!((answer.outcome(), answer.cookies()), ((401, "missing_credentials"), vec![DELETED]));
    assert!(app.store.last_row().await.is_none());
    assert_eq!(app.token_requests(), 1);
    app.server.heal(Endpoint::Token);
    assert_eq!(app.with_cookie::<Option<UserInfo>>(&cookie).await.value, Some(None));
    assert_eq!(app.token_requests(), 1, "nobody asks for a session that has ended");
}

#[tokio::test]
async fn atk_t07_an_outage_keeps_the_session_until_the_access_token_dies() {
    // The provider acts before its answer is broken: a rotated refresh token would be lost with the answer.
    for (name, fault) in
        [("503", Fault::status(503)), ("closed", Fault::close()), ("429", Fault::status(429)), ("page", Fault::html())]
    {
        let app = App::new();
        app.server.client("app").refresh_token_rotation(false).register();
        let cookie = app.log_in().await;
        app.server.fault(Endpoint::Token, fault);
        app.advance(LIFE - 1);
        assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (200, "ok"));
        app.advance(1);
        let dead = app.with_cookie::<UserInfo>(&cookie).await;
        assert_eq!(dead.outcome(), (503, "temporarily_unavailable"));
        assert!(dead.cookies().is_empty() && dead.header("retry-after").is_some());
        assert_eq!(app.with_cookie::<Option<UserInfo>>(&cookie).await.status, 503, "never anonymous");
        assert!(app.store.last_row().await.is_some());
        app.server.heal(Endpoint::Token);
        assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (200, "ok"), "{name}: recovered");
    }
}

#[tokio::test]
async fn atk_t06_another_users_id_token_ends_the_session() {
    let app = App::new();
    let cookie = app.log_in().await;
    app.server.token_fault(TokenKind::RefreshedIdToken, |token| token.claim("sub", "bob"));
    app.advance(DUE);
    let answer = app.with_cookie::<UserInfo>(&cookie).await;
    assert_eq!((answer.outcome(), answer.cookies()), ((401, "missing_credentials"), vec![DELETED]));
    assert!(app.store.last_row().await.is_none());
}

#[tokio::test]
async fn a_provider_that_does_not_rotate() {
    let app = App::new();
    app.server.client("app").refresh_token_rotation(false).register();
    let cookie = app.log_in().await;
    for round in 1..=3 {
        app.advance(DUE);
        assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (200, "ok"));
        assert_eq!(app.token_requests(), round);
    }
}
