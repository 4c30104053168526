use serde_json::json;

use super::{Header, Jws, JwsError, MAX_TOKEN_BYTES};
use crate::json::JsonError;
use crate::keys::test_key::{TestKey, encode};
use crate::token::Algorithm;

fn refusal(token: &str) -> Option<JwsError> {
    Jws::parse(token, Algorithm::ALL).err()
}

fn with_header(header: impl AsRef<[u8]>) -> String {
    format!("{}.{}.{}", encode(header), encode("{}"), encode("signature"))
}

#[test]
fn form() {
    let good = with_header(r#"{"alg":"ES256"}"#);
    assert_eq!(refusal(&good), None);
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else { unreachable!() };
    let rows = [
        ("atk_j12_empty", String::new(), JwsError::Parts),
        ("atk_j12_one_part", header.to_owned(), JwsError::Parts),
        ("atk_j12_two_parts", format!("{header}.{payload}"), JwsError::Parts),
        ("atk_j12_four_parts", format!("{good}.{signature}"), JwsError::Parts),
        ("atk_j12_five_parts", format!("{good}.{payload}.{signature}"), JwsError::Encrypted),
        ("atk_j12_six_parts", format!("{good}.a.b.c"), JwsError::Parts),
        ("atk_j12_trailing_dot", format!("{good}."), JwsError::Parts),
        ("atk_j12_only_dots", ".".repeat(MAX_TOKEN_BYTES), JwsError::Parts),
        ("atk_j12_million_dots", ".".repeat(1_000_000), JwsError::TooLong),
        ("atk_j12_no_header", format!(".{payload}.{signature}"), JwsError::HeaderEmpty),
        ("atk_j01_no_signature", format!("{header}.{payload}."), JwsError::SignatureEmpty),
        ("atk_j12_padding_header", format!("{header}=.{payload}.{signature}"), JwsError::Characters),
        ("atk_j12_padding_signature", format!("{good}=="), JwsError::Characters),
        ("atk_j12_plus", format!("{good}+"), JwsError::Characters),
        ("atk_j12_slash", format!("{good}/"), JwsError::Characters),
        ("atk_j12_space_before", format!(" {good}"), JwsError::Characters),
        ("atk_j12_line_break_after", format!("{good}\n"), JwsError::Characters),
        ("atk_j12_nul", format!("{good}\0"), JwsError::Characters),
        ("atk_j12_percent", format!("{good}%41"), JwsError::Characters),
        ("atk_j12_not_ascii", format!("{good}é"), JwsError::Characters),
        ("atk_j12_trailing_bits_payload", format!("{header}.e31.{signature}"), JwsError::Encoding),
        ("atk_j12_trailing_bits_signature", format!("{header}.{payload}.AB"), JwsError::Encoding),
        ("atk_j12_stray_length", format!("{header}.{payload}.AAAAA"), JwsError::Encoding),
        ("atk_j12_stray_header", format!("A.{payload}.{signature}"), JwsError::Encoding),
        ("atk_j11_json_serialization", json!({ "payload": payload }).to_string(), JwsError::Characters),
        ("atk_j11_quoted", format!("\"{good}\""), JwsError::Characters),
    ];
    for (name, token, expected) in rows {
        assert_eq!(refusal(&token), Some(expected), "{name}");
    }
}

#[test]
fn atk_j15_length_is_checked_first() {
    let of_length = |length| "!".repeat(length);
    assert_eq!(refusal(&of_length(MAX_TOKEN_BYTES)), Some(JwsError::Characters));
    assert_eq!(refusal(&of_length(MAX_TOKEN_BYTES + 1)), Some(JwsError::TooLong));
    let deep = with_header(format!("{{\"alg\":\"ES256\",\"a\":{}", "[".repeat(5_000)));
    assert_eq!(refusal(&deep), Some(JwsError::Header(JsonError::TooDeep)));
}

#[test]
fn an_empty_payload_may_be_signed() {
    let token = format!("{}..{}", encode(r#"{"alg":"ES256"}"#), encode("signature"));
    assert_eq!(Jws::parse(&token, Algorithm::ALL).ok().map(|jws| jws.payload().to_vec()), Some(Vec::new()));
}

#[test]
fn header() {
    let rows: &[(&str, &str, JwsError)] = &[
        ("atk_j13_array", "[]", JwsError::Header(JsonError::NotAnObject)),
        ("atk_j13_not_json", "alg", JwsError::Header(JsonError::Syntax)),
        ("atk_j13_byte_order_mark", "\u{feff}{}", JwsError::Header(JsonError::Syntax)),
        ("atk_j14_two_alg", r#"{"alg":"ES256","alg":"ES256"}"#, JwsError::Header(JsonError::DuplicateMember)),
        ("atk_j14_two_kid", r#"{"alg":"ES256","kid":"a","kid":"b"}"#, JwsError::Header(JsonError::DuplicateMember)),
        ("atk_j14_escaped", r#"{"alg":"ES256","\u0061lg":"ES256"}"#, JwsError::Header(JsonError::DuplicateMember)),
        ("atk_j02_absent", "{}", JwsError::AlgorithmMissing),
        ("atk_j02_null", r#"{"alg":null}"#, JwsError::AlgorithmMissing),
        ("atk_j02_number", r#"{"alg":0}"#, JwsError::AlgorithmMissing),
        ("atk_j02_true", r#"{"alg":true}"#, JwsError::AlgorithmMissing),
        ("atk_j02_array", r#"{"alg":["RS256"]}"#, JwsError::AlgorithmMissing),
        ("atk_j02_object", r#"{"alg":{}}"#, JwsError::AlgorithmMissing),
        ("atk_j02_upper_case_member", r#"{"ALG":"ES256"}"#, JwsError::AlgorithmMissing),
        ("atk_j02_empty", r#"{"alg":""}"#, JwsError::AlgorithmNotAllowed),
        ("atk_j01_none", r#"{"alg":"none"}"#, JwsError::AlgorithmNotAllowed),
        ("atk_j01_none_capital", r#"{"alg":"None"}"#, JwsError::AlgorithmNotAllowed),
        ("atk_j01_none_upper", r#"{"alg":"NONE"}"#, JwsError::AlgorithmNotAllowed),
        ("atk_j01_none_mixed", r#"{"alg":"nOnE"}"#, JwsError::AlgorithmNotAllowed),
        ("atk_j02_lower", r#"{"alg":"es256"}"#, JwsError::AlgorithmNotAllowed),
        ("atk_j02_space_before", r#"{"alg":" ES256"}"#, JwsError::AlgorithmNotAllowed),
        ("atk_j02_space_after", r#"{"alg":"ES256 "}"#, JwsError::AlgorithmNotAllowed),
        ("atk_j02_nul_after", r#"{"alg":"ES256\u0000"}"#, JwsError::AlgorithmNotAllowed),
        ("atk_j03_hs256", r#"{"alg":"HS256"}"#, JwsError::AlgorithmNotAllowed),
        ("atk_j06_es256k", r#"{"alg":"ES256K"}"#, JwsError::AlgorithmNotAllowed),
        ("atk_j09_crit_known_name", r#"{"alg":"ES256","crit":["exp"],"exp":1}"#, JwsError::Critical),
        ("atk_j09_crit_unknown_name", r#"{"alg":"ES256","crit":["bork"],"bork":1}"#, JwsError::Critical),
        ("atk_j09_crit_absent_name", r#"{"alg":"ES256","crit":["bork"]}"#, JwsError::Critical),
        ("atk_j09_crit_empty", r#"{"alg":"ES256","crit":[]}"#, JwsError::Critical),
        ("atk_j09_crit_null", r#"{"alg":"ES256","crit":null}"#, JwsError::Critical),
        ("atk_j09_crit_string", r#"{"alg":"ES256","crit":"exp"}"#, JwsError::Critical),
        ("atk_j09_crit_b64", r#"{"alg":"ES256","crit":["b64"],"b64":false}"#, JwsError::Critical),
        ("atk_j10_b64_without_crit", r#"{"alg":"ES256","b64":false}"#, JwsError::UnencodedPayload),
        ("atk_j10_b64_string", r#"{"alg":"ES256","b64":"true"}"#, JwsError::UnencodedPayload),
        ("atk_j18_nested", r#"{"alg":"ES256","cty":"JWT"}"#, JwsError::ContentType),
        ("atk_j18_nested_media_type", r#"{"alg":"ES256","cty":"application/jwt"}"#, JwsError::ContentType),
        ("atk_j16_kid_object", r#"{"alg":"ES256","kid":{}}"#, JwsError::KeyIdNotAString),
        ("atk_j16_kid_number", r#"{"alg":"ES256","kid":1}"#, JwsError::KeyIdNotAString),
        ("atk_j16_kid_null", r#"{"alg":"ES256","kid":null}"#, JwsError::KeyIdNotAString),
        ("atk_j17_typ_array", r#"{"alg":"ES256","typ":["at+jwt"]}"#, JwsError::TypeNotAString),
        ("atk_j17_typ_null", r#"{"alg":"ES256","typ":null}"#, JwsError::TypeNotAString),
    ];
    for (name, header, expected) in rows {
        assert_eq!(refusal(&with_header(header)), Some(*expected), "{name}");
    }
}

#[test]
fn atk_j13_header_is_not_utf8() {
    let token = with_header(b"{\"alg\":\"ES256\",\"a\":\"\xff\"}");
    assert_eq!(refusal(&token), Some(JwsError::Header(JsonError::Syntax)));
}

#[test]
fn atk_j16_kid_is_limited_to_256_bytes() {
    let with_key_id = |length: usize| with_header(json!({ "alg": "ES256", "kid": "é".repeat(length / 2) }).to_string());
    assert_eq!(refusal(&with_key_id(256)), None);
    assert_eq!(refusal(&with_key_id(258)), Some(JwsError::KeyIdTooLong));
    assert_eq!(refusal(&with_key_id(4096)), Some(JwsError::KeyIdTooLong));
}

#[test]
fn atk_j04_only_the_allow_list_counts() {
    let token = with_header(r#"{"alg":"RS512"}"#);
    assert!(Jws::parse(&token, &[Algorithm::Rs512]).is_ok());
    assert_eq!(Jws::parse(&token, &[Algorithm::Rs256]).err(), Some(JwsError::AlgorithmNotAllowed));
    assert_eq!(Jws::<Algorithm>::parse(&token, &[]).err(), Some(JwsError::AlgorithmNotAllowed));
}

#[test]
fn atk_j08_keys_in_the_header_are_not_used() {
    let (issuer, attacker) = (TestKey::for_algorithm(Algorithm::Es256), TestKey::for_algorithm(Algorithm::Es256));
    let header = json!({ "alg": "ES256", "jwk": attacker.jwk(), "jku": "https://attacker.example/jwks",
        "x5u": "https://attacker.example/x5u", "x5c": ["AA"], "x5t": "AA" });
    let (forged, honest) =
        (attacker.token(Algorithm::Es256, &header, "{}"), issuer.token(Algorithm::Es256, &header, "{}"));
    assert!(!Jws::parse(&forged, Algorithm::ALL).unwrap().verify_with(&issuer.public()));
    assert!(Jws::parse(&honest, Algorithm::ALL).unwrap().verify_with(&issuer.public()));
}

#[test]
fn what_is_read() {
    let header = json!({ "alg": "Ed25519", "kid": "a", "typ": "at+jwt", "b64": true, "other": [1] });
    let pair = TestKey::for_algorithm(Algorithm::EdDsa);
    let token = pair.token(Algorithm::EdDsa, &header, r#"{"sub":"a"}"#);
    let jws = Jws::parse(&token, &[Algorithm::EdDsa]).unwrap();
    assert_eq!(jws.header.algorithm, Algorithm::EdDsa);
    assert_eq!(jws.header.key_id.as_deref(), Some("a"));
    assert_eq!(jws.header.token_type.as_deref(), Some("at+jwt"));
    assert_eq!(jws.payload(), br#"{"sub":"a"}"#);
    assert!(jws.verify_with(&pair.public()));
}

#[test]
fn atk_j17_type_is_compared_as_a_media_type() {
    let of_type = |token_type: Option<&str>| Header {
        algorithm: Algorithm::Es256,
        key_id: None,
        token_type: token_type.map(Into::into),
    };
    let rows = [
        (Some("at+jwt"), true),
        (Some("AT+JWT"), true),
        (Some("application/at+jwt"), true),
        (Some("Application/AT+jwt"), true),
        (Some("application/application/at+jwt"), false),
        (Some("at+jwt "), false),
        (Some("at+jwt; charset=utf-8"), false),
        (Some("text/at+jwt"), false),
        (Some("JWT"), false),
        (Some("logout+jwt"), false),
        (Some("application/"), false),
        (Some("applicationé"), false),
        (Some(""), false),
        (None, false),
    ];
    for (token_type, expected) in rows {
        assert_eq!(of_type(token_type).is_type("at+jwt"), expected, "{token_type:?}");
    }
}
