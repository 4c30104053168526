//! The library's pages, and an application's own in their place.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::{HeaderValue, SET_COOKIE};
use http::{Request, Response};
use portcullis::{AuthError, Head, UserInfo, WebPageCode, WebRoute};
use portcullis_testkit::{Endpoint, Fault};

use crate::answer::{is_framed_page, is_page, is_redirect};
use crate::app::{App, Browser, SESSION, get, post, set_cookies};

/// F17: what any of the routes answers, whatever is asked of it.
#[tokio::test]
async fn atk_f17_every_answer_is_private() {
    let app = App::new();
    let routes = WebRoute::ALL.iter().copied().chain([WebRoute::Unknown]);
    for route in routes {
        for method in ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "LOGIN"] {
            for query in ["", "?state=a&code=b", "?return_to=/a&return_to=/b", "?%00=%ff"] {
                let request = Request::builder().method(method).uri(format!("/any{query}")).body(Bytes::new()).unwrap();
                let answer = app.visit(&Browser::default(), route, request).await;
                let about = format!("{method} {route:?} {query}: {answer:?}");
                let header = |name| answer.headers().get(name).map(|value| value.to_str().unwrap());
                assert_eq!(header("cache-control"), Some("no-store"), "{about}");
                assert_eq!(header("referrer-policy"), Some("no-referrer"), "{about}");
                assert_eq!(header("x-content-type-options"), Some("nosniff"), "{about}");
                assert!(!answer.status().is_redirection() || answer.status() == 303, "{about}");
                let html = std::str::from_utf8(answer.body()).unwrap();
                assert!(!html.contains("//") || html.starts_with("{"), "nothing of a third party: {about}");
            }
        }
    }
    assert_eq!(app.store.inserted(), 0);
}

/// X05: nothing that a page is asked with stands on it, but for a way back that was validated, in the link.
#[tokio::test]
async fn atk_x05_no_page_repeats_what_it_was_asked() {
    let values =
        ["<script>alert(1)</script>evil", "\"><img src=x onerror=alert(1)>evil", "evil'`{{7*7}}", "javascript:evil"];
    let names = ["return_to", "iss", "state", "code", "error", "error_description", "error_uri", "login_hint", "evil"];
    for route in WebRoute::ALL.iter().copied().chain([WebRoute::Unknown]) {
        let mut pages = 0;
        for value in values {
            for name in names {
                let query = url::form_urlencoded::Serializer::new(String::new());
                let query = { query }.append_pair(name, value).append_pair("iss", value).finish();
                for method in ["GET", "PUT"] {
                    let request = Request::builder().method(method).uri(format!("/evil?{query}"));
                    let request = request.body(Bytes::new()).unwrap();
                    let page = App::new().visit(&Browser::default(), route, request).await;
                    let is_as_it_should_be = match (route, method) {
                        (WebRoute::FrontChannelLogout, "GET") => is_framed_page,
                        _ => is_page,
                    };
                    is_as_it_should_be(&page, page.status().as_u16(), &format!("{method} {route:?} {name}"));
                    pages += 1;
                }
            }
        }
        assert_eq!(pages, 72);
    }
}

#[tokio::test]
async fn an_address_that_does_not_exist() {
    let app = App::new();
    for method in ["GET", "POST", "DELETE"] {
        let request = Request::builder().method(method).uri("/auth/evil").body(Bytes::new()).unwrap();
        is_page(&app.visit(&Browser::default(), WebRoute::Unknown, request).await, 404, method);
    }
    assert_eq!(app.provider.asked(), []);
}

type Seen = Arc<Mutex<Vec<(WebPageCode, u16)>>>;

/// An application that shows its own pages, and forgets every header of ours.
fn dressed() -> (App, Seen) {
    let seen = Seen::default();
    let told = Arc::clone(&seen);
    let app = App::with(|builder| {
        builder.on_page(move |page, response| {
            told.lock().unwrap().push((page.code(), response.status().as_u16()));
            let link = page.link().map_or("", |(address, _)| address);
            let mut own = Response::new(Bytes::from(format!("own: {} {link}", page.code().as_str())));
            *own.status_mut() = response.status();
            own.headers_mut().insert("cache-control", HeaderValue::from_static("public, max-age=600"));
            own.headers_mut().insert("referrer-policy", HeaderValue::from_static("unsafe-url"));
            own.headers_mut().append(SET_COOKIE, HeaderValue::from_static("theme=dark"));
            own
        })
    });
    (app, seen)
}

fn is_own(response: &Response<Bytes>, status: u16, text: &str) {
    assert_eq!((response.status().as_u16(), &response.body()[..]), (status, text.as_bytes()));
    for (name, value) in
        [("cache-control", "no-store"), ("referrer-policy", "no-referrer"), ("x-content-type-options", "nosniff")]
    {
        assert_eq!(response.headers().get_all(name).iter().collect::<Vec<_>>(), [value], "{text}");
    }
    assert!(set_cookies(response.headers()).contains(&"theme=dark".to_owned()), "{text}");
}

