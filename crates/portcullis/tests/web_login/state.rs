//! Whose login it is that comes back: one browser's, once, in time.

use std::time::Duration;

use portcullis::{Guard, Head, WebRoute};
use portcullis_testkit::TestProvider;

use crate::answer::{is_redirect, refused};
use crate::app::{App, Browser, SESSION, parameter, replaced, with};

#[tokio::test]
async fn atk_f01_another_browser_cannot_finish_a_login() {
    let (app, victim, attacker) = (App::new(), Browser::default(), Browser::default());
    let callback = app.to_callback(&attacker, "/auth/login", "bob").await;
    refused(&app, &victim, &callback, 400, (0, 0)).await;
    app.begin(&victim, "/auth/login").await;
    refused(&app, &victim, &callback, 400, (0, 0)).await;
    assert_eq!(victim.logins().len(), 1, "the victim's own login goes on");
    is_redirect(&app.callback(&attacker, &callback).await, "/");
}

#[tokio::test]
async fn atk_f02_a_state_that_is_not_ours() {
    let long = "s".repeat(64_000);
    let rows = [
        ("missing", None),
        ("empty", Some("")),
        ("wrong", Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
        ("64 KiB", Some(long.as_str())),
        ("not ASCII", Some("é\0\r\nSet-Cookie: a=evil")),
    ];
    for (name, value) in rows {
        let (app, browser) = (App::new(), Browser::default());
        let callback = app.to_callback(&browser, "/auth/login", "alice").await;
        refused(&app, &browser, &replaced(&callback, "state", value), 400, (0, 0)).await;
        assert_eq!(browser.logins().len(), 1, "{name}: the true callback may still come");
        is_redirect(&app.callback(&browser, &callback).await, "/");
    }
}

#[tokio::test]
async fn atk_f02_a_state_that_came_twice() {
    for second in ["other", ""] {
        let (app, browser) = (App::new(), Browser::default());
        let callback = app.to_callback(&browser, "/auth/login", "alice").await;
        refused(&app, &browser, &with(&callback, "state", second), 400, (0, 0)).await;
    }
    let (app, browser) = (App::new(), Browser::default());
    let callback = app.to_callback(&browser, "/auth/login", "alice").await;
    let state = parameter(&callback, "state").unwrap();
    refused(&app, &browser, &with(&callback, "state", &state), 400, (0, 0)).await;
}

#[tokio::test]
async fn atk_f02_a_state_is_good_once() {
    let (app, browser) = (App::new(), Browser::default());
    let callback = app.to_callback(&browser, "/auth/login", "alice").await;
    let before = browser.copy();
    is_redirect(&app.callback(&browser, &callback).await, "/");
    let session = browser.get(SESSION).unwrap();
    for again in [&before, &browser] {
        crate::answer::is_page(&app.callback(again, &callback).await, 400, "replayed");
    }
    assert_eq!((app.asked(), app.store.inserted()), ((1, 1), 1), "the code was sent once");
    assert_eq!(browser.get(SESSION), Some(session), "who is logged in stays so");
    assert_eq!(app.user(&browser).await.as_deref(), Some("alice"));
    assert_eq!(app.user(&before).await, None);
}

#[tokio::test]
async fn atk_f02_of_two_callbacks_at_once_one_counts() {
    let (app, browser) = (App::new(), Browser::default());
    let callback = app.to_callback(&browser, "/auth/login", "alice").await;
    let (one, other) = (browser.copy(), browser.copy());
    let (first, second) = tokio::join!(app.callback(&one, &callback), app.callback(&other, &callback));
    let mut statuses = [first.status().as_u16(), second.status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 400]);
    assert_eq!((app.asked(), app.store.rows()), ((1, 1), 1));
}

