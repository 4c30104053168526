//! The end of a session.

use bytes::Bytes;
use http::{Request, Response};
use portcullis::WebRoute;
use portcullis_testkit::Endpoint;

use crate::answer::{is_page, is_redirect};
use crate::app::{App, Browser, SESSION, get, location, parameter, parameters, post, set_cookies};

async fn leave(app: &App, browser: &Browser, headers: &[(&'static str, &str)]) -> Response<Bytes> {
    app.visit(browser, WebRoute::Logout, post("/auth/logout", headers)).await
}

#[tokio::test]
async fn a_logout_ends_the_session_here_and_leads_to_the_provider() {
    let app = App::new();
    let browser = app.logged_in().await;
    let before = browser.copy();
    let response = leave(&app, &browser, &[("sec-fetch-site", "same-origin")]).await;
    let url = location(&response);
    is_redirect(&response, &url);
    assert!(url.starts_with("https://provider.test/end_session?"), "{url}");
    assert_eq!(parameter(&url, "post_logout_redirect_uri").as_deref(), Some("https://app.example.com/auth/logged-out"));
    assert_eq!(parameter(&url, "id_token_hint").unwrap().split('.').count(), 3);
    assert!(parameters(&url).iter().all(|(name, _)| !name.contains("access") && !name.contains("refresh")));
    let gone = format!("{SESSION}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    assert_eq!(set_cookies(response.headers()), [gone]);
    assert_eq!(app.store.rows(), 0);
    assert_eq!(app.user(&before).await, None, "the cookie of before is worth nothing");
    assert_eq!(app.user(&browser).await, None);
    let back = app.provider.browser().open(&url).await;
    let state = parameter(&url, "state").unwrap();
    assert_eq!(back, format!("https://app.example.com/auth/logged-out?state={state}"));
    is_page(&app.visit(&browser, WebRoute::LoggedOut, get(&back)).await, 200, "logged out");
}

#[tokio::test]
async fn without_a_session_there_is_nothing_to_end() {
    let long = "a".repeat(43);
    for value in [None, Some(""), Some("no id"), Some(long.as_str())] {
        let (app, browser) = (App::new(), Browser::default());
        if let Some(value) = value {
            browser.put(SESSION, value);
        }
        is_redirect(&leave(&app, &browser, &[]).await, "/auth/logged-out");
        assert!(!browser.has(SESSION), "{value:?}");
        assert_eq!(app.provider.asked(), [], "{value:?}");
    }
}

#[tokio::test]
async fn atk_x01_another_site_ends_nothing() {
    type Headers = &'static [(&'static str, &'static str)];
    let rows: [(Headers, bool); 14] = [
        (&[], true),
        (&[("sec-fetch-site", "same-origin")], true),
        (&[("sec-fetch-site", "none")], true),
        (&[("origin", "https://app.example.com")], true),
        (&[("sec-fetch-site", "same-site")], false),
        (&[("sec-fetch-site", "cross-site")], false),
        (&[("sec-fetch-site", "cross-site"), ("origin", "https://app.example.com")], false),
        (&[("sec-fetch-site", "SAME-ORIGIN")], false),
        (&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], false),
        (&[("origin", "null")], false),
        (&[("origin", "https://evil.example.com")], false),
        (&[("origin", "http://app.example.com")], false),
        (&[("origin", "https://app.example.com:444")], false),
        (&[("origin", "https://app.example.com"), ("origin", "https://evil.example")], false),
    ];
    for (headers, allowed) in rows {
        let app = App::new();
        let browser = app.logged_in().await;
        let response = leave(&app, &browser, headers).await;
        assert_eq!(response.status(), if allowed { 303 } else { 403 }, "{headers:?}");
        assert_eq!(app.store.rows(), usize::from(!allowed), "{headers:?}");
        assert_eq!(app.user(&browser).await.is_some(), !allowed, "{headers:?}");
        if !allowed {
            assert_eq!(response.body(), r#"{"error":"cross_site"}"#);
            is_a_page_for_a_person(&app, &browser, headers).await;
            assert!(set_cookies(response.headers()).is_empty(), "{headers:?}: nothing changes");
            assert_eq!(response.headers()["cache-control"], "no-store");
        }
    }
}

async fn is_a_page_for_a_person(app: &App, browser: &Browser, headers: &[(&'static str, &str)]) {
    let person = [headers, &[("sec-fetch-mode", "navigate")]].concat();
    let page = leave(app, browser, &person).await;
    is_page(&page, 403, "You are not signed out");
    assert!(set_cookies(page.headers()).is_empty(), "{headers:?}: nothing changes");
    assert!(app.user(browser).await.is_some(), "{headers:?}");
}

#[tokio::test]
async fn atk_x01_a_link_ends_nothing() {
    for method in ["GET", "HEAD", "PUT", "DELETE", "post"] {
        let app = App::new();
        let browser = app.logged_in().await;
        let request = Request::builder().method(method).uri("/auth/logout").body(Bytes::new()).unwrap();
        let response = app.visit(&browser, WebRoute::Logout, request).await;
        is_page(&response, 405, method);
        assert_eq!(response.headers()["allow"], "POST");
        assert!(browser.has(SESSION) && app.store.rows() == 1, "{method}");
    }
}

#[tokio::test]
async fn one_browser_leaves_and_the_other_stays() {
    let app = App::new();
    let (one, other) = (app.logged_in().await, app.logged_in().await);
    leave(&app, &one, &[]).await;
    assert_eq!((app.user(&one).await, app.user(&other).await), (None, Some("alice".to_owned())));
    assert_eq!(app.provider.requests(Endpoint::EndSession), 0, "the browser goes there, not we");
}
