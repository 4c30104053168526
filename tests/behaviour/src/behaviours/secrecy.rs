//! What must never be seen: in a log, in an answer, in an error.

use http::Request;
use http::header::AUTHORIZATION;
use portcullis_testkit::{Endpoint, Fault, SigningKey, TokenBuilder};
use serde_json::json;

use crate::{Fixture, LogCapture, TestApp};

const CANARY: &str = "canary-d1f7";
const PATHS: [&str; 10] = [
    "/token",
    "/scoped",
    "/castles",
    "/strong",
    "/recent",
    "/user",
    "/optional",
    "/result",
    "/group/token",
    "/nested/inner/never",
];

/// Correct, except that every claim nobody needs, and the header, carry the canary.
fn marked<A: TestApp>(fixture: &Fixture<A>) -> TokenBuilder {
    let token = fixture.provider.token().user("alice").client_id(format!("client-{CANARY}")).acr(CANARY);
    let token = token.scope(format!("castles {CANARY}")).permission(CANARY).claim("jti", CANARY).claim("sid", CANARY);
    token.claim("email", format!("{CANARY}@example.com")).header("x", CANARY)
}

fn tokens<A: TestApp>(fixture: &Fixture<A>) -> Vec<(&'static str, String)> {
    let attacker = SigningKey::generate(portcullis_testkit::Algorithm::Es256);
    let good = marked(fixture).mint();
    let (message, signature) = good.rsplit_once('.').expect("a token");
    let rows = [
        ("good", good.clone()),
        ("expired", marked(fixture).expires_in(-600).mint()),
        ("too early", marked(fixture).claim("nbf", fixture.clock.unix() + 600).mint()),
        ("another issuer", marked(fixture).claim("iss", format!("https://{CANARY}.example")).mint()),
        ("another audience", marked(fixture).audience(CANARY).mint()),
        ("another type", marked(fixture).typ(CANARY).mint()),
        ("another algorithm", marked(fixture).header("alg", CANARY).mint()),
        ("an unknown key", marked(fixture).header("kid", CANARY).mint()),
        ("a forged signature", marked(fixture).sign_with(attacker.with_kid("es256-1")).mint()),
        ("a claim of a wrong type", marked(fixture).claim("sub", json!([CANARY])).mint()),
        ("a scope of a wrong type", marked(fixture).claim("scope", json!([CANARY])).mint()),
        ("bound", marked(fixture).claim("cnf", json!({"jkt": CANARY})).mint()),
        ("a payload that is no JSON", marked(fixture).raw_payload(format!(r#"{{"a":"{CANARY}"#)).mint()),
        ("a header that is no JSON", marked(fixture).raw_header(format!(r#"{{"a":"{CANARY}"#)).mint()),
        ("cut", message.to_owned()),
        ("not base64url", format!("{message}.{}", &signature[1..])),
        ("not a token", format!("{CANARY}.{CANARY}.{CANARY}")),
        ("malformed", format!("{CANARY} {CANARY}")),
        ("too long", CANARY.repeat(1000)),
    ];
    rows.into()
}

/// The pieces of a token by which it, or its signature, could be recognised or used.
fn pieces(token: &str) -> Vec<String> {
    let parts = token.split(['.', ' ']).filter(|part| part.len() > 8);
    parts
        .flat_map(|part| [part[..12.min(part.len())].to_owned(), part[part.len().saturating_sub(12)..].to_owned()])
        .collect()
}

fn assert_unseen(what: &str, text: &str, pieces: &[String]) {
    assert!(!text.contains(CANARY), "{what}: {text}");
    // The header of a token is no secret, and tokens of one key share its beginning.
    for piece in pieces.iter().filter(|piece| !piece.starts_with("eyJ")) {
        assert!(!text.contains(piece.as_str()), "{what}: {piece} in {text}");
    }
}

pub async fn no_token_is_seen_in_a_log_or_an_answer<A: TestApp>() {
    let log = LogCapture::begin();
    let fixture = Fixture::<A>::new();
    let mut all_pieces = Vec::new();
    for (what, token) in tokens(&fixture) {
        let pieces = pieces(&token);
        for path in PATHS {
            let answer = fixture.get_as(path, &token).await;
            // What the application itself shows of a token that was admitted is its own business.
            if !(answer.status.is_success() && what == "good") {
                assert_unseen(&format!("{what} at {path}"), &answer.text(), &pieces);
            }
            assert!(!answer.text().contains(&token), "{what} at {path}");
        }
        all_pieces.extend(pieces);
    }
    for line in log.lines() {
        assert_unseen("log", &line, &all_pieces);
    }
    log.assert_printable("log");
    for reason in ["expired", "not_yet_valid", "iss", "aud", "typ", "alg_not_allowed", "unknown_key", "signature"] {
        assert!(log.contains(&format!("reason={reason}")), "the log says why: {reason} in {:#?}", log.lines());
    }
}

pub async fn no_credential_elsewhere_in_a_request_is_seen<A: TestApp>() {
    let log = LogCapture::begin();
    let fixture = Fixture::<A>::new();
    for (name, value) in [
        ("authorization", format!("Basic {CANARY}")),
        ("authorization", format!("DPoP {CANARY}")),
        ("cookie", format!("session={CANARY}")),
        ("x-api-key", CANARY.to_owned()),
    ] {
        let request = Request::get(format!("/token?secret={CANARY}")).header(name, value);
        let answer = fixture.send(request.body(Vec::new().into()).expect("a request")).await;
        assert_unseen(name, &answer.text(), &[]);
    }
    let query = fixture.get(&format!("/token?access_token={CANARY}")).await;
    assert_unseen("the query", &query.text(), &[]);
    let twice = fixture.get_with("/token", &[format!("Bearer {CANARY}").as_bytes(), CANARY.as_bytes()]).await;
    assert_unseen("two headers", &twice.text(), &[]);
    log.assert_without("log", &[CANARY]);
    assert!(log.contains("token_in_query"), "the log says why: {:#?}", log.lines());
}

pub async fn nothing_of_the_providers_answers_is_seen<A: TestApp>() {
    let log = LogCapture::begin();
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token_for("alice");
    let pieces = pieces(&token);
    let faults = [
        Fault::json(&json!({"sub": CANARY})),
        Fault::json(&json!([CANARY])),
        Fault::body("text/html", CANARY),
        Fault::body("application/json", CANARY),
        Fault::body(&format!("text/{CANARY}"), CANARY),
        Fault::redirect(&format!("https://{CANARY}.example/")),
        Fault::status(500).and_header("www-authenticate", CANARY),
        Fault::status(401).and_header("www-authenticate", CANARY),
        Fault::header("content-encoding", CANARY),
    ];
    for fault in faults {
        fixture.provider.fault(Endpoint::UserInfo, fault);
        let answer = fixture.get_as("/user", &token).await;
        assert!(!answer.status.is_success());
        assert_unseen("an answer", &answer.text(), &pieces);
    }
    fixture.provider.heal(Endpoint::UserInfo);
    fixture.provider.user("alice", json!({"email": CANARY}));
    fixture.get_as("/user", &token).await.assert_ok("the user's own page");
    for line in log.lines() {
        assert_unseen("log", &line, &pieces);
    }
    assert!(log.contains("subject_mismatch"), "the log says why: {:#?}", log.lines());
}

pub async fn nothing_with_a_token_in_it_shows_it_as_text<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = marked(&fixture).mint();
    let request = Request::get("/token").header(AUTHORIZATION, format!("Bearer {token}")).body(()).expect("a request");
    for what in ["unknown", "known"] {
        let attempt = fixture.guard.attempt(&portcullis::Head::of(&request));
        let validated = attempt.principal::<portcullis::AccessToken>().await.expect("a good token");
        let text = format!("{attempt:?} {validated:?} {:?} {:?}", fixture.guard, validated.secret());
        let pieces = pieces(&token);
        let (signature, payload) = (&pieces[5], &pieces[3]);
        assert!(!text.contains(signature) && !text.contains(payload), "{what}: {text}");
        assert_eq!(
            validated.secret().map(portcullis::Secret::expose),
            Some(&*token),
            "{what}: who asks for it gets it"
        );
    }
    let refused = Request::get("/token").header(AUTHORIZATION, format!("Bearer x{token}")).body(()).expect("a request");
    let attempt = fixture.guard.attempt(&portcullis::Head::of(&refused));
    let refusal = attempt.principal::<portcullis::UserInfo>().await.expect_err("no token of ours");
    assert_unseen("a refusal", &format!("{refusal:?} {refusal} {:?}", refusal.error()), &pieces(&token));
}
