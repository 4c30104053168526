//! When a user has to sign in again, and when to allow.

use std::time::Duration;

use portcullis_testkit::{Browser, Endpoint, TestProvider};
use serde_json::{Value, json as value};

use crate::app::{App, Parameters, parameter, text};
use crate::support::json as body;
use crate::support::jws::parse;

async fn id_token(app: &App<'_>, callback: &str) -> Value {
    let response = app.exchange(&parameter(callback, "code").unwrap_or_else(|| panic!("{callback}"))).await;
    parse(text(&body(&response)["id_token"])).claims
}

async fn sign_in(app: &App<'_>, browser: &Browser, more: Parameters<'_>, user: &str) -> Value {
    id_token(app, &browser.sign_in(&app.authorize_url(more), user).await).await
}

#[tokio::test]
async fn a_reused_session_is_weak_and_a_fresh_login_strong() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let browser = provider.browser();
    let first = sign_in(&app, &browser, &[], "alice").await;
    provider.clock().advance(Duration::from_secs(100));
    let start = provider.requests(Endpoint::Login);
    let reused = sign_in(&app, &browser, &[], "bob").await;
    assert_eq!(provider.requests(Endpoint::Login), start, "nobody was asked");
    assert_eq!((&first["acr"], &reused["acr"]), (&value!("1"), &value!("0")));
    assert_eq!((&reused["sub"], &reused["sid"]), (&value!("alice"), &first["sid"]));
    assert_eq!(reused["auth_time"], first["auth_time"]);
}

#[tokio::test]
async fn what_forces_a_login() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let table: [(&str, Parameters<'_>, bool); 10] = [
        ("nothing", &[], false),
        ("acr 1", &[("acr_values", "1")], true),
        ("acr 0", &[("acr_values", "0 1")], false),
        ("first known acr", &[("acr_values", "gold 1 0")], true),
        ("unknown acr", &[("acr_values", "gold")], false),
        ("prompt", &[("prompt", "login")], true),
        ("account", &[("prompt", "select_account")], true),
        ("max_age 0", &[("max_age", "0")], true),
        ("max_age passed", &[("max_age", "99")], true),
        ("max_age", &[("max_age", "100")], false),
    ];
    for (name, more, forced) in table {
        let browser = provider.browser();
        let before = sign_in(&app, &browser, &[], "alice").await;
        provider.clock().advance(Duration::from_secs(100));
        let start = provider.requests(Endpoint::Login);
        let after = sign_in(&app, &browser, more, "alice").await;
        assert_eq!(provider.requests(Endpoint::Login) - start, usize::from(forced), "{name}");
        assert_eq!(after["acr"], if forced { "1" } else { "0" }, "{name}");
        assert_eq!(after["auth_time"] != before["auth_time"], forced, "{name}");
        assert_eq!(after["sid"], before["sid"], "{name}: one session");
    }
}

#[tokio::test]
async fn prompt_none_shows_no_page() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let browser = provider.browser();
    browser.sign_in(&app.authorize_url(&[]), "alice").await;
    provider.clock().advance(Duration::from_secs(100));
    let table: [(Parameters<'_>, Option<&str>); 5] = [
        (&[], None),
        (&[("max_age", "100")], None),
        (&[("max_age", "99")], Some("login_required")),
        (&[("max_age", "0")], Some("login_required")),
        (&[("acr_values", "1")], Some("login_required")),
    ];
    for (more, error) in table {
        let silent = browser.open(&app.authorize_url(&[more, &[("prompt", "none")]].concat())).await;
        assert_eq!(parameter(&silent, "error").as_deref(), error, "{more:?}: {silent}");
        assert_eq!(parameter(&silent, "code").is_some(), error.is_none(), "{more:?}");
    }
}

#[tokio::test]
async fn an_expected_user_is_the_one_or_nobody() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let hint = text(&app.tokens("bob").await["id_token"]).to_owned();
    let browser = provider.browser();
    browser.sign_in(&app.authorize_url(&[]), "alice").await;
    let silent = [("prompt", "none"), ("id_token_hint", hint.as_str())];
    let refused = browser.open(&app.authorize_url(&silent)).await;
    assert_eq!(parameter(&refused, "error").unwrap(), "login_required");
    browser.sign_in(&app.authorize_url(&[("prompt", "login")]), "bob").await;
    assert!(parameter(&browser.open(&app.authorize_url(&silent)).await, "code").is_some());
}

#[tokio::test]
async fn another_user_in_the_same_browser_is_another_session() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let browser = provider.browser();
    let alice = sign_in(&app, &browser, &[], "alice").await;
    let bob = sign_in(&app, &browser, &[("prompt", "login")], "bob").await;
    assert_eq!(bob["sub"], "bob");
    assert_ne!(bob["sid"], alice["sid"]);
}

