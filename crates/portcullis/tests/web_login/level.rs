//! Logins that must be strong or recent enough.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use portcullis::{GuardBuilder, Head, Require, Requirement, UserInfo, requirement};
use portcullis_testkit::TokenBuilder;

use crate::answer::{is_page, is_redirect, refused};
use crate::app::{App, Browser, location};

fn levels(builder: GuardBuilder) -> GuardBuilder {
    builder.acr_values(["0", "1", "2"])
}

#[tokio::test]
async fn a_level_that_was_asked_for_is_compared() {
    let rows: [(&str, Option<&str>, bool); 8] = [
        ("1", Some("1"), true),
        ("1", Some("2"), true),
        ("1", Some("0"), false),
        ("1", None, false),
        ("2+1", Some("1"), true),
        ("gold", Some("gold"), true),
        ("gold", Some("2"), false),
        ("1", Some("gold"), false),
    ];
    for (wanted, granted, accepted) in rows {
        let (app, browser) = (App::with(levels), Browser::default());
        app.provider.id_token_fault(move |token| match granted {
            Some(level) => token.acr(level),
            None => token.without("acr"),
        });
        let login = format!("/auth/login?return_to=/settings&acr_values={wanted}");
        let callback = app.to_callback(&browser, &login, "alice").await;
        match accepted {
            true => is_redirect(&app.callback(&browser, &callback).await, "/settings"),
            false => refused(&app, &browser, &callback, 403, (1, 0)).await,
        }
        assert_eq!(app.store.rows(), usize::from(accepted), "{wanted} {granted:?}");
    }
}

#[tokio::test]
async fn a_weak_step_up_leaves_the_session_as_it_was() {
    let app = App::with(levels);
    let browser = app.logged_in().await;
    app.provider.id_token_fault(|token| token.acr("0"));
    let response = app.log_in(&browser, "/auth/login?acr_values=1", "alice").await;
    is_page(&response, 403, "too weak");
    assert_eq!(app.store.rows(), 1);
    assert_eq!(app.user(&browser).await.as_deref(), Some("alice"));
}

#[tokio::test]
async fn atk_c08_an_age_that_was_asked_for_is_compared() {
    let rows = [(Some(0), true), (Some(360), true), (Some(361), false), (Some(86_400), false), (None, false)];
    for (age, accepted) in rows {
        let (app, browser) = (App::new(), Browser::default());
        let now = app.provider.clock().unix();
        app.provider.id_token_fault(move |token| match age {
            Some(age) => token.claim("auth_time", now - age),
            None => token.without("auth_time"),
        });
        let callback = app.to_callback(&browser, "/auth/login?max_age=300&return_to=/vault", "alice").await;
        match accepted {
            true => is_redirect(&app.callback(&browser, &callback).await, "/vault"),
            false => refused(&app, &browser, &callback, 403, (1, 0)).await,
        }
        assert!(browser.logins().is_empty(), "{age:?}");
    }
}

struct Recent;
impl Require for Recent {
    const REQUIREMENT: Requirement<'static> = requirement::max_age(Duration::from_secs(60));
}

/// A provider that ignores `max_age`: the browser is sent there once, and then told.
#[tokio::test]
async fn atk_a12_an_old_login_ends_on_a_page_and_not_in_a_circle() {
    for change in [|token: TokenBuilder| token.claim("auth_time", 1), |token: TokenBuilder| token.without("auth_time")]
    {
        let app = App::new();
        let browser = app.logged_in().await;
        app.provider.clock().advance(Duration::from_secs(121));
        app.provider.id_token_fault(change);
        let request = Request::get("/vault").header("accept", "text/html").body(Bytes::new()).unwrap();
        let attempt = app.guard.attempt(&Head::of(&browser.with_cookies(request)));
        let refusal = attempt.admit::<UserInfo, Recent>().await.unwrap_err().into_response();
        let login = location(&refusal);
        assert_eq!(login, "/auth/login?return_to=%2Fvault&max_age=60");
        let ended = app.log_in(&browser, &login, "alice").await;
        is_page(&ended, 403, "too old");
        let html = std::str::from_utf8(ended.body()).unwrap();
        assert!(html.contains("href=\"/auth/login?return_to=%2Fvault\""), "{html}");
        assert_eq!(app.user(&browser).await.as_deref(), Some("alice"), "the session stays as it was");
        assert_eq!(app.store.rows(), 1);
    }
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    for (steps, hours, alive) in [(1, 11, true), (1, 13, false), (15, 11, true), (16, 11, false)] {
        let app = App::with(|builder| builder.acr_values(["0", "1"]));
        let browser = app.logged_in().await;
        let mut user = None;
        for _ in 0..steps {
            app.provider.clock().advance(Duration::from_secs(hours * 3600));
            user = app.user(&browser).await;
        }
        assert_eq!(user.is_some(), alive, "{steps} times {hours} h");
        assert_eq!(browser.has(crate::app::SESSION), alive, "a cookie that opens nothing is deleted");
    }
}
