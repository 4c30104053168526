//! What a token's form and header alone condemn: refused before any key is looked up.

use portcullis_testkit::TokenBuilder;
use serde_json::{Value, json};

use crate::{Fixture, TestApp};

const HEADER: &str = r#"{"alg":"ES256","typ":"at+jwt","kid":"es256-1"}"#;

fn token<A: TestApp>(fixture: &Fixture<A>) -> TokenBuilder {
    fixture.provider.token().user("alice")
}

/// Every row is refused unasked; then the token without the fault is admitted, so the fault was the reason.
async fn refused<A: TestApp>(fixture: &Fixture<A>, rows: impl IntoIterator<Item = (impl ToString, TokenBuilder)>) {
    for (what, row) in rows {
        fixture.assert_refused_unasked(&what.to_string(), &row.mint()).await;
    }
    fixture.assert_admitted("without the fault", &token(fixture).mint()).await;
    fixture.assert_admitted("with this header as text", &token(fixture).raw_header(HEADER).mint()).await;
}

pub async fn atk_j01_alg_none<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let unsigned = token(&fixture).unsigned().mint();
    assert!(unsigned.ends_with('.'));
    fixture.assert_refused_unasked("three segments", &unsigned).await;
    fixture.assert_refused_unasked("two segments", unsigned.trim_end_matches('.')).await;
    let emptied = token(&fixture).raw_signature("").mint();
    fixture.assert_refused_unasked("ES256 without a signature", &emptied).await;
    let spellings = ["none", "None", "NONE", "nOnE", "none ", "\u{ff4e}one"];
    let unsigned = spellings.map(|alg| (alg, token(&fixture).unsigned().header("alg", alg)));
    refused(&fixture, unsigned).await;
    let signed = spellings.map(|alg| (alg, token(&fixture).header("alg", alg)));
    refused(&fixture, signed).await;
}

pub async fn atk_j02_alg_is_an_exact_name<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let values = [
        json!("es256"),
        json!(" ES256"),
        json!("ES256 "),
        json!("ES256\0"),
        json!("ES256,RS256"),
        json!("ES256K"),
        json!("\u{395}S256"),
        json!(""),
        Value::Null,
        json!(0),
        json!(true),
        json!(["ES256"]),
        json!({}),
        json!({"alg": "ES256"}),
    ];
    refused(&fixture, values.map(|alg| (alg.clone(), token(&fixture).header("alg", alg)))).await;
    refused(&fixture, [("absent", token(&fixture).without_header("alg"))]).await;
    let other_member = token(&fixture).without_header("alg").header("ALG", "ES256");
    refused(&fixture, [("a member of another case", other_member)]).await;
}

pub async fn atk_j09_crit<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let values = [
        json!(["exp"]),
        json!(["bork"]),
        json!([]),
        json!("exp"),
        json!({}),
        json!(null),
        json!(0),
        json!(["alg"]),
        json!([1]),
    ];
    refused(&fixture, values.map(|crit| (crit.clone(), token(&fixture).header("crit", crit)))).await;
    let rows = [
        ("names a member that is there", token(&fixture).header("crit", json!(["bork"])).header("bork", true)),
        ("b64", token(&fixture).header("crit", json!(["b64"])).header("b64", false)),
        ("b64 as usual", token(&fixture).header("crit", json!(["b64"])).header("b64", true)),
    ];
    refused(&fixture, rows).await;
}

pub async fn atk_j10_unencoded_and_detached_payloads<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    for b64 in [json!(false), json!("true"), json!(null), json!(0)] {
        refused(&fixture, [(b64.clone(), token(&fixture).header("b64", b64))]).await;
    }
    let good = token(&fixture).mint();
    let (header, rest) = good.split_once('.').expect("three parts");
    let (payload, signature) = rest.split_once('.').expect("three parts");
    fixture.assert_refused_unasked("detached", &format!("{header}..{signature}")).await;
    let empty = token(&fixture).raw_payload("");
    refused(&fixture, [("an empty payload that is really signed", empty)]).await;
    fixture.assert_admitted("put together again", &format!("{header}.{payload}.{signature}")).await;
}

