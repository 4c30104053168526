//! Answers that are none (T01): a typed error that names the endpoint and the reason, and nothing half done.

use std::time::Duration;

use portcullis::transport::HttpErrorKind;
use portcullis::{InvalidToken, OAuthError, ProviderEndpoint, ProviderErrorKind};
use portcullis_testkit::{Endpoint, Fault};
use serde_json::{Value, json};

use crate::support::{Asked, Login, invalid};

/// The answer to a login's code, spoiled: refused for this reason, asked once.
async fn refused(name: &str, fault: Fault, expected: ProviderErrorKind) {
    let login = Login::new();
    login.server.fault(Endpoint::Token, fault.clone());
    let error = login.whole().await.unwrap_err();
    assert_eq!((error.endpoint(), error.kind()), (ProviderEndpoint::Token, expected), "{name}");
    assert!(error.to_string().contains("token endpoint"), "{error}");
    if let ProviderErrorKind::Unusable(reason) = expected {
        assert!(error.to_string().contains(reason), "{error}");
    }
    assert_eq!(login.asked(), Asked { discovery: 1, token: 1, ..Asked::default() }, "{name}");

    let login = Login::new();
    let tokens = login.tokens().await;
    login.server.fault(Endpoint::Token, fault);
    let error = login.refresh(&tokens).await.unwrap_err();
    assert_eq!(error.endpoint(), ProviderEndpoint::Token, "{name}");
    // An ID token is no duty of a refresh; all else is alike.
    assert_eq!(error.kind(), expected, "{name}, at a refresh");
    assert_eq!((login.asked().token, login.asked().userinfo), (2, 0), "{name}");
}

fn set(name: &'static str, value: Value) -> Fault {
    Fault::patch(move |answer| answer[name] = value.clone())
}

fn without(name: &'static str) -> Fault {
    Fault::patch(move |answer| drop(answer.as_object_mut().unwrap().remove(name)))
}

fn json_text(body: &'static str) -> Fault {
    Fault::body("application/json", body)
}

