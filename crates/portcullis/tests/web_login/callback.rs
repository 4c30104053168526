//! What the provider's response must look like.

use crate::answer::{is_redirect, refused};
use crate::app::{App, Browser, edited, replaced, with};

#[tokio::test]
async fn atk_f03_parameters_that_came_twice() {
    for name in ["code", "iss", "error", "response"] {
        let (app, browser) = (App::new(), Browser::default());
        let callback = app.to_callback(&browser, "/auth/login", "alice").await;
        let doubled = with(&with(&replaced(&callback, name, Some("a")), name, "b"), "unknown", "1");
        refused(&app, &browser, &doubled, 400, (0, 0)).await;
    }
    let (app, browser) = (App::new(), Browser::default());
    let callback = app.to_callback(&browser, "/auth/login", "alice").await;
    let code = crate::app::parameter(&callback, "code").unwrap();
    refused(&app, &browser, &with(&callback, "code", &code), 400, (0, 0)).await;
}

#[tokio::test]
async fn atk_f03_code_and_error_together() {
    let (app, browser) = (App::new(), Browser::default());
    let callback = app.to_callback(&browser, "/auth/login", "alice").await;
    refused(&app, &browser, &with(&callback, "error", "access_denied"), 400, (0, 0)).await;
}

#[tokio::test]
async fn atk_f04_errors_become_a_page() {
    let long = "evil".repeat(2560);
    let rows = [
        ("denied", "access_denied", "The user said no"),
        ("unavailable", "temporarily_unavailable", ""),
        ("markup", "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>"),
        ("10 KiB", "server_error", long.as_str()),
        ("lines", "a\r\nSet-Cookie: evil=1", "javascript:alert(1)"),
    ];
    for (name, error, description) in rows {
        let (app, browser) = (App::new(), Browser::default());
        let callback = app.to_callback(&browser, "/auth/login", "alice").await;
        let answer = edited(&callback, |all| {
            all.retain(|(known, _)| known != "code");
            all.push(("error".to_owned(), error.to_owned()));
            all.push(("error_description".to_owned(), description.to_owned()));
            all.push(("error_uri".to_owned(), "javascript:alert(1)".to_owned()));
        });
        refused(&app, &browser, &answer, 400, (0, 0)).await;
        assert!(browser.logins().is_empty(), "{name}: the login is over");
        refused(&app, &browser, &callback, 400, (0, 0)).await;
    }
}

#[tokio::test]
async fn atk_f04_without_parameters() {
    let rows = [
        "/auth/callback",
        "/auth/callback?",
        "/auth/callback?&&=&",
        "/auth/callback?code=a",
        "/auth/callback?error=access_denied",
        "/auth/callback?error=%3Cscript%3Ealert(1)%3C/script%3E",
        "/auth/callback?%ff=%ff&state=%ff&code=%ff",
    ];
    for callback in rows {
        let (app, browser) = (App::new(), Browser::default());
        refused(&app, &browser, callback, 400, (0, 0)).await;
        assert_eq!(app.provider.asked(), [], "{callback}: nobody is asked for a stranger");
    }
}

#[tokio::test]
async fn without_a_code_there_is_nothing_to_ask_for() {
    for code in [None, Some("")] {
        let (app, browser) = (App::new(), Browser::default());
        let callback = app.to_callback(&browser, "/auth/login", "alice").await;
        refused(&app, &browser, &replaced(&callback, "code", code), 400, (0, 0)).await;
    }
}

#[tokio::test]
async fn atk_f05_the_response_names_the_provider() {
    let rows = [
        ("missing", true, None, false),
        ("empty", true, Some(""), false),
        ("another", true, Some("https://evil.example"), false),
        ("with a slash", true, Some("https://provider.test/"), false),
        ("in other case", true, Some("https://PROVIDER.test"), false),
        ("right", true, Some("https://provider.test"), true),
        ("missing, not announced", false, None, true),
        ("right, not announced", false, Some("https://provider.test"), true),
        ("another, not announced", false, Some("https://evil.example"), false),
    ];
    for (name, announced, issuer, accepted) in rows {
        let (app, browser) = (App::new(), Browser::default());
        app.provider.set_authorization_response_iss(announced);
        let callback = app.to_callback(&browser, "/auth/login", "alice").await;
        let callback = replaced(&callback, "iss", issuer);
        match accepted {
            true => is_redirect(&app.callback(&browser, &callback).await, "/"),
            false => refused(&app, &browser, &callback, 400, (0, 0)).await,
        }
        assert!(browser.logins().is_empty(), "{name}");
    }
}
