//! New tokens for a login that goes on.

use std::collections::BTreeSet;
use std::time::Duration;

use portcullis::{OAuthError, ProviderErrorKind};
use portcullis_testkit::{Endpoint, Fault, TestProvider};
use serde_json::json;

use crate::support::{Asked, Login, SCOPES};

#[tokio::test]
async fn refresh_tokens_rotate() {
    let login = Login::new();
    let first = login.tokens().await;
    let second = login.refresh(&first).await.unwrap();
    assert_ne!(first.access_token().expose(), second.access_token().expose());
    assert_ne!(first.refresh_token().unwrap().expose(), second.refresh_token().unwrap().expose());
    assert_eq!(second.id_token().unwrap().subject(), "alice");
    assert_eq!(second.scopes().collect::<BTreeSet<_>>(), BTreeSet::from(SCOPES));
    assert!(login.user_info(&second).await.is_ok(), "the new access token opens userinfo");
    assert_eq!(login.asked(), Asked { discovery: 1, jwks: 1, token: 2, userinfo: 1 });

    let third = login.refresh(&second).await.unwrap();
    assert!(third.refresh_token().is_some());
    let error = login.refresh(&first).await.unwrap_err();
    assert_eq!(error.kind(), ProviderErrorKind::Refused(OAuthError::InvalidGrant), "a used one is used up");
    assert_eq!(login.asked().token, 4, "and is not tried again");
}

#[tokio::test]
async fn the_request_has_exactly_these_fields() {
    let login = Login::new();
    let tokens = login.tokens().await;
    login.refresh(&tokens).await.unwrap();
    let request = login.last(Endpoint::Token);
    let body = format!("https://form.test/?{}", std::str::from_utf8(&request.body).unwrap());
    let mut names: Vec<_> = crate::support::parameters(&body).into_iter().map(|(name, _)| name).collect();
    names.sort();
    assert_eq!(names, ["grant_type", "refresh_token"]);
    assert_eq!(request.form("grant_type").as_deref(), Some("refresh_token"));
    assert_eq!(request.form("refresh_token").as_deref(), Some(tokens.refresh_token().unwrap().expose()));
}

#[tokio::test]
async fn fewer_scopes() {
    let login = Login::new();
    let tokens = login.tokens().await;
    let (refresh_token, id_token) = (tokens.refresh_token().unwrap(), tokens.id_token().unwrap());
    let narrowed = login.provider.refresh_narrowed(refresh_token, id_token, &["openid", "email"]).await.unwrap();
    assert!(narrowed.scopes().eq(["openid", "email"]));
    assert_eq!(login.last(Endpoint::Token).form("scope").as_deref(), Some("openid email"));
    let more = login.provider.refresh_narrowed(narrowed.refresh_token().unwrap(), id_token, &["castles"]).await;
    assert_eq!(more.unwrap_err().kind(), ProviderErrorKind::Refused(OAuthError::InvalidScope));
}

#[tokio::test]
async fn an_answer_may_be_as_small_as_the_specification_allows() {
    let login = Login::new();
    let tokens = login.tokens().await;
    login.server.fault(
        Endpoint::Token,
        Fault::patch(|answer| {
            let members = answer.as_object_mut().unwrap();
            members.retain(|name, _| matches!(name.as_str(), "access_token" | "token_type"));
        }),
    );
    let refreshed = login.refresh(&tokens).await.unwrap();
    assert!(refreshed.id_token().is_none());
    assert!(refreshed.refresh_token().is_none());
    assert_eq!((refreshed.expires_in(), refreshed.scopes().count()), (None, 0));
}

#[tokio::test]
async fn a_provider_that_does_not_rotate() {
    let login = Login::new();
    login.server.client(TestProvider::CLIENT_ID).refresh_token_rotation(false).register();
    let tokens = login.tokens().await;
    for _ in 0..2 {
        assert!(login.refresh(&tokens).await.unwrap().refresh_token().is_none(), "the old one stays good");
    }
}

#[tokio::test]
async fn a_login_that_has_ended() {
    let login = Login::new();
    let tokens = login.tokens().await;
    login.server.clock().advance(Duration::from_secs(31 * 24 * 3600));
    let error = login.refresh(&tokens).await.unwrap_err();
    assert_eq!(error.kind(), ProviderErrorKind::Refused(OAuthError::InvalidGrant));
    assert!(!error.is_transient());
    assert_eq!((login.asked().token, login.asked().userinfo), (2, 0));
}

#[tokio::test]
async fn a_refresh_token_is_any_text_and_never_read() {
    for text in ["a.b.c", "ü+%&=", "eyJhbGciOiJub25lIn0.e30."] {
        let login = Login::new();
        login.server.fault_times(Endpoint::Token, 1, Fault::patch(move |answer| answer["refresh_token"] = json!(text)));
        let tokens = login.tokens().await;
        assert_eq!(tokens.refresh_token().unwrap().expose(), text);
        let _ = login.refresh(&tokens).await;
        assert_eq!(login.last(Endpoint::Token).form("refresh_token").as_deref(), Some(text));
    }
}
