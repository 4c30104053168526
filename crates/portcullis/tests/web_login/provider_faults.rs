//! What the provider does wrong once the browser is back.

use std::time::Duration;

use portcullis::transport::HttpErrorKind;
use portcullis_testkit::{Endpoint, Fault, TokenBuilder};
use serde_json::json;

use crate::answer::{is_redirect, refused};
use crate::app::{App, Browser};

#[tokio::test]
async fn atk_t03_the_token_endpoint_refuses_or_fails() {
    let refusal =
        |code: &str| Fault::json(&json!({"error": code, "error_description": "<script>evil"})).and_status(400);
    let rows = [
        ("invalid_grant", refusal("invalid_grant"), 400),
        ("unknown error", refusal("<script>"), 400),
        ("400 without a reason", Fault::status(400), 400),
        ("invalid_client", refusal("invalid_client").and_status(401), 400),
        ("500", Fault::status(500), 503),
        ("503", Fault::status(503), 503),
        ("429", Fault::status(429), 503),
        ("timeout", Fault::silence(), 503),
        ("cut", Fault::cut_body(), 503),
        ("no ID token", Fault::patch(|answer| drop(answer.as_object_mut().unwrap().remove("id_token"))), 400),
    ];
    for (name, fault, status) in rows {
        let (app, browser) = (App::new(), Browser::default());
        let callback = app.to_callback(&browser, "/auth/login", "alice").await;
        let before = browser.copy();
        app.provider.fault(Endpoint::Token, fault);
        refused(&app, &browser, &callback, status, (1, 0)).await;
        assert!(browser.logins().is_empty(), "{name}");
        app.provider.heal(Endpoint::Token);
        refused(&app, &before, &callback, 400, (1, 0)).await;
        is_redirect(&app.log_in(&browser, "/auth/login", "alice").await, "/");
    }
}

