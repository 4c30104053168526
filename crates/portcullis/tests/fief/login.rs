//! A whole login at a provider of Fief's shape.

use portcullis::Profile;
use portcullis_testkit::{Algorithm, Endpoint, TestProvider};

use crate::support::{Asked, Login};

/// No `typ`, the client as a list of one audience, `c_hash` beside `at_hash`, and `lang`.
#[tokio::test]
async fn login_refresh_userinfo_and_logout() {
    let server = TestProvider::builder().algorithms([Algorithm::Rs256]).in_memory();
    server.client(TestProvider::CLIENT_ID).fief().register();
    let fief = Login::at(server, |builder| builder.profile(Profile::FIEF));
    let first = fief.tokens().await;
    let id_token = first.id_token().unwrap();
    assert_eq!((id_token.subject(), id_token.acr()), ("alice", Some("1")));
    assert!(id_token.claim::<String>("c_hash").is_some() && id_token.claim::<String>("at_hash").is_some());
    assert_eq!(id_token.user_info().email(), Some("alice@example.com"));
    let second = fief.refresh(&first).await.unwrap();
    assert_eq!(second.id_token().unwrap().acr(), Some("0"), "Fief calls every refreshed login weak");
    assert_eq!(fief.user_info(&second).await.unwrap().subject(), "alice");
    let request = fief.provider.end_session_url().post_logout_redirect_uri("http://www.bretagne.duchy");
    let url = request.id_token_hint(id_token).build().await.unwrap().unwrap();
    assert_eq!(url, "https://provider.test/logout?redirect_uri=http%3A%2F%2Fwww.bretagne.duchy");
    assert_eq!(fief.asked(), Asked { discovery: 1, jwks: 1, token: 2, userinfo: 1 });
    assert_eq!(fief.server.requests(Endpoint::EndSession), 0, "the browser goes there");
}
