//! The login as it should be.

use portcullis::WebRoute;
use portcullis_testkit::Endpoint;
use serde_json::json;

use crate::answer::{is_page, is_redirect};
use crate::app::{App, Browser, HTTPS, LOGIN, SESSION, get, location, parameter, parameters, set_cookies};

/// The cookie with `*` in place of what differs from login to login; the length of its value.
fn shape(cookie: &str) -> (String, usize) {
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    let (name, value) = pair.split_once('=').unwrap();
    let name = match name.rsplit_once("login-") {
        Some((before, after)) => {
            let suffix = after.rsplit('-').next().unwrap();
            assert!(suffix.len() == 16 && suffix.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
            format!("{before}login-{}*", after.strip_suffix(suffix).unwrap())
        }
        None => name.to_owned(),
    };
    (format!("{name}; {attributes}"), value.len())
}

#[tokio::test]
async fn atk_s05_a_whole_login_and_its_cookies() {
    let (app, browser) = (App::new(), Browser::default());
    assert_eq!(app.user(&browser).await, None);
    let begun = app.visit(&browser, WebRoute::Login, get("/auth/login?return_to=%2Faccount%3Ftab%3D1")).await;
    is_redirect(&begun, &location(&begun));
    let cookies = set_cookies(begun.headers());
    assert_eq!(cookies.len(), 1);
    assert_eq!(shape(&cookies[0]).0, format!("{LOGIN}*; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600"));
    assert_eq!((app.asked(), app.store.inserted()), ((0, 0), 0));

    let callback = app.provider.sign_in(&location(&begun), "alice").await;
    assert!(callback.starts_with("https://app.example.com/auth/callback?"), "{callback}");
    let finished = app.callback(&browser, &callback).await;
    is_redirect(&finished, "/account?tab=1");
    let cookies: Vec<_> = set_cookies(finished.headers()).iter().map(|cookie| shape(cookie)).collect();
    let session = format!("{SESSION}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800");
    let gone = format!("{LOGIN}*; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    assert_eq!(cookies, [(session, 43), (gone, 0)]);
    assert_eq!((app.asked(), app.store.rows()), ((1, 1), 1));

    let user = app.page(&browser).await.unwrap();
    assert_eq!(
        (user.subject(), user.name(), user.email()),
        ("alice", Some("Alice Liddell"), Some("alice@example.com"))
    );
    assert_eq!(app.asked(), (1, 1), "the session answers by itself");
}

#[tokio::test]
async fn atk_s05_plain_http_on_loopback_has_names_of_its_own() {
    let (app, browser) = (App::at("http://127.0.0.1:8000", |builder| builder), Browser::default());
    let begun = app.visit(&browser, WebRoute::Login, get("/auth/login")).await;
    let callback = app.provider.sign_in(&location(&begun), "alice").await;
    let finished = app.callback(&browser, &callback).await;
    is_redirect(&finished, "/");
    let [login, session] = [&begun, &finished].map(|response| set_cookies(response.headers()).remove(0));
    let (session, length) = shape(&session);
    let mark = session.strip_prefix("portcullis-session-").unwrap().split(';').next().unwrap();
    assert!(mark.len() == 6 && mark.bytes().all(|byte| byte.is_ascii_hexdigit()), "{mark}");
    assert_eq!(length, 43);
    assert_eq!(session, format!("portcullis-session-{mark}; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800"));
    let expected = format!("portcullis-login-{mark}-*; Path=/; HttpOnly; SameSite=Lax; Max-Age=600");
    assert_eq!(shape(&login).0, expected);
    assert_eq!(app.user(&browser).await.as_deref(), Some("alice"));
}

#[tokio::test]
async fn the_provider_is_asked_for_exactly_this() {
    let (app, browser) = (App::new(), Browser::default());
    let url = app.begin(&browser, "/auth/login?return_to=%2Fsecret-page").await;
    let mut names: Vec<_> = parameters(&url).into_iter().map(|(name, _)| name).collect();
    names.sort();
    let expected = [
        "client_id",
        "code_challenge",
        "code_challenge_method",
        "nonce",
        "redirect_uri",
        "response_type",
        "scope",
        "state",
    ];
    assert_eq!(names, expected);
    assert_eq!(parameter(&url, "redirect_uri"), Some(format!("{HTTPS}/auth/callback")));
    assert_eq!(parameter(&url, "scope").as_deref(), Some("openid profile email"));
    assert_eq!(parameter(&url, "code_challenge_method").as_deref(), Some("S256"));
    assert!(!url.contains("secret-page"), "where the user goes afterwards is nobody else's business");
}

#[tokio::test]
async fn every_login_is_new() {
    let (app, browser) = (App::new(), Browser::default());
    let (first, second) = (app.begin(&browser, "/auth/login").await, app.begin(&browser, "/auth/login").await);
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(parameter(&first, name), parameter(&second, name), "{name}");
    }
}

/// A record in a store has no reason to be as small as a cookie: providers list a user's groups.
#[tokio::test]
async fn much_is_known_about_some_users() {
    for groups in [10, 100, 500] {
        let (app, browser) = (App::new(), Browser::default());
        let names: Vec<_> = (0..groups).map(|group| format!("/castles/of/the/north/number-{group:05}")).collect();
        app.provider.user("carol", json!({"name": "Carol", "groups": names}));
        let finished = app.log_in(&browser, "/auth/login", "carol").await;
        assert_eq!(finished.status(), 303, "{groups} groups");
        let user = app.page(&browser).await.unwrap();
        assert_eq!(user.claim::<Vec<String>>("groups").unwrap().len(), groups);
    }
}

#[tokio::test]
async fn userinfo_may_be_left_out() {
    let (app, browser) = (App::with(|builder| builder.user_info_at_login(false)), Browser::default());
    app.log_in(&browser, "/auth/login", "alice").await;
    assert_eq!(app.user(&browser).await.as_deref(), Some("alice"));
    assert_eq!(app.provider.requests(Endpoint::UserInfo), 0);
}

#[tokio::test]
async fn a_get_is_a_get() {
    for (route, path) in [(WebRoute::Login, "/auth/login"), (WebRoute::LoggedOut, "/auth/logged-out")] {
        let (app, browser) = (App::new(), Browser::default());
        let response = app.visit(&browser, route, crate::app::post(path, &[])).await;
        is_page(&response, 405, path);
        assert_eq!(response.headers()["allow"], "GET");
        assert_eq!(app.provider.asked(), [], "{path}");
    }
}
