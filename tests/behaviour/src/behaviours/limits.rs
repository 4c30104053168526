//! Input that is too much: refused for its size or shape, at a cost that its size bounds.

use std::time::{Duration, Instant};

use portcullis_testkit::{Endpoint, TokenBuilder};
use serde_json::json;

use crate::{Fixture, LogCapture, TestApp};

const LIMIT: usize = 8 * 1024;

/// A correct token that is as long as possible, but not longer than this; lengths move in steps of at most two.
fn token_of<A: TestApp>(fixture: &Fixture<A>, at_most: usize) -> String {
    let with_padding = |padding| fixture.provider.token().user("alice").claim("padding", "x".repeat(padding)).mint();
    let mut padding = (at_most - with_padding(0).len()) * 3 / 4 + 3;
    loop {
        let token = with_padding(padding);
        if token.len() <= at_most {
            return token;
        }
        padding -= 1;
    }
}

pub async fn atk_j15_tokens_beyond_8_kib<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let too_long = token_of(&fixture, LIMIT + 2);
    assert!((LIMIT + 1..=LIMIT + 2).contains(&too_long.len()), "{}", too_long.len());
    fixture.assert_refused_unasked("correct, but too long", &too_long).await;
    fixture.assert_refused_unasked("8 KiB and one letter", &"a".repeat(LIMIT + 1)).await;
    fixture.assert_refused_unasked("64 KiB", &"a".repeat(64 * 1024)).await;
    let header = fixture.provider.token().user("alice").header("padding", "x".repeat(1_000_000)).mint();
    fixture.assert_refused_unasked("a header of a megabyte", &header).await;
    let longest = token_of(&fixture, LIMIT);
    assert!(longest.len() > LIMIT - 2, "{}", longest.len());
    fixture.assert_admitted("8 KiB", &longest).await;
}

pub async fn atk_j15_nesting_and_many_members<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = || fixture.provider.token().user("alice");
    let nested = |depth: usize| (0..depth).fold(json!(1), |inner, _| json!([inner]));
    let arrays = |depth: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    let objects = |depth: usize| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
    for depth in [33, 100, 900, 2900] {
        fixture.assert_refused_unasked("payload of arrays", &token().raw_payload(arrays(depth)).mint()).await;
        fixture.assert_refused_unasked("header of arrays", &token().raw_header(arrays(depth)).mint()).await;
    }
    for depth in [33, 100, 900, 10_000] {
        fixture.assert_refused_unasked("payload of objects", &token().raw_payload(objects(depth)).mint()).await;
        fixture.assert_refused_unasked("header of objects", &token().raw_header(objects(depth)).mint()).await;
    }
    fixture.assert_refused_unasked("one claim too deep", &token().claim("deep", nested(32)).mint()).await;
    fixture.assert_admitted("deep enough for everybody", &token().claim("deep", nested(31)).mint()).await;
    let many = |count: usize| (0..count).fold(token(), |token, number| token.claim(format!("c{number}"), number));
    fixture.assert_admitted("400 claims", &many(400).mint()).await;
    fixture.assert_refused_unasked("100,000 claims", &many(100_000).mint()).await;
    fixture.assert_refused_unasked("1,001 scopes", &token().scope("a ".repeat(1001)).mint()).await;
    fixture.assert_refused_unasked("1,001 permissions", &token().permissions(vec![""; 1001]).mint()).await;
}

pub async fn atk_j15_a_kid_of_257_bytes<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = |length: usize| fixture.provider.token().user("alice").header("kid", "k".repeat(length));
    for length in [257, 4096, 1_000_000] {
        fixture.assert_refused_unasked("too long to be looked up", &token(length).mint()).await;
    }
    fixture.assert_refused("long enough to be looked up", &token(256).mint()).await;
    assert_eq!(fixture.provider.requests(Endpoint::Jwks), 2, "the set, and once more for the unknown name");
}

pub async fn atk_j16_hostile_key_ids<A: TestApp>() {
    let log = LogCapture::begin();
    let fixture = Fixture::<A>::new();
    let token = |kid: serde_json::Value| fixture.provider.token().user("alice").header("kid", kid);
    for kid in [json!({"a": 1}), json!(1), json!(null), json!(["es256-1"]), json!(true), json!("x".repeat(4096))] {
        fixture.assert_refused_unasked(&kid.to_string(), &token(kid).mint()).await;
    }
    let kids = [
        "../../dev/null",
        "' OR 1=1 --",
        "es256-1\r\nSet-Cookie: a=b",
        "\u{1b}[31mes256-1",
        "\u{435}s256-1",
        "ES256-1",
        "es256-1 ",
        "es256-1\0",
        "es256-",
        "__proto__",
        "constructor",
        "${jndi:ldap://evil.example/a}",
        "%65s256-1",
        "https://evil.example/jwks",
        "",
    ];
    for kid in kids {
        fixture.assert_refused(kid, &token(json!(kid)).mint()).await;
        log.assert_without(kid, &["OR 1=1", "jndi", "Set-Cookie", "evil.example", "/dev/null"]);
        // One more question about unknown names every ten seconds is what the provider has to bear.
        fixture.clock.advance(Duration::from_secs(10));
    }
    log.assert_printable("the log of hostile key ids");
    assert!(log.contains("unknown_key"), "they were seen: {:?}", log.lines());
    fixture.assert_admitted("the true one", &token(json!("es256-1")).mint()).await;
}

/// Far more than a request needs on a busy machine, far less than work that grows faster than its input takes.
const PATIENCE: Duration = Duration::from_secs(5);

pub async fn atk_x03_json_that_costs_time<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = || fixture.provider.token().user("alice");
    let members = |count: usize| (0..count).map(|n| format!(r#""m{n}":0"#)).collect::<Vec<_>>().join(",");
    let bombs = [
        ("arrays", format!(r#"{{"a":{}"#, "[".repeat(5700))),
        ("objects", r#"{"a":"#.repeat(1100)),
        ("a duplicate after 600 members", format!(r#"{{{},"m0":0}}"#, members(600))),
        ("a thousand of one name", format!("{{{}}}", vec![r#""a":0"#; 900].join(","))),
        ("a number of 5,000 digits", format!(r#"{{"exp":{}}}"#, "9".repeat(5000))),
        ("5,000 digits after the point", format!(r#"{{"exp":0.{}}}"#, "9".repeat(5000))),
        ("a huge exponent", r#"{"exp":1e999999999}"#.to_owned()),
        ("a tiny exponent", r#"{"exp":1e-999999999}"#.to_owned()),
        ("escapes", format!(r#"{{"iss":"{}"}}"#, r"\u0061".repeat(900))),
        ("surrogates", format!(r#"{{"iss":"{}"}}"#, r"\ud83d\ude00".repeat(450))),
        ("an open string", format!(r#"{{"iss":"{}"#, "\\\\".repeat(2500))),
        ("white space", format!("{{{}}}", " ".repeat(5700))),
    ];
    let both =
        |bomb: &String| -> [TokenBuilder; 2] { [token().raw_header(bomb.clone()), token().raw_payload(bomb.clone())] };
    for (what, bomb) in &bombs {
        for built in both(bomb) {
            let minted = built.mint();
            assert!(minted.len() <= LIMIT, "{what}: would be refused for its length: {}", minted.len());
            let started = Instant::now();
            fixture.assert_refused_unasked(what, &minted).await;
            assert!(started.elapsed() < PATIENCE, "{what}");
        }
    }
}
