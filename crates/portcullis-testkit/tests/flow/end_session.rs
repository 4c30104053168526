//! The end of the provider's session.

use portcullis_testkit::{Browser, Endpoint, TestProvider};
use url::form_urlencoded::Serializer;

use crate::app::{App, LOGGED_OUT, Parameters, parameter, text};
use crate::support::json as body;

fn end_session_url(provider: &TestProvider, parameters: Parameters<'_>) -> String {
    let query = Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("{}/end_session?{query}", provider.base_url())
}

async fn signed_in(app: &App<'_>, browser: &Browser, user: &str) -> String {
    let callback = browser.sign_in(&app.authorize_url(&[]), user).await;
    let tokens = body(&app.exchange(&parameter(&callback, "code").unwrap()).await);
    text(&tokens["id_token"]).to_owned()
}

async fn has_session(app: &App<'_>, browser: &Browser) -> bool {
    let silent = browser.open(&app.authorize_url(&[("prompt", "none")])).await;
    parameter(&silent, "code").is_some()
}

#[tokio::test]
async fn with_its_id_token_an_application_ends_the_session_at_once() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    for by_form in [false, true] {
        let browser = provider.browser();
        let hint = signed_in(&app, &browser, "alice").await;
        let asked = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", LOGGED_OUT), ("state", "s&2")];
        let back = match by_form {
            true => browser.post(&end_session_url(&provider, &[]), &asked).await,
            false => browser.get(&end_session_url(&provider, &asked)).await,
        };
        assert_eq!(back.status(), 303);
        assert_eq!(back.headers()["location"], format!("{LOGGED_OUT}?state=s%262").as_str());
        assert!(back.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
        assert!(!has_session(&app, &browser).await);
    }
    let shown = format!("{:?}", provider.received(Endpoint::EndSession));
    assert!(!shown.contains("eyJ"), "a token in a URL stays out of the log: {shown}");
}

#[tokio::test]
async fn the_hint_has_to_be_exactly_an_id_token_of_this_provider() {
    let provider = TestProvider::in_memory();
    provider.client("other").secret("s").post_logout_redirect_uri("https://other.example/out").register();
    let app = App::new(&provider);
    let browser = provider.browser();
    let hint = signed_in(&app, &browser, "alice").await;
    let tokens = app.tokens("alice").await;
    let foreign = TestProvider::in_memory().token().id_token().mint();
    let other_end = if hint.ends_with('A') { "Q" } else { "A" };
    let changed = format!("{}{other_end}", &hint[..hint.len() - 1]);
    let uri = ("post_logout_redirect_uri", LOGGED_OUT);
    let table: [Parameters<'_>; 10] = [
        &[("id_token_hint", "made-up"), uri],
        &[("id_token_hint", &foreign), uri],
        &[("id_token_hint", &changed), uri],
        &[("id_token_hint", text(&tokens["access_token"])), uri],
        &[("id_token_hint", &hint), ("post_logout_redirect_uri", "https://evil.example/")],
        &[("id_token_hint", &hint), ("post_logout_redirect_uri", "https://other.example/out")],
        &[("id_token_hint", &hint), ("client_id", "other"), uri],
        &[("id_token_hint", &hint), uri, uri],
        &[("client_id", "unknown"), uri],
        &[uri],
    ];
    for parameters in table {
        let page = browser.get(&end_session_url(&provider, parameters)).await;
        assert_eq!((page.status().as_u16(), page.headers().contains_key("location")), (400, false), "{parameters:?}");
    }
    assert!(has_session(&app, &browser).await);
    // A token that expired long ago still says whose session it was.
    provider.clock().advance(std::time::Duration::from_secs(86_400));
    assert_eq!(browser.open(&end_session_url(&provider, &[("id_token_hint", &hint), uri])).await, LOGGED_OUT);
}

#[tokio::test]
async fn without_proof_the_user_is_asked() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let bobs = text(&app.tokens("bob").await["id_token"]).to_owned();
    let uri = ("post_logout_redirect_uri", LOGGED_OUT);
    let table: [Parameters<'_>; 3] = [&[], &[("client_id", "app"), uri], &[("id_token_hint", &bobs), uri]];
    for parameters in table {
        let browser = provider.browser();
        signed_in(&app, &browser, "alice").await;
        let page = browser.get(&end_session_url(&provider, parameters)).await;
        assert_eq!((page.status().as_u16(), page.headers().contains_key("location")), (200, false), "{parameters:?}");
        browser.submit(&page, &[("decision", "stay")]).await;
        assert!(has_session(&app, &browser).await, "{parameters:?}");

        let page = browser.get(&end_session_url(&provider, parameters)).await;
        let forged = provider.browser().submit(&page, &[("decision", "leave")]).await;
        assert_eq!(forged.status(), 400, "{parameters:?}");
        assert!(has_session(&app, &browser).await, "{parameters:?}");
        let left = browser.submit(&page, &[("decision", "leave")]).await;
        assert_eq!(left.headers().contains_key("location"), !parameters.is_empty(), "{parameters:?}");
        assert!(!has_session(&app, &browser).await, "{parameters:?}");
    }
}

#[tokio::test]
async fn nobody_is_asked_who_is_not_signed_in() {
    let provider = TestProvider::in_memory();
    let browser = provider.browser();
    assert_eq!(browser.get(&end_session_url(&provider, &[])).await.status(), 200);
    let asked = [("client_id", "app"), ("post_logout_redirect_uri", LOGGED_OUT)];
    assert_eq!(browser.open(&end_session_url(&provider, &asked)).await, LOGGED_OUT);
}
