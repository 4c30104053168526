//! Where the browser is sent to log out.

use portcullis::{Profile, ProviderEndpoint, ProviderErrorKind};
use portcullis_testkit::{Endpoint, TestProvider};
use serde_json::json;

use crate::support::{Asked, Login, parameters};

const LOGGED_OUT: &str = "https://app.example.com/auth/logged-out";

#[tokio::test]
async fn the_standard_url_ends_the_session_and_comes_back() {
    let login = Login::new();
    let begun = login.begin().await;
    let browser = login.server.browser();
    let callback = browser.sign_in(&begun.url, "alice").await;
    let code = crate::support::parameter(&callback, "code").unwrap();
    let tokens = login.provider.exchange_code(&code, &begun.transaction).await.unwrap();
    let id_token = tokens.id_token().unwrap();
    let request = login.provider.end_session_url().id_token_hint(id_token).post_logout_redirect_uri(LOGGED_OUT);
    let url = request.state("s&1").build().await.unwrap().unwrap();
    let mut sent = parameters(&url);
    sent.sort();
    let expected = [
        ("client_id", TestProvider::CLIENT_ID),
        ("id_token_hint", id_token.secret().expose()),
        ("post_logout_redirect_uri", LOGGED_OUT),
        ("state", "s&1"),
    ];
    assert_eq!(sent, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(browser.open(&url).await, format!("{LOGGED_OUT}?state=s%261"));
    assert_eq!(login.server.requests(Endpoint::EndSession), 1, "only the browser went there");
}

#[tokio::test]
async fn the_hint_is_the_token_that_the_provider_issued_byte_for_byte() {
    let login = Login::new();
    let tokens = login.tokens().await;
    let url = login.provider.end_session_url().id_token_hint(tokens.id_token().unwrap()).build().await;
    let hint = crate::support::parameter(&url.unwrap().unwrap(), "id_token_hint").unwrap();
    assert_eq!(hint, tokens.id_token().unwrap().secret().expose());
    assert!(!format!("{:?}", tokens.id_token()).contains(&hint));
}

#[tokio::test]
async fn fief_spells_it_differently() {
    let rows = [
        ("https://provider.test/authorize", "https://provider.test/logout"),
        ("https://provider.test/tenant/authorize", "https://provider.test/tenant/logout"),
        ("https://provider.test/authorize?lang=fr", "https://provider.test/logout"),
    ];
    for (authorize, logout) in rows {
        let fief = Login::with(|builder| builder.profile(Profile::FIEF));
        fief.server.set_metadata(move |document| {
            document["authorization_endpoint"] = json!(authorize);
            document["end_session_endpoint"] = json!(null);
        });
        let request = fief.provider.end_session_url().post_logout_redirect_uri("https://www.bretagne.duchy/bye?a=b");
        let url = request.state("no place for it").build().await.unwrap().unwrap();
        assert_eq!(url, format!("{logout}?redirect_uri=https%3A%2F%2Fwww.bretagne.duchy%2Fbye%3Fa%3Db"));
        assert_eq!(fief.asked(), Asked { discovery: 1, ..Asked::default() });
    }
}

#[tokio::test]
async fn a_provider_without_logout() {
    let login = Login::new();
    login.server.set_metadata(|document| document["end_session_endpoint"] = json!(null));
    assert_eq!(login.provider.end_session_url().build().await.unwrap(), None);
}

#[tokio::test]
async fn a_redirect_uri_that_is_no_url() {
    for profile in Profile::ALL {
        let login = Login::with(|builder| builder.profile(*profile));
        let request = login.provider.end_session_url().post_logout_redirect_uri("/logged-out");
        let error = request.build().await.unwrap_err();
        assert_eq!(error.endpoint(), ProviderEndpoint::EndSession);
        assert_eq!(error.kind(), ProviderErrorKind::Unusable("post_logout_redirect_uri_is_no_url"));
    }
}
