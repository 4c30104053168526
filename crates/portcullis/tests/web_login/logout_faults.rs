//! A logout while something else is down, or too much of it.

use bytes::Bytes;
use http::Request;
use http::header::COOKIE;
use portcullis::WebRoute;
use portcullis_testkit::{Endpoint, Fault};

use crate::answer::{is_page, is_redirect};
use crate::app::{App, Browser, SESSION, post};

#[tokio::test]
async fn a_store_that_is_down_is_said_and_the_cookie_goes() {
    let app = App::new();
    let browser = app.logged_in().await;
    app.store.set_down(true);
    let response = app.visit(&browser, WebRoute::Logout, post("/auth/logout", &[])).await;
    is_page(&response, 503, "store down");
    assert!(!browser.has(SESSION));
    assert_eq!(app.store.rows(), 1, "it could not be removed");
}

#[tokio::test]
async fn a_provider_that_is_down_does_not_keep_anybody() {
    let app = App::new();
    let browser = app.logged_in().await;
    app.provider.stop().await;
    app.provider.fault(Endpoint::Discovery, Fault::status(503));
    app.provider.clock().advance(std::time::Duration::from_secs(2 * 24 * 3600));
    let response = app.visit(&browser, WebRoute::Logout, post("/auth/logout", &[])).await;
    assert_eq!(response.status(), 303);
    assert_eq!(app.store.rows(), 0);
    assert!(!browser.has(SESSION));
}

#[tokio::test]
async fn a_provider_without_an_end_of_sessions() {
    let app = App::new();
    app.provider.set_metadata(|document| drop(document.as_object_mut().unwrap().remove("end_session_endpoint")));
    let browser = app.logged_in().await;
    let response = app.visit(&browser, WebRoute::Logout, post("/auth/logout", &[])).await;
    is_redirect(&response, "/auth/logged-out");
    assert_eq!(app.store.rows(), 0);
}

#[tokio::test]
async fn atk_s04_two_cookies_of_one_name_are_deleted_and_end_nobody() {
    let app = App::new();
    let browser = app.logged_in().await;
    let id = browser.get(SESSION).unwrap();
    let mut request = post("/auth/logout", &[]);
    request.headers_mut().insert(COOKIE, format!("{SESSION}={id}; {SESSION}=x").parse().unwrap());
    let response = app.visit(&Browser::default(), WebRoute::Logout, request).await;
    is_redirect(&response, "/auth/logged-out");
    assert!(crate::app::set_cookies(response.headers())[0].contains("Max-Age=0"));
}

#[tokio::test]
async fn bodies_beyond_64_kib_are_refused() {
    for (bytes, status) in [(64 * 1024, 303), (64 * 1024 + 1, 413)] {
        let app = App::new();
        let browser = app.logged_in().await;
        let request = Request::post("/auth/logout").body(Bytes::from(vec![b'a'; bytes])).unwrap();
        let response = app.visit(&browser, WebRoute::Logout, request).await;
        assert_eq!(response.status(), status);
        assert_eq!(app.store.rows(), usize::from(status == 413));
    }
}
