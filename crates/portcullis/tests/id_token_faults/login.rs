//! How and when the user logged in, where the application asked for that.

use std::time::Duration;

use portcullis::AuthorizeUrl;
use portcullis::InvalidToken::{Acr, AuthTime, Claim};
use portcullis_testkit::TokenBuilder;
use serde_json::json;

use crate::support::{CALLBACK, Login, invalid};
use crate::table::{Change, accepts, refuses};

type Wish = for<'p> fn(AuthorizeUrl<'p>) -> AuthorizeUrl<'p>;

async fn outcome(login: &Login, wish: Wish) -> Result<(), portcullis::ProviderErrorKind> {
    let begun = wish(login.provider.authorize_url(CALLBACK)).build().await.unwrap();
    let outcome = login.finish(&begun).await.map(drop).map_err(|error| error.kind());
    assert_eq!((login.asked().token, login.asked().userinfo), (1, 0));
    outcome
}

#[tokio::test]
async fn atk_c08_max_age_wants_a_recent_auth_time() {
    let rows: [(&str, i64, bool); 6] = [
        ("now", 0, true),
        ("as old as asked for", -300, true),
        ("older by the leeway", -360, true),
        ("older than that", -361, false),
        ("ahead by the leeway", 60, true),
        ("ahead of that", 61, false),
    ];
    for (name, shift, accepted) in rows {
        let login = Login::new();
        let at = login.server.clock().unix().saturating_add_signed(shift);
        login.server.id_token_fault(move |token| token.claim("auth_time", at));
        let outcome = outcome(&login, |url| url.max_age(Duration::from_secs(300))).await;
        assert_eq!(outcome, if accepted { Ok(()) } else { Err(invalid(AuthTime)) }, "{name}");
    }
}

#[tokio::test]
async fn atk_c08_max_age_without_a_usable_auth_time() {
    let rows: [(&str, Change, _); 4] = [
        ("missing", |token| token.without("auth_time"), AuthTime),
        ("text", |token| token.claim("auth_time", "1700000000"), Claim("auth_time")),
        ("null", |token| token.claim("auth_time", json!(null)), Claim("auth_time")),
        ("negative", |token| token.claim("auth_time", -1), Claim("auth_time")),
    ];
    for (name, change, reason) in rows {
        let login = Login::new();
        login.server.id_token_fault(change);
        let outcome = outcome(&login, |url| url.max_age(Duration::from_secs(300))).await;
        assert_eq!(outcome, Err(invalid(reason)), "{name}");
    }
}

#[tokio::test]
async fn atk_c08_without_max_age_auth_time_is_only_read() {
    accepts(&[
        ("absent", |token| token.without("auth_time")),
        ("old", |token| token.claim("auth_time", 1_000_000_000)),
    ])
    .await;
    refuses(&[("text", |token| token.claim("auth_time", "now"), Claim("auth_time"))]).await;
}

#[tokio::test]
async fn atk_c09_a_required_level() {
    let rows: [(&str, Change, bool); 7] = [
        ("as asked", |token| token.acr("gold"), true),
        ("the other one asked for", |token| token.acr("platinum"), true),
        ("another", |token| token.acr("silver"), false),
        ("other case", |token| token.acr("Gold"), false),
        ("missing", |token| token.without("acr"), false),
        ("a list", |token| token.claim("acr", json!(["gold"])), false),
        ("null", |token| token.claim("acr", json!(null)), false),
    ];
    for (name, change, accepted) in rows {
        let login = Login::new();
        login.server.id_token_fault(change);
        let outcome = outcome(&login, |url| url.required_acr(["gold", "platinum"])).await;
        assert_eq!(outcome, if accepted { Ok(()) } else { Err(invalid(Acr)) }, "{name}");
    }
}

#[tokio::test]
async fn atk_c09_a_level_asked_for_but_not_required() {
    let login = Login::new();
    login.server.id_token_fault(|token: TokenBuilder| token.acr("silver"));
    assert_eq!(outcome(&login, |url| url.acr_values(["gold"])).await, Ok(()));
    refuses(&[("a number", |token| token.claim("acr", 1), Acr)]).await;
}

#[tokio::test]
async fn atk_c09_amr_of_another_type_says_nothing() {
    let login = Login::new();
    login.server.id_token_fault(|token| token.claim("amr", "pwd mfa"));
    let tokens = login.tokens().await;
    assert_eq!(tokens.id_token().unwrap().claim::<Vec<String>>("amr"), None);
}
