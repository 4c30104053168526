//! Issuer, subject and lifetime.

use std::time::Duration;

use portcullis::InvalidToken::{Claim, Expired, Issuer, Malformed, NotYetValid};
use serde_json::json;

use crate::support::{Login, invalid};
use crate::table::{accepts, refuses};

#[tokio::test]
async fn atk_c01_issuer() {
    refuses(&[
        ("other", |token| token.claim("iss", "https://evil.example"), Issuer),
        ("missing", |token| token.without("iss"), Issuer),
        ("empty", |token| token.claim("iss", ""), Issuer),
        ("a slash more", |token| token.claim("iss", "https://provider.test/"), Issuer),
        ("other case", |token| token.claim("iss", "https://Provider.test"), Issuer),
        ("as a prefix", |token| token.claim("iss", "https://provider.test.evil.example"), Issuer),
        ("as a suffix", |token| token.claim("iss", "evil https://provider.test"), Issuer),
        ("other scheme", |token| token.claim("iss", "http://provider.test"), Issuer),
        ("a list", |token| token.claim("iss", json!(["https://provider.test"])), Issuer),
        ("null", |token| token.claim("iss", json!(null)), Issuer),
    ])
    .await;
}

#[tokio::test]
async fn atk_c04_expiry() {
    refuses(&[
        ("missing", |token| token.without("exp"), Claim("exp")),
        ("text", |token| token.claim("exp", "9999999999"), Claim("exp")),
        ("null", |token| token.claim("exp", json!(null)), Claim("exp")),
        ("negative", |token| token.claim("exp", -1), Claim("exp")),
        ("enormous", |token| token.claim("exp", 1e300), Claim("exp")),
        ("beyond signed integers", |token| token.claim("exp", 9_223_372_036_854_775_808_u64), Claim("exp")),
        ("infinite", |token| token.raw_payload(r#"{"exp":1e999}"#), Malformed("payload_json")),
        ("a list", |token| token.claim("exp", json!([9_999_999_999_u64])), Claim("exp")),
        ("zero", |token| token.claim("exp", 0), Expired),
        ("past by the leeway", |token| token.expires_in(-60), Expired),
        ("long past", |token| token.expires_in(-360), Expired),
    ])
    .await;
    accepts(&[
        ("past within the leeway", |token| token.expires_in(-59)),
        ("a fraction", |token| token.claim("exp", 9_999_999_999.5)),
    ])
    .await;
}

#[tokio::test]
async fn atk_c04_the_leeway_is_the_operators() {
    for (leeway, late, accepted) in [(0, 0, false), (0, -1, true), (300, 299, true), (300, 300, false)] {
        let login = Login::with(|builder| builder.leeway(Duration::from_secs(leeway)));
        login.server.id_token_fault(move |token| token.expires_in(-late));
        let outcome = login.sign_in().await;
        assert_eq!(outcome.is_ok(), accepted, "leeway {leeway}, {late} s late");
        if let Err(error) = outcome {
            assert_eq!(error.kind(), invalid(Expired));
        }
    }
}

#[tokio::test]
async fn atk_c05_issued_and_not_before() {
    refuses(&[
        ("no iat", |token| token.without("iat"), Claim("iat")),
        ("iat as text", |token| token.claim("iat", "1700000000"), Claim("iat")),
        ("iat null", |token| token.claim("iat", json!(null)), Claim("iat")),
        ("iat negative", |token| token.claim("iat", -1), Claim("iat")),
        ("iat in the future", |token| token.claim("iat", 9_999_999_999_u64), NotYetValid),
        ("nbf in the future", |token| token.claim("nbf", 9_999_999_999_u64), NotYetValid),
        ("nbf as text", |token| token.claim("nbf", "0"), Claim("nbf")),
    ])
    .await;
    accepts(&[("nbf in the past", |token| token.claim("nbf", 1_000_000_000))]).await;
}

#[tokio::test]
async fn atk_c05_the_future_begins_after_the_leeway() {
    for name in ["iat", "nbf"] {
        for (ahead, accepted) in [(60, true), (61, false)] {
            let login = Login::new();
            let at = login.server.clock().unix() + ahead;
            login.server.id_token_fault(move |token| token.claim(name, at));
            assert_eq!(login.sign_in().await.is_ok(), accepted, "{name} {ahead} s ahead");
        }
    }
}

#[tokio::test]
async fn atk_c10_subject() {
    refuses(&[
        ("missing", |token| token.without("sub"), Claim("sub")),
        ("empty", |token| token.claim("sub", ""), Claim("sub")),
        ("256 bytes", |token| token.claim("sub", "s".repeat(256)), Claim("sub")),
        ("256 bytes in 128 characters", |token| token.claim("sub", "é".repeat(128)), Claim("sub")),
        ("a number", |token| token.claim("sub", 7), Claim("sub")),
        ("a list", |token| token.claim("sub", json!(["alice"])), Claim("sub")),
        ("null", |token| token.claim("sub", json!(null)), Claim("sub")),
    ])
    .await;
}

#[tokio::test]
async fn doubled_members_and_what_is_no_object() {
    refuses(&[
        ("doubled", |token| token.raw_payload(r#"{"sub":"alice","sub":"bob"}"#), Malformed("payload_json")),
        ("a list", |token| token.raw_payload("[]"), Malformed("payload_json")),
        ("not JSON", |token| token.raw_payload("alice"), Malformed("payload_json")),
        ("not UTF-8", |token| token.raw_payload(&b"{\"sub\":\"\xff\"}"[..]), Malformed("payload_json")),
        ("empty", |token| token.raw_payload(""), Malformed("payload_json")),
    ])
    .await;
}