#[tokio::test]
async fn atk_t01_answers_that_are_no_json_object() {
    let rows = [
        ("not JSON", json_text("access_token=t&token_type=bearer")),
        ("a list", json_text(r#"[{"access_token":"t","token_type":"bearer"}]"#)),
        ("text", json_text(r#""t""#)),
        ("empty", Fault::empty()),
        ("truncated", Fault::truncated()),
        ("doubled access_token", json_text(r#"{"access_token":"a","access_token":"b","token_type":"bearer"}"#)),
        ("doubled escaped", json_text(r#"{"token_type":"bearer","access_token":"a","\u0061ccess_token":"b"}"#)),
        ("doubled in depth", json_text(r#"{"access_token":"a","token_type":"bearer","x":{"y":1,"y":2}}"#)),
        ("not UTF-8", Fault::body("application/json", &b"{\"access_token\":\"\xff\",\"token_type\":\"bearer\"}"[..])),
        (
            "byte order mark",
            Fault::body("application/json", "\u{feff}{\"access_token\":\"a\",\"token_type\":\"bearer\"}"),
        ),
        ("NaN", json_text(r#"{"access_token":"a","token_type":"bearer","expires_in":NaN}"#)),
        ("beyond all numbers", json_text(r#"{"access_token":"a","token_type":"bearer","expires_in":1e999}"#)),
    ];
    for (name, fault) in rows {
        refused(name, fault, ProviderErrorKind::Unusable("not_a_json_object")).await;
    }
}

#[tokio::test]
async fn atk_t01_pages() {
    let content_type = ProviderErrorKind::Unusable("content_type");
    refused("a page", Fault::html(), content_type).await;
    refused("tokens dressed up as a page", Fault::header("content-type", "text/html"), content_type).await;
    refused("a form", Fault::header("content-type", "application/x-www-form-urlencoded"), content_type).await;
    let page = Fault::body("application/json", "<!doctype html><title>Sign in</title>");
    refused("a page dressed up as JSON", page, ProviderErrorKind::Unusable("not_a_json_object")).await;
}

#[tokio::test]
async fn atk_t01_members_missing_or_of_another_type() {
    let rows = [
        ("no access token", without("access_token"), "no_access_token"),
        ("empty access token", set("access_token", json!("")), "no_access_token"),
        ("access token null", set("access_token", json!(null)), "no_access_token"),
        ("access token a number", set("access_token", json!(7)), "no_access_token"),
        ("access token a list", set("access_token", json!(["t"])), "no_access_token"),
        ("no token type", without("token_type"), "no_token_type"),
        ("token type null", set("token_type", json!(null)), "no_token_type"),
        ("token type a number", set("token_type", json!(1)), "no_token_type"),
        ("mac", set("token_type", json!("mac")), "token_type"),
        ("DPoP", set("token_type", json!("DPoP")), "token_type"),
        ("nearly bearer", set("token_type", json!("bearer ")), "token_type"),
        ("N_A", set("token_type", json!("N_A")), "token_type"),
        ("lifetime as text", set("expires_in", json!("300")), "expires_in"),
        ("lifetime negative", set("expires_in", json!(-1)), "expires_in"),
        ("lifetime of ages", set("expires_in", json!(1_000_000_000_000_u64)), "expires_in"),
        ("lifetime of ages, as a float", set("expires_in", json!(1e12)), "expires_in"),
        ("lifetime a fraction", set("expires_in", json!(300.5)), "expires_in"),
        ("lifetime a list", set("expires_in", json!([300])), "expires_in"),
        ("lifetime true", set("expires_in", json!(true)), "expires_in"),
        ("scope as a list", set("scope", json!(["openid"])), "scope"),
        ("scope a number", set("scope", json!(1)), "scope"),
        ("refresh token a number", set("refresh_token", json!(7)), "refresh_token"),
        ("refresh token an object", set("refresh_token", json!({})), "refresh_token"),
        ("ID token a number", set("id_token", json!(7)), "id_token_not_text"),
        ("ID token an object", set("id_token", json!({"sub": "alice"})), "id_token_not_text"),
    ];
    for (name, fault, reason) in rows {
        refused(name, fault, ProviderErrorKind::Unusable(reason)).await;
    }
}

#[tokio::test]
async fn atk_t01_no_id_token_though_openid_was_asked_for() {
    for fault in [without("id_token"), set("id_token", json!(null))] {
        let login = Login::new();
        login.server.fault(Endpoint::Token, fault);
        assert_eq!(login.refusal().await, ProviderErrorKind::Unusable("no_id_token"));
        assert_eq!(login.asked().jwks, 0);
    }
}

#[tokio::test]
async fn atk_t01_id_tokens_that_are_no_tokens() {
    let rows = [
        ("", "token_parts"),
        ("garbage", "token_parts"),
        ("a.b", "token_parts"),
        ("..", "header_empty"),
        ("{}", "token_characters"),
        ("eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2R0NNIn0.a.b.c.d", "token_encrypted"),
    ];
    for (text, reason) in rows {
        refused(text, set("id_token", json!(text)), invalid(InvalidToken::Malformed(reason))).await;
    }
    let long = format!("eyJhbGciOiJFUzI1NiJ9.{}.AAAA", "A".repeat(9000));
    refused("9 KB", set("id_token", json!(long)), invalid(InvalidToken::Malformed("token_too_long"))).await;
}

#[tokio::test]
async fn atk_t01_two_hundred_with_an_error() {
    let rows = [
        (json!({"error": "invalid_grant"}), OAuthError::InvalidGrant),
        (json!({"error": "invalid_client", "error_description": "who?"}), OAuthError::InvalidClient),
        (json!({"error": "brand_new"}), OAuthError::Other),
        (json!({"error": "invalid_scope", "access_token": "t", "token_type": "bearer"}), OAuthError::InvalidScope),
    ];
    for (body, error) in rows {
        refused(&body.to_string(), Fault::json(&body), ProviderErrorKind::Refused(error)).await;
    }
}

#[tokio::test]
async fn atk_t01_answers_without_measure() {
    let too_large = ProviderErrorKind::Transport(HttpErrorKind::TooLarge);
    refused("2 MB", Fault::oversized(2 << 20), too_large).await;
    refused("just too much", Fault::oversized(64 * 1024), too_large).await;
    refused("without an end", Fault::endless(), too_large).await;
    let encoded = ProviderErrorKind::Transport(HttpErrorKind::Encoded);
    refused("compressed", Fault::header("content-encoding", "gzip"), encoded).await;
}

#[tokio::test]
async fn what_an_answer_may_be() {
    let rows = [
        ("no lifetime", without("expires_in"), None),
        ("lifetime null", set("expires_in", json!(null)), None),
        ("lifetime zero", set("expires_in", json!(0)), Some(0)),
        ("a long life", set("expires_in", json!(31_536_000)), Some(31_536_000)),
        ("type in lower case", set("token_type", json!("bearer")), Some(300)),
        ("type in upper case", set("token_type", json!("BEARER")), Some(300)),
        ("members nobody knows", set("not-before-policy", json!({"deep": [1, {"er": null}]})), Some(300)),
        ("error null", set("error", json!(null)), Some(300)),
        ("a character set", Fault::header("content-type", "application/json;charset=ISO-8859-1"), Some(300)),
        ("a vague content type", Fault::header("content-type", "text/plain"), Some(300)),
    ];
    for (name, fault, seconds) in rows {
        let login = Login::new();
        login.server.fault(Endpoint::Token, fault);
        let tokens = login.sign_in().await.expect(name);
        assert_eq!(tokens.expires_in(), seconds.map(Duration::from_secs), "{name}");
    }
    let login = Login::new();
    login.server.fault(Endpoint::Token, without("scope"));
    assert!(login.tokens().await.scopes().eq(crate::support::SCOPES), "as asked, where the answer does not say");
}
