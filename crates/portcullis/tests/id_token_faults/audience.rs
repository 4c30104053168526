//! For whom the token was made, and that it is an ID token at all.

use portcullis::InvalidToken::{Audience, AuthorizedParty, Claim, Malformed, Type};
use portcullis_testkit::TokenBuilder;
use serde_json::json;

use crate::support::{Login, invalid};
use crate::table::{Change, accepts, refuses};

#[tokio::test]
async fn atk_c02_audience() {
    refuses(&[
        ("missing", |token| token.without("aud"), Audience),
        ("other", |token| token.claim("aud", "other"), Audience),
        ("no one", |token| token.claim("aud", json!([])), Audience),
        ("one more", |token| token.claim("aud", json!(["app", "evil"])), Audience),
        ("one more, first", |token| token.claim("aud", json!(["evil", "app"])), Audience),
        ("others only", |token| token.claim("aud", json!(["evil", "other"])), Audience),
        ("not only text", |token| token.claim("aud", json!(["app", 7])), Audience),
        ("null", |token| token.claim("aud", json!(null)), Audience),
        ("a number", |token| token.claim("aud", 7), Audience),
        ("an object", |token| token.claim("aud", json!({"app": true})), Audience),
        ("a space more", |token| token.claim("aud", "app "), Audience),
        ("other case", |token| token.claim("aud", "App"), Audience),
        ("several as one text", |token| token.claim("aud", "app other"), Audience),
        ("the API's", |token| token.claim("aud", "https://api.example.com"), Audience),
    ])
    .await;
    accepts(&[
        ("a list of one", |token| token.claim("aud", json!(["app"]))),
        ("twice", |token| token.claim("aud", json!(["app", "app"]))),
    ])
    .await;
}

#[tokio::test]
async fn atk_c03_authorized_party() {
    refuses(&[
        ("other", |token| token.claim("azp", "other"), AuthorizedParty),
        ("empty", |token| token.claim("azp", ""), AuthorizedParty),
        ("a list", |token| token.claim("azp", json!(["app"])), Claim("azp")),
        ("null", |token| token.claim("azp", json!(null)), Claim("azp")),
        (
            "a list of one, other party",
            |token| token.claim("aud", json!(["app"])).claim("azp", "other"),
            AuthorizedParty,
        ),
    ])
    .await;
    accepts(&[
        ("absent with one audience", |token| token.without("azp")),
        ("absent with a list of one", |token| token.claim("aud", json!(["app"])).without("azp")),
    ])
    .await;
}

#[tokio::test]
async fn atk_c03_trusted_audiences() {
    let both = |token: TokenBuilder| token.claim("aud", json!(["castles-api", "app"]));
    let trusting = || Login::with(|builder| builder.trusted_audiences(["castles-api"]));
    let login = trusting();
    login.server.id_token_fault(both);
    assert!(login.whole().await.is_ok(), "with azp");

    let rows: [(&str, Change, _); 4] = [
        ("no azp", |token| token.claim("aud", json!(["castles-api", "app"])).without("azp"), AuthorizedParty),
        (
            "the other is azp",
            |token| token.claim("aud", json!(["castles-api", "app"])).claim("azp", "castles-api"),
            AuthorizedParty,
        ),
        ("one more", |token| token.claim("aud", json!(["castles-api", "app", "evil"])), Audience),
        ("only the trusted one", |token| token.claim("aud", "castles-api"), Audience),
    ];
    for (name, change, reason) in rows {
        let login = trusting();
        login.server.id_token_fault(change);
        assert_eq!(login.refusal().await, invalid(reason), "{name}");
    }
    let untrusting = Login::new();
    untrusting.server.id_token_fault(both);
    assert_eq!(untrusting.refusal().await, invalid(Audience));
}

#[tokio::test]
async fn a_token_of_another_type() {
    refuses(&[
        ("access token", |token| token.typ("at+jwt"), Type),
        ("access token, in full", |token| token.typ("application/at+jwt"), Type),
        ("logout token", |token| token.typ("logout+jwt"), Type),
        ("secevent", |token| token.typ("secevent+jwt"), Type),
        ("a number", |token| token.header("typ", 7), Malformed("typ_not_a_string")),
    ])
    .await;
    accepts(&[("absent", |token| token.without_header("typ")), ("other case", |token| token.typ("jwt"))]).await;
}
