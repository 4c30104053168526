//! Logins at the same time.

use std::time::Duration;

use portcullis::WebRoute;

use crate::answer::{is_page, is_redirect};
use crate::app::{App, Browser, get, set_cookies};

#[tokio::test]
async fn atk_f15_of_five_tabs_the_oldest_gives_way() {
    let (app, browser) = (App::new(), Browser::default());
    let mut urls = Vec::new();
    for tab in 1..=5 {
        urls.push(app.begin(&browser, &format!("/auth/login?return_to=/tab/{tab}")).await);
        assert_eq!(browser.logins().len(), tab.min(4));
        app.provider.clock().advance(Duration::from_secs(1));
    }
    let mut callbacks = Vec::new();
    for url in &urls {
        callbacks.push(app.provider.sign_in(url, "alice").await);
    }
    is_page(&app.callback(&browser, &callbacks[0]).await, 400, "the oldest");
    assert_eq!((app.asked(), app.store.inserted()), ((0, 0), 0));
    for (tab, callback) in callbacks.iter().enumerate().skip(1) {
        is_redirect(&app.callback(&browser, callback).await, &format!("/tab/{}", tab + 1));
        assert_eq!(app.user(&browser).await.as_deref(), Some("alice"));
    }
    assert!(browser.logins().is_empty());
    assert_eq!(app.store.rows(), 1, "each login ends the session before it");
}

#[tokio::test]
async fn atk_f15_cookies_of_nobody_give_way_first() {
    let (app, browser) = (App::new(), Browser::default());
    let callback = app.to_callback(&browser, "/auth/login?return_to=/mine", "alice").await;
    for tossed in 0..20 {
        browser.put(&format!("{}{tossed:016x}", crate::app::LOGIN), "planted");
    }
    app.begin(&browser, "/auth/login").await;
    assert_eq!(browser.logins().len(), 4);
    is_redirect(&app.callback(&browser, &callback).await, "/mine");
}

#[tokio::test]
async fn atk_f15_a_login_is_at_most_a_kibibyte() {
    let longest = format!("/{}", "a".repeat(511));
    let rows = [
        ("plain", "/auth/login".to_owned(), 303),
        ("longest return_to", format!("/auth/login?return_to={longest}"), 303),
        ("and levels", format!("/auth/login?return_to={longest}&acr_values=0+1&max_age=300"), 303),
        ("escapes in JSON", format!("/auth/login?return_to=/{}", "%22".repeat(500)), 303),
    ];
    for (name, login, status) in rows {
        for base in [crate::app::HTTPS, "http://127.0.0.1:8000"] {
            let (app, browser) = (App::at(base, |builder| builder), Browser::default());
            let response = app.visit(&browser, WebRoute::Login, get(&login)).await;
            assert_eq!(response.status(), status, "{name}");
            for cookie in set_cookies(response.headers()) {
                let pair = cookie.split(';').next().unwrap();
                assert!(pair.len() <= 1024, "{name}: {} bytes", pair.len());
            }
        }
    }
}

/// Whatever a link asks for, it is the link that is wrong, not the provider that is down.
#[tokio::test]
async fn levels_without_end_are_no_outage() {
    for levels in ["x".repeat(2000), "x".repeat(20_000), vec!["x".repeat(100); 50].join("+")] {
        let (app, browser) = (App::new(), Browser::default());
        let login = format!("/auth/login?acr_values={levels}");
        let response = app.visit(&browser, WebRoute::Login, get(&login)).await;
        assert_ne!(response.status(), 503);
        for cookie in set_cookies(response.headers()) {
            assert!(cookie.split(';').next().unwrap().len() <= 1024, "{} bytes", cookie.len());
        }
    }
}
