//! What the browser keeps, and what does not open a session.

use portcullis::{AccessToken, UserInfo};
use portcullis_testkit::{Endpoint, TokenKind};
use serde_json::json;

use crate::app::{App, Browser, LIFE, NAME, REST, is_deleted, set_cookies};

#[tokio::test]
async fn the_session_is_in_the_cookie_and_needs_nobody() {
    let app = App::new();
    let browser = app.logged_in().await;
    let user = app.ask::<UserInfo>(&browser).await;
    assert_eq!(user.outcome, (200, "ok"));
    assert_eq!(user.value.unwrap().subject(), "alice");
    assert!(set_cookies(&user.headers).is_empty(), "nothing has changed");
    let token = app.ask::<AccessToken>(&browser).await.value.unwrap();
    assert_eq!((token.subject(), token.has_scope("email")), ("alice", true));
    assert!(app.provider.asked().is_empty());
}

#[tokio::test]
async fn atk_s05_flags_of_both_cookies() {
    let app = App::new();
    app.provider.user("alice", json!({"sub": "alice", "about": "x".repeat(2500)}));
    let browser = Browser::default();
    let response = app.log_in(&browser).await;
    let cookies: Vec<_> = set_cookies(response.headers()).into_iter().filter(|c| c.contains("-session")).collect();
    assert_eq!(cookies.len(), 2);
    for (cookie, name) in cookies.iter().zip([NAME, REST]) {
        let (pair, attributes) = cookie.split_once("; ").unwrap();
        assert!(pair.starts_with(&format!("{name}=")));
        assert_eq!(attributes, "Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800");
        assert!(cookie.len() <= 4096, "browsers keep no longer ones: {}", cookie.len());
    }
    assert_eq!(app.ask::<UserInfo>(&browser).await.outcome, (200, "ok"));
}

/// A short session tells the browser to drop what is left of a longer one.
#[tokio::test]
async fn a_session_that_became_shorter_leaves_no_rest() {
    let app = App::new();
    app.provider.user("alice", json!({"sub": "alice", "about": "x".repeat(2500)}));
    let browser = app.logged_in().await;
    assert!(browser.get(REST).is_some());
    app.provider.user("alice", json!({"sub": "alice"}));
    app.log_in(&browser).await;
    assert!(browser.get(REST).is_none());
    assert_eq!(app.ask::<UserInfo>(&browser).await.outcome, (200, "ok"));
}

#[tokio::test]
async fn what_does_not_fit_is_left_out_access_token_first_then_unusual_claims() {
    let app = App::new();
    app.provider.token_fault(TokenKind::AccessToken, |token| token.claim("long", "x".repeat(5000)));
    let browser = app.logged_in().await;
    let token = app.ask::<AccessToken>(&browser).await.value.unwrap();
    assert!(token.secret().is_none(), "there is no raw token any more");
    assert_eq!((token.subject(), token.has_scope("email")), ("alice", true), "its facts are there");
    app.provider.heal_tokens(TokenKind::AccessToken);
    app.provider.user("alice", json!({"sub": "alice", "name": "Alice", "about": "x".repeat(6000)}));
    let browser = app.logged_in().await;
    let user = app.ask::<UserInfo>(&browser).await.value.unwrap();
    assert_eq!((user.name(), user.claim::<String>("about")), (Some("Alice"), None));
    app.provider.user("alice", json!({"sub": "alice", "name": "x".repeat(6000)}));
    let browser = Browser::default();
    assert_eq!(app.log_in(&browser).await.status(), 503, "never half a session");
    assert!(browser.get(NAME).is_none());
}

#[tokio::test]
async fn atk_s06_what_we_have_not_sealed_is_nobody_and_deleted() {
    let app = App::new();
    app.provider.user("alice", json!({"sub": "alice", "about": "x".repeat(2500)}));
    let browser = app.logged_in().await;
    let (first, rest) = (browser.get(NAME).unwrap(), browser.get(REST).unwrap());
    let flipped = format!("{}{}", &first[..100], if first.as_bytes()[100] == b'A' { "B" } else { "A" });
    let flipped = flipped + &first[101..];
    let login = {
        let other = Browser::default();
        let begun = app.log_in(&other).await;
        set_cookies(begun.headers()).remove(0)
    };
    let foreign = App::with(|builder| builder.cookie_keys(crate::app::NEW_KEY)).logged_in().await.get(NAME).unwrap();
    let rows: [(&str, Option<&str>, Option<&str>); 12] = [
        ("the rest is missing", Some(&first), None),
        ("the first is missing", None, Some(&rest)),
        ("in the wrong order", Some(&rest), Some(&first)),
        ("the same twice", Some(&first), Some(&first)),
        ("one bit", Some(&flipped), Some(&rest)),
        ("cut off", Some(&first), Some(&rest[..rest.len() - 1])),
        ("longer", Some(&first), Some(&format!("{rest}A"))),
        ("empty", Some(""), None),
        ("plain text", Some(r#"{"i":"a","v":1,"b":0,"r":{}}"#), None),
        ("an id of a session in a store", Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), None),
        ("of another application", Some(&foreign), None),
        ("of another cookie", Some(login.split(['=', ';']).nth(1).unwrap()), None),
    ];
    for (what, first, rest) in rows {
        let browser = Browser::default();
        for (name, value) in [(NAME, first), (REST, rest)] {
            value.inspect(|value| browser.put(name, value));
        }
        let answer = app.ask::<UserInfo>(&browser).await;
        assert_eq!(answer.outcome, (401, "missing_credentials"), "{what}");
        assert!(is_deleted(&answer.headers), "{what}");
    }
    assert_eq!(app.ask::<UserInfo>(&browser).await.outcome, (200, "ok"));
}

#[tokio::test]
async fn fresh_claims_are_asked_with_the_token_of_the_session() {
    let app = App::new();
    let browser = app.logged_in().await;
    app.advance(LIFE / 2);
    app.provider.user("alice", json!({"sub": "alice", "name": "Alicia"}));
    let fresh = app.ask::<portcullis::Fresh<UserInfo>>(&browser).await.value.unwrap();
    assert_eq!((fresh.name(), app.provider.requests(Endpoint::UserInfo)), (Some("Alicia"), 1));
}

/// Without the access token there is nobody to ask as: the refresh token brings a new one.
#[tokio::test]
async fn fresh_claims_of_a_session_that_has_not_kept_its_token() {
    let app = App::new();
    app.provider.token_fault(TokenKind::AccessToken, |token| token.claim("long", "x".repeat(5000)));
    let browser = app.logged_in().await;
    app.provider.user("alice", json!({"sub": "alice", "name": "Alicia"}));
    let fresh = app.ask::<portcullis::Fresh<UserInfo>>(&browser).await;
    assert_eq!(fresh.outcome, (200, "ok"));
    assert_eq!((fresh.value.unwrap().name(), app.token_requests()), (Some("Alicia"), 1));
    let app = App::with(|builder| builder.scopes(["openid", "profile"]));
    app.provider.token_fault(TokenKind::AccessToken, |token| token.claim("long", "x".repeat(5000)));
    let browser = app.logged_in().await;
    let fresh = app.ask::<portcullis::Fresh<UserInfo>>(&browser).await;
    assert_eq!(fresh.outcome, (503, "temporarily_unavailable"), "what is not fresh is not called so");
    assert!(app.provider.asked().is_empty(), "nobody is asked without a token");
}
