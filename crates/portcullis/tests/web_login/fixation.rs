//! Session ids that somebody else knows.

use http::header::COOKIE;

use crate::answer::is_redirect;
use crate::app::{App, Browser, SESSION, get};

const PLANTED: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[tokio::test]
async fn atk_s01_a_planted_id_never_becomes_valid() {
    let (app, victim, attacker) = (App::new(), Browser::default(), Browser::default());
    for browser in [&victim, &attacker] {
        browser.put(SESSION, PLANTED);
    }
    let callback = app.to_callback(&victim, "/auth/login", "alice").await;
    assert_eq!(victim.get(SESSION).as_deref(), Some(PLANTED), "nothing was read so far");
    is_redirect(&app.callback(&victim, &callback).await, "/");
    assert_ne!(victim.get(SESSION).as_deref(), Some(PLANTED));
    assert_eq!(app.user(&victim).await.as_deref(), Some("alice"));
    assert_eq!(app.user(&attacker).await, None);
    assert!(!attacker.has(SESSION), "an id that is nobody's is deleted");
    assert_eq!(app.store.rows(), 1);
}

#[tokio::test]
async fn atk_s01_the_session_before_is_gone() {
    let app = App::new();
    let browser = app.logged_in().await;
    let before = browser.copy();
    is_redirect(&app.log_in(&browser, "/auth/login", "bob").await, "/");
    assert_ne!(browser.get(SESSION), before.get(SESSION));
    assert_eq!(app.user(&browser).await.as_deref(), Some("bob"));
    assert_eq!(app.user(&before).await, None);
    assert_eq!((app.store.rows(), app.store.inserted()), (1, 2));
}

#[tokio::test]
async fn atk_s01_a_login_that_fails_ends_nothing() {
    let app = App::new();
    let browser = app.logged_in().await;
    let callback = app.to_callback(&browser, "/auth/login", "bob").await;
    let denied = crate::app::replaced(&callback, "code", None);
    crate::answer::is_page(&app.callback(&browser, &denied).await, 400, "no code");
    assert_eq!(app.user(&browser).await.as_deref(), Some("alice"));
}

#[tokio::test]
async fn atk_s02_values_that_are_no_ids_open_nothing() {
    let app = App::new();
    let browser = app.logged_in().await;
    let id = browser.get(SESSION).unwrap();
    let last = if id.ends_with('A') { 'B' } else { 'A' };
    let rows = ["", "a", "null", &id[1..], &format!("{id}A"), &format!("\"{id}\""), &format!("{}{last}", &id[..42])];
    for value in rows {
        let other = Browser::default();
        other.put(SESSION, value);
        assert_eq!(app.user(&other).await, None, "{value}");
        assert!(!other.has(SESSION), "{value}");
    }
    assert_eq!(app.user(&browser).await.as_deref(), Some("alice"));
}

#[tokio::test]
async fn atk_s04_of_two_cookies_of_one_name_none_counts() {
    let app = App::new();
    let browser = app.logged_in().await;
    let id = browser.get(SESSION).unwrap();
    for header in [format!("{SESSION}={id}; {SESSION}={PLANTED}"), format!("{SESSION}={id}; {SESSION}={id}")] {
        let mut request = get("/account");
        request.headers_mut().insert(COOKIE, header.parse().unwrap());
        let attempt = app.guard.attempt(&portcullis::Head::of(&request));
        let refusal = attempt.admit::<portcullis::UserInfo, ()>().await.unwrap_err();
        assert_eq!(refusal.error().code(), "missing_credentials");
        let mut headers = http::HeaderMap::new();
        attempt.write_back(&mut headers);
        let cookies = crate::app::set_cookies(&headers);
        assert_eq!(cookies, [format!("{SESSION}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")]);
    }
}

#[tokio::test]
async fn a_login_that_the_store_cannot_keep_ends_nothing() {
    let app = App::new();
    let browser = app.logged_in().await;
    let callback = app.to_callback(&browser, "/auth/login", "bob").await;
    app.store.refuse_inserts(true);
    crate::answer::is_page(&app.callback(&browser, &callback).await, 503, "store full");
    app.store.refuse_inserts(false);
    assert_eq!(app.user(&browser).await.as_deref(), Some("alice"));
}
