//! What the provider's answer about a user is worth.

use portcullis::transport::HttpErrorKind;
use portcullis_testkit::{Endpoint, Fault};
use serde_json::json;

use crate::{Fixture, TestApp};

const OPENID: Option<&str> = Some(r#"Bearer error="insufficient_scope", scope="openid""#);

pub async fn the_providers_own_verdict<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token_for("alice");
    fixture.provider.fault(Endpoint::UserInfo, Fault::status(401));
    fixture.get_as("/user", &token).await.assert_invalid_token("401");
    fixture.provider.fault(Endpoint::UserInfo, Fault::status(403));
    fixture.get_as("/user", &token).await.assert_refusal("403", 403, "insufficient_scope", OPENID);
    assert_eq!(fixture.provider.requests(Endpoint::UserInfo), 2, "a verdict is not asked for twice");
    for status in [204, 302, 400, 404, 418, 429, 500, 502, 503] {
        fixture.provider.fault(Endpoint::UserInfo, Fault::status(status));
        let answer = fixture.get_as("/user", &token).await;
        answer.assert_refusal(&status.to_string(), 503, "temporarily_unavailable", None);
    }
    fixture.provider.heal(Endpoint::UserInfo);
    fixture.get_as("/user", &token).await.assert_ok("healed: no refusal was kept");
}

fn not_alice() -> Vec<(&'static str, Fault)> {
    let bob = json!({"sub": "bob", "email": "bob@example.com"});
    let jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSIsImVtYWlsIjoiYm9iQGV4YW1wbGUuY29tIn0.";
    vec![
        ("another user", Fault::json(&bob)),
        ("an array", Fault::json(&json!([{"sub": "alice", "email": "bob@example.com"}]))),
        ("text", Fault::json(&json!("alice"))),
        ("null", Fault::json(&json!(null))),
        ("a page", Fault::html()),
        ("JSON that says it is a page", Fault::body("text/html", r#"{"sub":"alice"}"#)),
        ("nothing", Fault::empty()),
        ("half", Fault::truncated()),
        ("an unsigned JWT", Fault::body("application/jwt", jwt)),
        ("a JWT that says it is JSON", Fault::body("application/json", jwt)),
        ("no sub", Fault::json(&json!({"email": "bob@example.com"}))),
        ("an empty sub", Fault::json(&json!({"sub": ""}))),
        ("sub in a list", Fault::json(&json!({"sub": ["alice"]}))),
        ("sub of another case", Fault::json(&json!({"sub": "Alice"}))),
        ("sub and more", Fault::json(&json!({"sub": "alice "}))),
        ("two subs", Fault::body("application/json", r#"{"sub":"alice","sub":"bob"}"#)),
        ("two subs the other way round", Fault::body("application/json", r#"{"sub":"bob","sub":"alice"}"#)),
        ("5 MB", Fault::patch(|claims| claims["padding"] = json!("x".repeat(5_000_000)))),
        ("64 KiB and a little", Fault::patch(|claims| claims["padding"] = json!("x".repeat(65_536)))),
        (
            "nested too deep",
            Fault::body("application/json", format!("{}{}", r#"{"sub":"alice","a":"#, "[".repeat(50_000))),
        ),
        ("compressed", Fault::header("content-encoding", "gzip")),
        ("a redirect", Fault::redirect("https://evil.example/userinfo")),
        ("an endless body", Fault::endless()),
        ("a body that is cut", Fault::cut_body()),
        ("no answer", Fault::transport(HttpErrorKind::Timeout)),
    ]
}

pub async fn atk_c12_answers_that_are_not_this_users_claims<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token_for("alice");
    for (what, fault) in not_alice() {
        fixture.provider.fault(Endpoint::UserInfo, fault);
        for path in ["/user", "/user/fresh", "/optional", "/seat"] {
            let answer = fixture.get_as(path, &token).await;
            answer.assert_refusal(&format!("{what} at {path}"), 503, "temporarily_unavailable", None);
            assert!(!answer.text().contains("bob"), "{what}: {}", answer.text());
        }
        fixture.assert_nobody_else_was_asked(what);
    }
    fixture.provider.heal(Endpoint::UserInfo);
    let answer = fixture.get_as("/user", &token).await;
    assert_eq!(answer.json()["email"], "alice@example.com", "none of them was kept");
}

pub async fn atk_c12_a_user_never_sees_anothers_claims<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let (alice, bob) = (fixture.provider.token_for("alice"), fixture.provider.token_for("bob"));
    fixture.get_as("/user", &bob).await.assert_ok("bob's are cached");
    fixture.provider.user("alice", json!({"sub": "bob", "email": "alice@example.com"}));
    let answer = fixture.get_as("/user", &alice).await;
    answer.assert_refusal("alice is told to be bob", 503, "temporarily_unavailable", None);
    let answer = fixture.get_as("/user", &bob).await;
    assert_eq!(answer.json()["email"], "bob@example.com", "nor has bob got alice's");
}

pub async fn atk_c15_distributed_claims_are_not_fetched<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let claims = json!({
        "_claim_names": {"address": "one", "email": "two", "shoe_size": "three"},
        "_claim_sources": {
            "one": {"endpoint": "http://169.254.169.254/latest/meta-data", "access_token": "t"},
            "two": {"endpoint": "https://provider.test/internal", "access_token": "t"},
            "three": {"JWT": "eyJhbGciOiJub25lIn0.eyJzaG9lX3NpemUiOjQyfQ."},
        },
    });
    fixture.provider.user("alice", claims.clone());
    let answer = fixture.get_as("/user", &fixture.provider.token_for("alice")).await;
    answer.assert_ok("the claims as they are");
    assert_eq!(answer.json()["_claim_names"], claims["_claim_names"]);
    assert_eq!((&answer.json()["email"], &answer.json()["shoe_size"]), (&json!(null), &json!(null)));
    let in_token = ["_claim_names", "_claim_sources"];
    let token = in_token
        .iter()
        .fold(fixture.provider.token().user("bob"), |token, name| token.claim(*name, claims[*name].clone()));
    fixture.get_as("/user", &token.mint()).await.assert_ok("in a token too");
    fixture.assert_nobody_else_was_asked("aggregated and distributed claims");
    assert_eq!(fixture.asked(), 4, "discovery, keys, and each user once");
}