#[tokio::test]
async fn two_tabs_can_sign_in_at_once() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let browser = provider.browser();
    let first = browser.get(&app.authorize_url(&[("state", "first")])).await;
    let second = browser.get(&app.authorize_url(&[("state", "second")])).await;
    for (page, state) in [(first, "first"), (second, "second")] {
        let back = browser.submit(&page, &[("username", "alice")]).await;
        assert_eq!(parameter(back.headers()["location"].to_str().unwrap(), "state").unwrap(), state);
    }
}

#[tokio::test]
async fn consent_is_asked_once_and_may_be_denied() {
    let provider = TestProvider::in_memory();
    provider.client("app").consent(true).register();
    let app = App::new(&provider);
    let browser = provider.browser();
    let denied = browser.deny(&app.authorize_url(&[]), "alice").await;
    assert_eq!(parameter(&denied, "error").unwrap(), "access_denied");
    assert_eq!((parameter(&denied, "state").unwrap(), parameter(&denied, "code")), ("s-1".to_owned(), None));
    let silent = browser.open(&app.authorize_url(&[("prompt", "none")])).await;
    assert_eq!(parameter(&silent, "error").unwrap(), "consent_required");

    let allowed = browser.sign_in(&app.authorize_url(&[]), "alice").await;
    assert!(parameter(&allowed, "code").is_some());
    assert_eq!(provider.requests(Endpoint::Consent), 2);
    assert!(parameter(&browser.open(&app.authorize_url(&[("prompt", "none")])).await, "code").is_some());
    browser.sign_in(&app.authorize_url(&[("prompt", "consent")]), "alice").await;
    assert_eq!(provider.requests(Endpoint::Consent), 3);
    browser.sign_in(&app.authorize_url(&[("scope", "openid email")]), "alice").await;
    assert_eq!(provider.requests(Endpoint::Consent), 4, "other scopes are another question");
}

#[tokio::test]
async fn a_login_that_needs_consent_stays_a_fresh_one() {
    let provider = TestProvider::in_memory();
    provider.client("app").consent(true).register();
    let app = App::new(&provider);
    assert_eq!(sign_in(&app, &provider.browser(), &[], "alice").await["acr"], "1");
}

#[tokio::test]
async fn the_session_cookie_is_renewed_and_named_after_the_port() {
    let (one, other) = (TestProvider::start().await, TestProvider::start().await);
    let mut names = Vec::new();
    for provider in [&one, &other] {
        let app = App::new(provider);
        let browser = provider.browser();
        let page = browser.get(&app.authorize_url(&[])).await;
        let before = page.headers()["set-cookie"].to_str().unwrap().to_owned();
        let back = browser.submit(&page, &[("username", "alice")]).await;
        let after = back.headers()["set-cookie"].to_str().unwrap();
        assert_ne!(before, after, "against session fixation");
        for cookie in [before.as_str(), after] {
            assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
        }
        names.push(before.split('=').next().unwrap().to_owned());
    }
    assert_ne!(names[0], names[1]);
    let in_memory = TestProvider::in_memory();
    let page = in_memory.browser().get(&App::new(&in_memory).authorize_url(&[])).await;
    assert!(page.headers()["set-cookie"].to_str().unwrap().ends_with("; Secure"));
}

#[tokio::test]
async fn a_form_from_elsewhere_signs_nobody_in() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let (victim, attacker) = (provider.browser(), provider.browser());
    let page = attacker.get(&app.authorize_url(&[])).await;
    victim.get(&app.authorize_url(&[])).await;
    let forged = victim.submit(&page, &[("username", "alice")]).await;
    assert_eq!(forged.status(), 400, "another browser's page");
    let url = format!("{}/login", provider.base_url());
    assert_eq!(victim.post(&url, &[("username", "alice")]).await.status(), 400, "no secret");
    // The attacker's own page works once.
    assert_eq!(attacker.submit(&page, &[("username", "alice")]).await.status(), 303);
    assert_eq!(attacker.submit(&page, &[("username", "alice")]).await.status(), 400);
    let silent = victim.open(&app.authorize_url(&[("prompt", "none")])).await;
    assert_eq!(parameter(&silent, "error").unwrap(), "login_required");
}

#[tokio::test]
async fn a_login_page_cannot_be_answered_at_the_consent_endpoint() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let browser = provider.browser();
    browser.sign_in(&app.authorize_url(&[]), "alice").await;
    let page = browser.get(&app.authorize_url(&[("prompt", "login")])).await;
    let html = String::from_utf8(page.body().to_vec()).unwrap().replace("/login", "/consent");
    let page = page.map(|_| html.into());
    assert_eq!(browser.submit(&page, &[("decision", "allow")]).await.status(), 400);
}
