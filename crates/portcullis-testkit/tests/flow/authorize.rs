//! What the authorization endpoint accepts, and where it says no.

use portcullis_testkit::{Endpoint, TestProvider};

use crate::app::{App, CALLBACK, Parameters, parameter};

#[tokio::test]
async fn a_wrong_request_is_answered_to_the_application() {
    let provider = TestProvider::in_memory();
    provider.client("app").scopes(["openid", "profile"]).register();
    let confidential = App::new(&provider);
    let public = App::public(&provider);
    let ok = ("scope", "openid profile");
    let table: [(&App<'_>, Parameters<'_>, &str); 20] = [
        (&confidential, &[ok, ("response_type", "")], "invalid_request"),
        (&confidential, &[ok, ("response_type", "token")], "unsupported_response_type"),
        (&confidential, &[ok, ("response_type", "code id_token")], "unsupported_response_type"),
        (&confidential, &[ok, ("response_mode", "fragment")], "invalid_request"),
        (&confidential, &[("scope", "")], "invalid_scope"),
        (&confidential, &[("scope", "profile")], "invalid_scope"),
        (&confidential, &[("scope", "openid castles")], "invalid_scope"),
        (&public, &[("code_challenge", ""), ("code_challenge_method", "")], "invalid_request"),
        (&public, &[("code_challenge_method", "plain")], "invalid_request"),
        (&public, &[("code_challenge_method", "")], "invalid_request"),
        (&confidential, &[ok, ("code_challenge_method", "plain")], "invalid_request"),
        (&confidential, &[ok, ("code_challenge", "")], "invalid_request"),
        (&confidential, &[ok, ("code_challenge", "short")], "invalid_request"),
        (&confidential, &[ok, ("prompt", "none login")], "invalid_request"),
        (&confidential, &[ok, ("prompt", "create")], "invalid_request"),
        (&confidential, &[ok, ("max_age", "soon")], "invalid_request"),
        (&confidential, &[ok, ("request", "e30.e30.")], "request_not_supported"),
        (&confidential, &[ok, ("request_uri", "https://evil.example")], "request_uri_not_supported"),
        (&confidential, &[ok, ("id_token_hint", "made-up")], "invalid_request"),
        (&confidential, &[ok, ("prompt", "none")], "login_required"),
    ];
    for (app, changes, error) in table {
        let callback = provider.browser().open(&app.authorize_url(changes)).await;
        assert!(callback.starts_with(&format!("{CALLBACK}?")), "{changes:?}: {callback}");
        assert_eq!(parameter(&callback, "error").as_deref(), Some(error), "{changes:?}: {callback}");
        assert_eq!(parameter(&callback, "state").as_deref(), Some("s-1"), "{changes:?}");
        assert_eq!(parameter(&callback, "iss"), Some(provider.issuer()), "{changes:?}");
        assert!(parameter(&callback, "error_description").is_some() && parameter(&callback, "code").is_none());
    }
}

#[tokio::test]
async fn a_repeated_parameter_is_invalid() {
    let provider = TestProvider::in_memory();
    let url = App::new(&provider).authorize_url(&[]);
    for more in ["scope=openid", "state=s-2", "nonce=n-2"] {
        let callback = provider.browser().open(&format!("{url}&{more}")).await;
        assert_eq!(parameter(&callback, "error").as_deref(), Some("invalid_request"), "{more}");
    }
    for more in ["client_id=app", "redirect_uri=https://evil.example"] {
        let page = provider.browser().get(&format!("{url}&{more}")).await;
        assert_eq!((page.status().as_u16(), page.headers().contains_key("location")), (400, false), "{more}");
    }
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let table = [
        ("client_id", ""),
        ("client_id", "unknown"),
        ("redirect_uri", ""),
        ("redirect_uri", "https://app.example.com/auth/callback/"),
        ("redirect_uri", "https://app.example.com/auth/callback?x=1"),
        ("redirect_uri", "https://APP.example.com/auth/callback"),
        ("redirect_uri", "https://app.example.com:443/auth/callback"),
        ("redirect_uri", "http://127.0.0.1:8001/auth/callback"),
        ("redirect_uri", "https://evil.example/auth/callback"),
    ];
    for (name, value) in table {
        let page = provider.browser().get(&app.authorize_url(&[(name, value)])).await;
        assert_eq!(page.status(), 400, "{name}={value}");
        assert!(!page.headers().contains_key("location"), "{name}={value}");
        assert!(String::from_utf8_lossy(page.body()).contains("This sign-in cannot start"));
    }
    assert_eq!(provider.requests(Endpoint::Login), 0);
}

#[tokio::test]
async fn a_registered_query_stays() {
    let provider = TestProvider::in_memory();
    provider.client("app").redirect_uri("https://app.example.com/cb?tenant=1").register();
    let url = App::new(&provider).authorize_url(&[("redirect_uri", "https://app.example.com/cb?tenant=1")]);
    let callback = provider.sign_in(&url, "alice").await;
    assert!(callback.starts_with("https://app.example.com/cb?tenant=1&code="), "{callback}");
}

#[tokio::test]
async fn the_response_may_be_posted() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let url = app.authorize_url(&[("response_mode", "form_post"), ("state", "<s>&\"1'")]);
    let (action, form) = provider.browser().sign_in_form_post(&url, "alice").await;
    assert_eq!(action, CALLBACK);
    let callback = format!("{action}?{form}");
    assert_eq!(parameter(&callback, "state").unwrap(), "<s>&\"1'");
    assert_eq!(parameter(&callback, "iss").unwrap(), provider.issuer());
    assert_eq!(app.exchange(&parameter(&callback, "code").unwrap()).await.status(), 200);

    let url = app.authorize_url(&[("response_mode", "form_post"), ("prompt", "none"), ("max_age", "0")]);
    let (_, form) = provider.browser().sign_in_form_post(&url, "alice").await;
    assert!(form.starts_with("error=login_required&"), "{form}");
}

#[tokio::test]
async fn a_request_may_be_posted() {
    let provider = TestProvider::in_memory();
    let url = App::new(&provider).authorize_url(&[]);
    let (path, query) = url.split_once('?').unwrap();
    let fields: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let browser = provider.browser();
    let page = browser.post(path, &fields).await;
    let back = browser.submit(&page, &[("username", "alice")]).await;
    assert_eq!((page.status().as_u16(), back.status().as_u16()), (200, 303));
}

#[tokio::test]
async fn the_issuer_in_the_response_can_be_switched_off_and_wrong() {
    let provider = TestProvider::in_memory();
    let url = App::new(&provider).authorize_url(&[]);
    provider.set_authorization_response_iss(false);
    assert_eq!(parameter(&provider.sign_in(&url, "alice").await, "iss"), None);
    provider.set_authorization_response_iss(true);
    provider.authorization_response_fault(|parameters| {
        parameters.retain(|(name, _)| name != "iss");
        parameters.push(("iss".to_owned(), "https://evil.example".to_owned()));
    });
    assert_eq!(parameter(&provider.sign_in(&url, "alice").await, "iss").unwrap(), "https://evil.example");
    provider.heal_authorization_response();
    assert_eq!(parameter(&provider.sign_in(&url, "alice").await, "iss").unwrap(), provider.issuer());
}
