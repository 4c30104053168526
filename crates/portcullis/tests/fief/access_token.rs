//! Access tokens of Fief's shape.

use std::time::Duration;

use portcullis::requirement::{acr, all, max_age, permission, scope};
use portcullis::{Acr, AuthError, InvalidToken, Requirement};

use crate::api::Api;

#[tokio::test]
async fn the_record_says_what_fief_put_into_the_token() {
    let api = Api::new();
    let raw = api.token().scope("openid castles").acr("1").mint();
    let token = api.admits(&raw).await.unwrap();
    assert_eq!((token.issuer(), token.subject()), (api.server.issuer().as_str(), "alice"));
    assert_eq!((token.client_id(), token.is_client()), (Some("app"), false));
    assert!(token.scopes().eq(["openid", "castles"]));
    assert!(token.permissions().eq(["castles:read", "castles:create"]));
    assert_eq!((token.acr(), token.auth_time()), (Some("1"), Some(api.server.clock().unix())));
    assert_eq!(token.expires_at(), api.server.clock().unix() + 300);
    assert_eq!(token.secret().unwrap().expose(), raw);
}

#[tokio::test]
async fn each_option_of_the_python_client_is_a_requirement() {
    let api = Api::new();
    let raw = api.token().scope("openid").permissions(["castles:read"]).acr("0").mint();
    let weak = api.admits(&raw).await.unwrap();
    let strong = api.admits(&api.token().scope("openid").acr("1").mint()).await.unwrap();
    let rows: [(&str, Requirement<'_>, bool, bool); 9] = [
        ("a scope that is there", scope("openid"), true, true),
        ("a scope that is missing", scope("required_scope"), false, false),
        ("a part of a scope", scope("open"), false, false),
        ("the weak level", acr(Acr::value("0")), true, true),
        ("the strong level", acr(Acr::value("1")), false, true),
        ("a level nobody knows", acr(Acr::value("2")), false, false),
        ("a permission that is there", permission("castles:read"), true, true),
        ("a permission that is missing", permission("castles:create"), false, true),
        ("a recent login", max_age(Duration::from_secs(300)), true, true),
    ];
    for (name, requirement, of_weak, of_strong) in rows {
        assert_eq!(weak.satisfies(&requirement), of_weak, "{name}");
        assert_eq!(strong.satisfies(&requirement), of_strong, "{name}");
    }
    let several = [scope("openid"), acr(Acr::STRONG), permission("castles:create")];
    assert!(strong.satisfies(&all(&several)) && !weak.satisfies(&all(&several)));
}

#[tokio::test]
async fn a_level_outside_fiefs_list_satisfies_only_itself() {
    let api = Api::new();
    let token = api.admits(&api.token().acr("unknown").mint()).await.unwrap();
    for (level, satisfied) in [("0", false), ("1", false), ("unknown", true)] {
        assert_eq!(token.satisfies(&acr(Acr::value(level))), satisfied, "{level}");
    }
}

#[tokio::test]
async fn what_is_no_access_token() {
    let api = Api::new();
    let rows = [
        ("garbage", "INVALID_TOKEN".to_owned(), InvalidToken::Malformed("token_parts")),
        ("HS256", api.token().hmac("secret").mint(), InvalidToken::Malformed("alg_not_allowed")),
        ("unsigned", api.token().unsigned().mint(), InvalidToken::Malformed("signature_empty")),
        ("empty claims", api.token().raw_payload("{}").mint(), InvalidToken::Issuer),
        ("expired", api.token().expires_in(-60).mint(), InvalidToken::Expired),
    ];
    for (name, token, reason) in rows {
        api.refuses(name, &token, reason).await;
    }
    let encrypted = "eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2R0NNIn0.a.b.c.d";
    assert!(matches!(api.admits(encrypted).await, Err(AuthError::InvalidToken(_) | AuthError::InvalidRequest(_))));
}