#[tokio::test]
async fn an_id_token_that_does_not_validate() {
    type Change = fn(TokenBuilder) -> TokenBuilder;
    let rows: [(&str, Change); 9] = [
        ("another issuer", |token| token.claim("iss", "https://evil.example")),
        ("another audience", |token| token.claim("aud", "evil")),
        ("expired", |token| token.expires_in(-61)),
        ("without nonce", |token| token.without("nonce")),
        ("another nonce", |token| token.claim("nonce", "evil")),
        ("without subject", |token| token.without("sub")),
        ("signature", TokenBuilder::corrupt_signature),
        ("another at_hash", |token| token.claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA")),
        ("HMAC with the client's secret", |token| token.hmac("a-secret-that-is-no-secret-0123456789")),
    ];
    for (name, change) in rows {
        let (app, browser) = (App::new(), Browser::default());
        app.provider.id_token_fault(change);
        let callback = app.to_callback(&browser, "/auth/login", "alice").await;
        refused(&app, &browser, &callback, 400, (1, 0)).await;
        assert!(browser.logins().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn atk_t03_a_request_that_never_left_is_sent_again() {
    let (app, browser) = (App::new(), Browser::default());
    let callback = app.to_callback(&browser, "/auth/login", "alice").await;
    app.provider.fault(Endpoint::Token, Fault::transport(HttpErrorKind::Connect));
    refused(&app, &browser, &callback, 503, (2, 0)).await;
}

#[tokio::test]
async fn userinfo_at_login() {
    let rows = [
        ("another subject", Fault::patch(|user| user["sub"] = json!("mallory")), 400, 1),
        ("no subject", Fault::patch(|user| drop(user.as_object_mut().unwrap().remove("sub"))), 400, 1),
        ("401", Fault::status(401), 400, 1),
        ("403", Fault::status(403), 400, 1),
        ("500", Fault::status(500), 503, 2),
        ("timeout", Fault::silence(), 503, 1),
        ("no connection", Fault::transport(HttpErrorKind::Connect), 503, 2),
    ];
    for (name, fault, status, asked) in rows {
        let (app, browser) = (App::new(), Browser::default());
        app.provider.fault(Endpoint::UserInfo, fault);
        let callback = app.to_callback(&browser, "/auth/login", "alice").await;
        refused(&app, &browser, &callback, status, (1, asked)).await;
        assert!(browser.logins().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn without_userinfo_the_id_token_says_who_it_is() {
    let (app, browser) = (App::new(), Browser::default());
    app.provider.set_metadata(|document| drop(document.as_object_mut().unwrap().remove("userinfo_endpoint")));
    app.provider.id_token_fault(|token| token.claim("name", "Alice of the token"));
    is_redirect(&app.log_in(&browser, "/auth/login", "alice").await, "/");
    let user = app.page(&browser).await.unwrap();
    assert_eq!((user.subject(), user.name()), ("alice", Some("Alice of the token")));
    assert_eq!(app.asked(), (1, 0));
}

/// The keys come before the code is spent: an outage costs nobody a login.
#[tokio::test]
async fn keys_that_cannot_be_had() {
    let rows = [
        ("503", Fault::status(503)),
        ("404", Fault::status(404)),
        ("timeout", Fault::silence()),
        ("no connection", Fault::transport(HttpErrorKind::Connect)),
        ("a page", Fault::html()),
    ];
    for (name, fault) in rows {
        let (app, browser) = (App::new(), Browser::default());
        app.provider.fault(Endpoint::Jwks, fault);
        let callback = app.to_callback(&browser, "/auth/login?return_to=/account", "alice").await;
        refused(&app, &browser, &callback, 503, (0, 0)).await;
        assert_eq!(browser.logins().len(), 1, "{name}: the page may be reloaded");
        app.provider.heal(Endpoint::Jwks);
        app.provider.clock().advance(Duration::from_secs(2));
        is_redirect(&app.callback(&browser, &callback).await, "/account");
        assert_eq!((app.asked(), app.store.rows()), ((1, 1), 1), "{name}");
        assert!(browser.logins().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn keys_are_asked_for_once() {
    let (app, browser) = (App::new(), Browser::default());
    let callback = app.to_callback(&browser, "/auth/login", "alice").await;
    assert_eq!(app.provider.requests(Endpoint::Jwks), 0, "not before they are needed");
    is_redirect(&app.callback(&browser, &callback).await, "/");
    is_redirect(&app.log_in(&browser, "/auth/login", "bob").await, "/");
    assert_eq!((app.provider.requests(Endpoint::Jwks), app.provider.requests(Endpoint::Discovery)), (1, 1));
}

#[tokio::test]
async fn a_callback_that_nobody_believes_asks_for_no_keys() {
    let (app, browser) = (App::new(), Browser::default());
    let callback = app.to_callback(&browser, "/auth/login", "alice").await;
    refused(&app, &browser, &crate::app::replaced(&callback, "iss", Some("https://evil.example")), 400, (0, 0)).await;
    assert_eq!(app.provider.requests(Endpoint::Jwks), 0);
}

#[tokio::test]
async fn a_store_that_is_down() {
    let (app, browser) = (App::new(), Browser::default());
    let callback = app.to_callback(&browser, "/auth/login", "alice").await;
    app.store.set_down(true);
    refused(&app, &browser, &callback, 503, (1, 1)).await;

    let (app, browser) = (App::new(), Browser::default());
    is_redirect(&app.log_in(&browser, "/auth/login", "alice").await, "/");
    app.store.set_down(true);
    let refusal = app.page(&browser).await.unwrap_err();
    assert_eq!(refusal.error().code(), "temporarily_unavailable");
    let response = refusal.into_response();
    assert_eq!(response.status(), 503, "never anonymous, never a redirect");
    assert!(response.headers().contains_key("retry-after"));
    app.store.set_down(false);
    assert_eq!(app.user(&browser).await.as_deref(), Some("alice"), "the cookie is still there");
}