#[tokio::test]
async fn atk_f02_a_login_has_ten_minutes() {
    for (seconds, in_time) in [(599, true), (600, false), (86_400, false)] {
        let (app, browser) = (App::new(), Browser::default());
        let url = app.begin(&browser, "/auth/login").await;
        app.provider.clock().advance(Duration::from_secs(seconds));
        let callback = app.provider.sign_in(&url, "alice").await;
        match in_time {
            true => is_redirect(&app.callback(&browser, &callback).await, "/"),
            false => refused(&app, &browser, &callback, 400, (0, 0)).await,
        }
        assert!(browser.logins().is_empty(), "after {seconds} s");
    }
}

#[tokio::test]
async fn atk_f07_the_code_of_another_login() {
    let (app, mine, theirs) = (App::new(), Browser::default(), Browser::default());
    let my_callback = app.to_callback(&mine, "/auth/login", "alice").await;
    let their_callback = app.to_callback(&theirs, "/auth/login", "bob").await;
    let code = parameter(&their_callback, "code").unwrap();
    refused(&app, &mine, &replaced(&my_callback, "code", Some(&code)), 400, (1, 0)).await;
}

#[tokio::test]
async fn atk_f16_a_cookie_that_we_have_not_written_for_this_login() {
    type Spoil = fn(&str, &str) -> String;
    let rows: [(&str, Spoil); 7] = [
        ("first character", |mine, _| format!("B{}", &mine[1..])),
        ("key id", |mine, _| format!("{}{}{}", &mine[..3], if &mine[3..4] == "A" { "B" } else { "A" }, &mine[4..])),
        ("cut", |mine, _| mine[..mine.len() - 4].to_owned()),
        ("longer", |mine, _| format!("{mine}AAAA")),
        ("quoted", |mine, _| format!("\"{mine}\"")),
        ("empty", |_, _| String::new()),
        ("another login's", |_, other| other.to_owned()),
    ];
    for (about, spoil) in rows {
        let (app, browser, other) = (App::new(), Browser::default(), Browser::default());
        let callback = app.to_callback(&browser, "/auth/login", "alice").await;
        app.begin(&other, "/auth/login").await;
        let (name, value) = browser.logins().remove(0);
        let spoilt = spoil(&value, &other.logins()[0].1);
        assert_ne!(spoilt, value, "{about}");
        browser.put(&name, &spoilt);
        refused(&app, &browser, &callback, 400, (0, 0)).await;
    }
}

#[tokio::test]
async fn atk_f16_another_applications_keys_open_nothing() {
    let keys = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
    let (here, browser) = (App::with(|builder| builder.cookie_keys(keys)), Browser::default());
    let callback = here.to_callback(&browser, "/auth/login", "alice").await;
    let same = App::with(|builder| builder.cookie_keys(keys));
    crate::answer::is_page(&same.callback(&browser.copy(), &callback).await, 400, "another provider's code");
    assert_eq!(same.asked().0, 1, "the same application on another node opens it");
    let other = App::at("http://localhost:8000", |builder| builder.cookie_keys(keys));
    refused(&other, &browser, &callback, 400, (0, 0)).await;
}

/// What the provider grants without a word is what was asked: the settings of today say nothing about it.
#[tokio::test]
async fn a_login_that_began_under_other_scopes_starts_again() {
    let keys = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
    let (app, browser) = (App::with(|builder| builder.cookie_keys(keys)), Browser::default());
    let callback = app.to_callback(&browser, "/auth/login", "alice").await;
    let node = |scopes: &[&str]| {
        let builder = Guard::web(app.provider.issuer(), TestProvider::CLIENT_ID, crate::app::HTTPS);
        let builder = builder.client_secret(TestProvider::CLIENT_SECRET).http_client(app.provider.http_client());
        let builder = builder.clock(app.provider.clock()).cookie_keys(keys).session_store(app.store.clone());
        builder.scopes(scopes.iter().copied()).build().unwrap()
    };
    for (scopes, status) in
        [(&["openid", "profile", "email", "admin"][..], 400), (&["openid", "profile", "email"], 303)]
    {
        let request = browser.with_cookies(crate::app::get(&callback));
        let visit = node(scopes).visit(WebRoute::Callback, &Head::of(&request), request.body());
        assert_eq!(visit.serve().await.status(), status, "{scopes:?}");
    }
}