pub async fn atk_j11_json_serializations<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let good = token(&fixture).mint();
    let parts: Vec<_> = good.split('.').collect();
    let [protected, payload, signature] = parts[..] else { panic!("three parts") };
    let flattened = json!({"protected": protected, "payload": payload, "signature": signature}).to_string();
    let general =
        json!({"payload": payload, "signatures": [{"protected": protected, "signature": signature}]}).to_string();
    let rows = [
        ("flattened", flattened),
        ("general", general),
        ("compact within JSON", json!({ "token": good }).to_string()),
        ("in quotes", format!("\"{good}\"")),
        ("in brackets", format!("[{good}]")),
    ];
    for (what, row) in rows {
        let answer = fixture.get_as("/token", &row).await;
        answer.assert_refusal(what, 400, "invalid_request", Some(r#"Bearer error="invalid_request""#));
        assert_eq!(fixture.asked(), 0, "{what}");
    }
    fixture.assert_admitted("the compact one", &good).await;
}

pub async fn atk_j12_segments_and_base64url<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let good = token(&fixture).mint();
    let parts: Vec<_> = good.split('.').collect();
    let [header, payload, signature] = parts[..] else { panic!("three parts") };
    let last = signature.chars().last().expect("a signature");
    // 64 bytes leave four bits of the last letter unused: every other letter that decodes the same is forbidden.
    let respelled = char::from(last as u8 + 1);
    let cut = &signature[..signature.len() - 1];
    let rows = [
        ("one segment", header.to_owned()),
        ("two segments", format!("{header}.{payload}")),
        ("four segments", format!("{good}.{signature}")),
        ("five segments", format!("{good}.{payload}.{signature}")),
        ("six segments", format!("{good}.{good}")),
        ("a dot at the end", format!("{good}.")),
        ("a dot at the start", format!(".{good}")),
        ("only dots", "..".to_owned()),
        ("8,000 dots", ".".repeat(8000)),
        ("a million dots", ".".repeat(1_000_000)),
        ("no header", format!(".{payload}.{signature}")),
        ("no signature", format!("{header}.{payload}.")),
        ("padding", format!("{good}==")),
        ("a plus", format!("{header}.{payload}.+{}", &signature[1..])),
        ("a slash", format!("{header}.{payload}./{}", &signature[1..])),
        ("a tilde", format!("{good}~")),
        ("another spelling of the last byte", format!("{header}.{payload}.{cut}{respelled}")),
        ("a stray letter", format!("{header}.{payload}.{cut}")),
    ];
    for (what, row) in rows {
        fixture.assert_refused_unasked(what, &row).await;
    }
    for inside in [" ", "\t", ","] {
        let answer = fixture.get_as("/token", &good.replacen('.', &format!(".{inside}"), 1)).await;
        answer.assert_refusal(inside, 400, "invalid_request", Some(r#"Bearer error="invalid_request""#));
    }
    assert_eq!(fixture.asked(), 0);
    fixture.assert_admitted("as it was", &good).await;
}

pub async fn atk_j13_not_an_object<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let rows: [(&str, &'static [u8]); 14] = [
        ("an array", b"[]"),
        ("an object in an array", b"[{}]"),
        ("a string", b"\"{}\""),
        ("a number", b"1"),
        ("null", b"null"),
        ("true", b"true"),
        ("nothing", b" "),
        ("text", b"alg"),
        ("not UTF-8", b"{\"a\":\"\xff\"}"),
        ("overlong UTF-8", b"{\"a\":\"\xc0\xaf\"}"),
        ("a byte order mark", b"\xef\xbb\xbf{}"),
        ("a lone surrogate", br#"{"a":"\ud800"}"#),
        ("UTF-16", b"{\0}\0"),
        ("two objects", b"{}{}"),
    ];
    for (what, bytes) in rows {
        let as_header = token(&fixture).raw_header(bytes);
        let as_payload = token(&fixture).raw_payload(bytes);
        fixture.assert_refused_unasked(&format!("header: {what}"), &as_header.mint()).await;
        fixture.assert_refused_unasked(&format!("payload: {what}"), &as_payload.mint()).await;
    }
    let spoilt: [(&str, &'static [u8]); 3] = [
        ("a byte order mark before a good header", b"\xef\xbb\xbf{\"alg\":\"ES256\",\"typ\":\"at+jwt\"}"),
        ("a good header and more", br#"{"alg":"ES256","typ":"at+jwt"}x"#),
        ("a good header and a lone surrogate", br#"{"alg":"ES256","typ":"at+jwt","x":"\udc00"}"#),
    ];
    refused(&fixture, spoilt.map(|(what, bytes)| (what, token(&fixture).raw_header(bytes)))).await;
}

pub async fn atk_j14_duplicate_header_members<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let rows = [
        r#"{"alg":"ES256","alg":"ES256","typ":"at+jwt","kid":"es256-1"}"#,
        r#"{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"es256-1"}"#,
        r#"{"alg":"ES256","typ":"at+jwt","kid":"es256-1","kid":"other"}"#,
        r#"{"alg":"ES256","typ":"at+jwt","kid":"es256-1","typ":"JWT"}"#,
        r#"{"alg":"ES256","\u0061lg":"none","typ":"at+jwt","kid":"es256-1"}"#,
        r#"{"alg":"ES256","typ":"at+jwt","kid":"es256-1","x":{"a":1,"a":1}}"#,
    ];
    refused(&fixture, rows.map(|header| (header, token(&fixture).raw_header(header)))).await;
}

pub async fn atk_j18_nested_tokens<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let inner = token(&fixture).mint();
    let values = [json!("JWT"), json!("jwt"), json!("application/jwt"), json!("json"), json!(null), json!(1)];
    refused(&fixture, values.map(|cty| (cty.clone(), token(&fixture).header("cty", cty)))).await;
    let nested = token(&fixture).header("cty", "JWT").raw_payload(inner.clone());
    let undeclared = token(&fixture).raw_payload(inner);
    refused(&fixture, [("a token within a token", nested), ("without `cty`", undeclared)]).await;
}
