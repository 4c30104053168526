//! Logins that must be strong or recent enough.

use std::time::Duration;

use portcullis::GuardBuilder;

use crate::answer::{is_redirect, refused};
use crate::app::{App, Browser};

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
    crate::answer::is_page(&response, 403, "too weak");
    assert_eq!(app.store.rows(), 1);
    assert_eq!(app.user(&browser).await.as_deref(), Some("alice"));
}

#[tokio::test]
async fn an_age_that_was_asked_for_is_compared() {
    for (age, accepted) in [(0, true), (360, true), (361, false)] {
        let (app, browser) = (App::new(), Browser::default());
        let at = app.provider.clock().unix() - age;
        app.provider.id_token_fault(move |token| token.claim("auth_time", at));
        let callback = app.to_callback(&browser, "/auth/login?max_age=300", "alice").await;
        match accepted {
            true => is_redirect(&app.callback(&browser, &callback).await, "/"),
            false => refused(&app, &browser, &callback, 400, (1, 0)).await,
        }
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
