//! ID tokens of a refresh: successors of the login's (OpenID Connect Core section 12.2).

use portcullis::InvalidToken::{
    self, Audience, AuthorizedParty, Claim, Expired, Hash, Issuer, Nonce, Signature, Successor, Type,
};
use portcullis::{ProviderErrorKind, Tokens};
use portcullis_testkit::{TokenBuilder, TokenKind};
use serde_json::json;

use crate::support::{Login, invalid};
use crate::table::Change;

/// A login that is refreshed with a changed ID token.
async fn refreshed(
    change: impl Fn(TokenBuilder) -> TokenBuilder + Send + Sync + 'static,
) -> Result<Tokens, ProviderErrorKind> {
    let login = Login::new();
    let tokens = login.tokens().await;
    login.server.token_fault(TokenKind::RefreshedIdToken, change);
    let outcome = login.refresh(&tokens).await.map_err(|error| error.kind());
    assert_eq!((login.asked().token, login.asked().userinfo), (2, 0), "refreshed once, and nothing asked after");
    outcome
}

#[tokio::test]
async fn atk_c13_what_is_no_successor() {
    let rows: [(&str, Change, InvalidToken); 17] = [
        ("other issuer", |token| token.claim("iss", "https://evil.example"), Issuer),
        ("no issuer", |token| token.without("iss"), Issuer),
        ("other subject", |token| token.claim("sub", "bob"), Successor("sub")),
        ("no subject", |token| token.without("sub"), Claim("sub")),
        ("other audience", |token| token.claim("aud", "other"), Audience),
        ("one more audience", |token| token.claim("aud", json!(["app", "evil"])), Audience),
        ("other party", |token| token.claim("azp", "other"), AuthorizedParty),
        ("an older login", |token| token.claim("auth_time", 1_000_000_000), Successor("auth_time")),
        ("another nonce", |token| token.nonce("another"), Nonce),
        ("an empty nonce", |token| token.nonce(""), Nonce),
        ("no iat", |token| token.without("iat"), Claim("iat")),
        ("no exp", |token| token.without("exp"), Claim("exp")),
        ("expired", |token| token.expires_in(-60), Expired),
        ("hash of another access token", |token| token.access_token("another"), Hash("at_hash")),
        ("hash of a code", |token| token.claim("c_hash", "LDktKdoQak3Pk0cnXxCltA"), Hash("c_hash")),
        ("access token", |token| token.typ("at+jwt"), Type),
        ("corrupt", |token| token.corrupt_signature(), Signature),
    ];
    for (name, change, reason) in rows {
        assert_eq!(refreshed(change).await.unwrap_err(), invalid(reason), "{name}");
    }
}

#[tokio::test]
async fn what_a_successor_may_be() {
    let rows: [(&str, Change); 4] = [
        ("as it comes", |token| token),
        ("without auth_time", |token| token.without("auth_time")),
        ("with a later auth_time", |token| token.claim("auth_time", 9_999_999_999_u64)),
        ("of a weaker level, as Fief's are", |token| token.acr("0")),
    ];
    for (name, change) in rows {
        let outcome = refreshed(change).await;
        assert!(outcome.is_ok(), "{name}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_provider_may_repeat_the_logins_nonce() {
    let login = Login::new();
    let tokens = login.tokens().await;
    let nonce: String = tokens.id_token().unwrap().claim("nonce").unwrap();
    login.server.token_fault(TokenKind::RefreshedIdToken, move |token| token.nonce(&nonce));
    let second = login.refresh(&tokens).await.unwrap();
    assert!(login.refresh(&second).await.is_ok());
}

#[tokio::test]
async fn atk_c13_a_refused_refresh_leaves_the_login_as_it_was() {
    let login = Login::new();
    let tokens = login.tokens().await;
    login.server.token_fault(TokenKind::RefreshedIdToken, |token| token.claim("sub", "bob"));
    assert!(login.refresh(&tokens).await.is_err());
    assert_eq!(tokens.id_token().unwrap().subject(), "alice");
    assert_eq!(login.asked().userinfo, 0);
}
