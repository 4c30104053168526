//! Where the browser is sent to log in.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use portcullis::{AuthorizeUrl, Profile, Prompt, ProviderEndpoint, ProviderErrorKind, ResponseMode};
use portcullis_testkit::Endpoint;
use serde_json::json;

use crate::support::{Asked, CALLBACK, Login, parameter, parameters};

type Wish = for<'p> fn(AuthorizeUrl<'p>) -> AuthorizeUrl<'p>;

#[tokio::test]
async fn the_url_has_exactly_these_parameters() {
    let login = Login::new();
    let begun = login.begin().await;
    let (endpoint, _) = begun.url.split_once('?').unwrap();
    assert_eq!(endpoint, "https://provider.test/authorize");
    let sent = |name| parameter(&begun.url, name).unwrap();
    let (state, nonce, challenge) = (sent("state"), sent("nonce"), sent("code_challenge"));
    assert_eq!(BTreeSet::from([&state, &nonce, &challenge]).len(), 3);
    assert!([&state, &nonce, &challenge].iter().all(|value| value.len() == 43));
    assert_eq!(state, begun.transaction.state());
    let mut all = parameters(&begun.url);
    all.sort();
    let expected = [
        ("client_id", "app"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("nonce", nonce.as_str()),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid profile email offline_access"),
        ("state", state.as_str()),
    ];
    assert_eq!(all, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(login.asked(), Asked { discovery: 1, ..Asked::default() }, "keys are fetched when they are needed");
}

#[tokio::test]
async fn nonce_and_challenge_are_those_of_the_login() {
    let login = Login::new();
    let begun = login.begin().await;
    let tokens = login.finish(&begun).await.unwrap();
    let nonce: String = tokens.id_token().unwrap().claim("nonce").unwrap();
    assert_eq!(Some(nonce), parameter(&begun.url, "nonce"));
    let verifier = login.last(Endpoint::Token).form("code_verifier").unwrap();
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
    assert_eq!(Some(challenge), parameter(&begun.url, "code_challenge"));
    assert!(!begun.url.contains(&verifier), "the verifier stays here until the code comes");
}

#[tokio::test]
async fn no_two_logins_share_a_value() {
    let login = Login::new();
    let (one, other) = (login.begin().await, login.begin().await);
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(parameter(&one.url, name), parameter(&other.url, name), "{name}");
    }
    assert!(!one.transaction.matches_state(&other.transaction.state()));
}

#[tokio::test]
async fn every_wish_is_spelled_as_the_specifications_say() {
    let rows: [(Wish, &str, &str); 10] = [
        (|url| url.scopes(["openid", "castles"]), "scope", "openid castles"),
        (|url| url.acr_values(["1", "0"]), "acr_values", "1 0"),
        (|url| url.required_acr(["1"]), "acr_values", "1"),
        (|url| url.acr_values(["0"]).required_acr(["1"]), "acr_values", "0 1"),
        (|url| url.max_age(Duration::ZERO), "max_age", "0"),
        (|url| url.max_age(Duration::from_millis(300_999)), "max_age", "300"),
        (|url| url.prompt(Prompt::Login).prompt(Prompt::Consent), "prompt", "login consent"),
        (|url| url.login_hint("alice&scope=admin#é"), "login_hint", "alice&scope=admin#é"),
        (|url| url.ui_locales(["fr-CA", "en"]), "ui_locales", "fr-CA en"),
        (|url| url.parameter("screen", "register"), "screen", "register"),
    ];
    let login = Login::new();
    let usual: Vec<_> = parameters(&login.begin().await.url).into_iter().map(|(name, _)| name).collect();
    for (wish, name, value) in rows {
        let url = wish(login.provider.authorize_url(CALLBACK)).build().await.unwrap().url;
        assert_eq!(parameter(&url, name).as_deref(), Some(value), "{name}");
        let others = parameters(&url).into_iter().map(|(found, _)| found).filter(|found| found != name);
        let expected = usual.iter().filter(|found| *found != name);
        assert!(others.eq(expected.cloned()), "{name} changes nothing else: {url}");
    }
}

#[tokio::test]
async fn prompts_by_their_names() {
    let login = Login::new();
    let rows = [
        (Prompt::None, "none"),
        (Prompt::Login, "login"),
        (Prompt::Consent, "consent"),
        (Prompt::SelectAccount, "select_account"),
    ];
    for (prompt, name) in rows {
        let url = login.provider.authorize_url(CALLBACK).prompt(prompt).build().await.unwrap().url;
        assert_eq!(parameter(&url, "prompt").as_deref(), Some(name));
    }
}

#[tokio::test]
async fn fief_hears_the_language_in_its_own_spelling_too() {
    let fief = Login::with(|builder| builder.profile(Profile::FIEF));
    let url = fief.provider.authorize_url(CALLBACK).ui_locales(["fr", "en"]).build().await.unwrap().url;
    assert_eq!(parameter(&url, "ui_locales").as_deref(), Some("fr en"));
    assert_eq!(parameter(&url, "lang").as_deref(), Some("fr"));
    let silent = fief.begin().await.url;
    assert_eq!(parameter(&silent, "lang"), None);
    let generic = Login::new().provider.authorize_url(CALLBACK).ui_locales(["fr"]).build().await.unwrap().url;
    assert_eq!(parameter(&generic, "lang"), None);
}

#[tokio::test]
async fn atk_f11_extra_parameters_never_override_ours() {
    const OURS: [&str; 16] = [
        "response_type",
        "response_mode",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "acr_values",
        "max_age",
        "prompt",
        "login_hint",
        "ui_locales",
        "request",
        "request_uri",
    ];
    let login = Login::new();
    let everything = || {
        let url = login.provider.authorize_url(CALLBACK).acr_values(["1"]).max_age(Duration::from_secs(60));
        url.prompt(Prompt::Login).login_hint("alice").ui_locales(["fr"])
    };
    for name in OURS {
        for request in [everything(), login.provider.authorize_url(CALLBACK)] {
            let url = request.parameter(name, "https://evil.example").build().await.unwrap().url;
            assert!(!url.contains("evil"), "{name}: {url}");
            let names: Vec<_> = parameters(&url).into_iter().map(|(name, _)| name).collect();
            let distinct: BTreeSet<_> = names.iter().collect();
            assert_eq!(distinct.len(), names.len(), "{name} stands twice: {url}");
        }
    }
}

#[tokio::test]
async fn atk_f11_the_profiles_own_language_is_not_doubled() {
    let fief = Login::with(|builder| builder.profile(Profile::FIEF));
    let request = fief.provider.authorize_url(CALLBACK).ui_locales(["fr"]).parameter("lang", "evil");
    let url = request.build().await.unwrap().url;
    let languages: Vec<_> = parameters(&url).into_iter().filter(|(name, _)| name == "lang").collect();
    assert_eq!(languages, [("lang".to_owned(), "fr".to_owned())]);
}

#[tokio::test]
async fn atk_f08_pkce_is_s256_whatever_the_provider_says() {
    let rows = [json!(null), json!([]), json!(["plain"]), json!("plain"), json!(["plain", "S256"])];
    for methods in rows {
        let login = Login::new();
        let announced = methods.clone();
        login.server.set_metadata(move |document| document["code_challenge_methods_supported"] = announced.clone());
        let begun = login.begin().await;
        assert_eq!(parameter(&begun.url, "code_challenge_method").as_deref(), Some("S256"), "{methods}");
        login.finish(&begun).await.unwrap();
        let verifier = login.last(Endpoint::Token).form("code_verifier").unwrap();
        assert_ne!(parameter(&begun.url, "code_challenge"), Some(verifier), "{methods}");
    }
}

#[tokio::test]
async fn the_way_of_the_answer_is_said_where_it_is_not_the_usual_one() {
    let login = Login::new();
    for (mode, sent) in [(ResponseMode::Query, None), (ResponseMode::FormPost, Some("form_post"))] {
        let url = login.provider.authorize_url(CALLBACK).parameter("response_mode", "fragment").response_mode(mode);
        let url = url.build().await.unwrap().url;
        assert_eq!(parameter(&url, "response_mode").as_deref(), sent);
        assert_eq!(url.matches("response_mode").count(), usize::from(sent.is_some()), "{url}");
    }
}

#[tokio::test]
async fn a_query_of_the_endpoint_is_kept() {
    let login = Login::new();
    login
        .server
        .set_metadata(|document| document["authorization_endpoint"] = json!("https://id.test/login?tenant=a%26b"));
    let url = login.begin().await.url;
    assert!(url.starts_with("https://id.test/login?tenant=a%26b&response_type=code&"), "{url}");
}

#[tokio::test]
async fn where_no_browser_is_sent() {
    let rows = [
        (json!(null), "no_authorization_endpoint"),
        (json!(""), "no_authorization_endpoint"),
        (json!(7), "endpoint_not_text"),
        (json!("http://provider.test/authorize"), "endpoint_not_https"),
        (json!("javascript:alert(1)"), "url_scheme"),
        (json!("https://169.254.169.254/authorize"), "endpoint_address"),
    ];
    for (announced, reason) in rows {
        let login = Login::new();
        let shown = announced.to_string();
        login.server.set_metadata(move |document| document["authorization_endpoint"] = announced.clone());
        let error = login.provider.authorize_url(CALLBACK).build().await.unwrap_err();
        assert_eq!(error.kind(), ProviderErrorKind::Unusable(reason), "{shown}");
    }
    let error = Login::new().provider.authorize_url("no url").build().await.unwrap_err();
    assert_eq!(error.endpoint(), ProviderEndpoint::Authorization);
    assert_eq!(error.kind(), ProviderErrorKind::Unusable("redirect_uri_is_no_url"));
}