#[tokio::test]
async fn every_page_can_be_the_applications_own() {
    let (app, seen) = dressed();
    let browser = Browser::default();
    let doubled = app.visit(&browser, WebRoute::Login, get("/auth/login?return_to=/a&return_to=/b")).await;
    is_own(&doubled, 400, "own: login_not_possible /");
    is_own(&app.visit(&browser, WebRoute::LoggedOut, get("/auth/logged-out")).await, 200, "own: signed_out /");
    is_own(&app.visit(&browser, WebRoute::Unknown, get("/auth/a")).await, 404, "own: not_found /");
    is_own(&app.visit(&browser, WebRoute::Logout, get("/auth/logout")).await, 405, "own: method_not_allowed /");
    let elsewhere = post("/auth/logout", &[("origin", "null"), ("sec-fetch-mode", "navigate")]);
    is_own(&app.visit(&browser, WebRoute::Logout, elsewhere).await, 403, "own: cross_site /");
    let large = crate::form_post::posted("/auth/callback", &"a".repeat(64 * 1024 + 1));
    is_own(&app.visit(&browser, WebRoute::Callback, large).await, 413, "own: too_large /");
    app.provider.fault(Endpoint::Discovery, Fault::status(503));
    is_own(&app.visit(&browser, WebRoute::Login, get("/auth/login")).await, 503, "own: unavailable /");
    app.provider.heal(Endpoint::Discovery);
    app.provider.clock().advance(std::time::Duration::from_secs(2));

    let callback = app.to_callback(&browser, "/auth/login?return_to=/a&acr_values=9", "alice").await;
    let weak = app.callback(&browser, &callback).await;
    is_own(&weak, 403, "own: login_too_weak /auth/login?return_to=%2Fa");
    assert!(browser.logins().is_empty(), "the cookie of the login is deleted all the same");
    is_own(&app.callback(&browser, &callback).await, 400, "own: login_refused /auth/login");
    let seen: Vec<_> = seen.lock().unwrap().iter().map(|(_, status)| *status).collect();
    assert_eq!(seen, [400, 200, 404, 405, 403, 413, 503, 403, 400], "each once, with its status");
}

/// A redirect and a refusal to a script are no pages.
#[tokio::test]
async fn what_is_no_page_stays_as_it_is() {
    let (app, seen) = dressed();
    let browser = app.logged_in().await;
    let elsewhere = app.visit(&browser, WebRoute::Logout, post("/auth/logout", &[("origin", "null")])).await;
    assert_eq!((elsewhere.status().as_u16(), &elsewhere.body()[..]), (403, &br#"{"error":"cross_site"}"#[..]));
    assert_eq!(app.visit(&browser, WebRoute::Logout, post("/auth/logout", &[])).await.status(), 303);
    assert!(!browser.has(SESSION) && seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_page_with_a_form_may_say_where_it_comes_from() {
    let app = App::with(|builder| {
        builder.on_page(|_, mut response| {
            response.headers_mut().insert("referrer-policy", HeaderValue::from_static("same-origin"));
            response
        })
    });
    let page = app.visit(&Browser::default(), WebRoute::LoggedOut, get("/auth/logged-out")).await;
    assert_eq!(page.headers()["referrer-policy"], "same-origin");
}

type Headers = &'static [(&'static str, &'static str)];

async fn refusal(app: &App, browser: &Browser, method: &str, headers: Headers) -> (AuthError, Response<Bytes>) {
    let mut request = Request::builder().method(method).uri("/order").body(Bytes::new()).unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    let attempt = app.guard.attempt(&Head::of(&browser.with_cookies(request)));
    let refusal = attempt.admit::<UserInfo, ()>().await.unwrap_err();
    (refusal.error().clone(), refusal.into_response())
}

/// A person sees a page where nobody can be asked, and what a form has sent goes nowhere else.
#[tokio::test]
async fn atk_m08_an_outage_is_a_page_for_a_person_and_a_code_for_a_script() {
    let rows: [(&str, Headers, bool); 8] = [
        ("GET", &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")], true),
        ("GET", &[("accept", "text/html")], true),
        ("POST", &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")], true),
        ("POST", &[("sec-fetch-mode", "navigate"), ("sec-fetch-site", "same-origin")], true),
        ("POST", &[("accept", "text/html,*/*"), ("origin", "https://app.example.com")], true),
        ("POST", &[("sec-fetch-mode", "cors"), ("accept", "text/html")], false),
        ("POST", &[("accept", "application/json")], false),
        ("PUT", &[("accept", "text/html")], false),
    ];
    let app = App::new();
    let browser = app.logged_in().await;
    app.store.set_down(true);
    for (method, headers, is_person) in rows {
        let (error, response) = refusal(&app, &browser, method, headers).await;
        assert_eq!(error.code(), "temporarily_unavailable", "{method} {headers:?}");
        match is_person {
            true => is_page(&response, 503, method),
            false => {
                assert_eq!(response.status(), 503, "{method} {headers:?}");
                assert_eq!(response.body(), r#"{"error":"temporarily_unavailable"}"#, "{method} {headers:?}");
            }
        }
        assert!(response.headers().contains_key("retry-after"), "{method} {headers:?}");
    }
    app.store.set_down(false);
    let (error, response) = refusal(&app, &Browser::default(), "POST", rows[2].1).await;
    assert_eq!((error.code(), response.status().as_u16()), ("missing_credentials", 401));
    assert!(!response.headers().contains_key("location"), "what the form has sent would be lost");
}

#[tokio::test]
async fn an_outage_shows_the_applications_own_page() {
    let (app, _) = dressed();
    let browser = app.logged_in().await;
    app.store.set_down(true);
    let (_, response) = refusal(&app, &browser, "POST", &[("sec-fetch-mode", "navigate")]).await;
    is_own(&response, 503, "own: unavailable /");
    app.store.set_down(false);
    is_redirect(&app.log_in(&browser, "/auth/login", "alice").await, "/");
}
