//! What a handler receives, and that a request is validated once for all who ask.

use std::time::Duration;

use portcullis_testkit::{Endpoint, Fault, TokenBuilder};
use serde_json::{Value, json};

use crate::{Answer, Fixture, TestApp};

fn machine<A: TestApp>(fixture: &Fixture<A>) -> TokenBuilder {
    fixture.provider.token().client_id("robot").subject("robot").scope("castles").permission("castles:read")
}

pub async fn every_route_gives_what_it_promises<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token().user("alice").permission("look").mint();
    let facts = json!({
        "id": "alice",
        "scope": ["openid", "profile", "email", "castles"],
        "permissions": ["castles:read", "castles:create", "look"],
        "acr": "1",
        "client": false,
    });
    let with_facts = [
        "/token",
        "/scoped",
        "/castles",
        "/any",
        "/strong",
        "/recent",
        "/everything",
        "/group/token",
        "/nested/inner/token",
    ];
    let rows = [
        ("/optional", json!({"id": "alice"})),
        ("/optional/token", json!({"id": "alice"})),
        ("/optional/castles", json!({"id": "alice"})),
        ("/optional/strong", json!({"id": "alice"})),
        ("/if-present", json!({"id": "alice"})),
        ("/result", json!({"id": "alice"})),
        ("/pair", json!({"token": "alice", "user": "alice"})),
        ("/seat", json!({"seat": "alice/alice@example.com"})),
        ("/three", json!({"id": "alice"})),
        ("/user-and-fresh", json!({"id": "alice"})),
    ];
    for (path, expected) in with_facts.map(|path| (path, facts.clone())).into_iter().chain(rows) {
        let answer = fixture.get_as(path, &token).await;
        answer.assert_ok(path);
        assert_eq!(answer.json(), expected, "{path}");
    }
}

pub async fn routes_without_a_principal_answer_too<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token_for("alice");
    for (path, expected) in [
        ("/open", "open"),
        ("/enforced", "in"),
        ("/group/plain", "in"),
        ("/cache/private", "mine"),
        ("/cache/public", "ours"),
    ] {
        let answer = fixture.get_as(path, &token).await;
        answer.assert_ok(path);
        assert_eq!(answer.body, expected, "{path}");
    }
}

pub async fn current_user_gives_the_claims_as_the_provider_sent_them<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let claims = json!({"sub": "alice", "email": "a@example.com", "email_verified": true, "own": {"list": [1, "b"]}});
    fixture.provider.user("alice", claims.clone());
    for path in ["/user", "/user/fresh", "/both"] {
        let answer = fixture.get_as(path, &fixture.provider.token_for("alice")).await;
        assert_eq!(answer.json(), claims, "{path}");
    }
}

/// The key set arrives an hour late, so that a second validation in the same request would find the token expired.
async fn get_with_slow_keys<A: TestApp>(fixture: &Fixture<A>, path: &str) -> Answer {
    let token = fixture.provider.token_for("alice");
    let gate = fixture.provider.hold(Endpoint::Jwks);
    let late = async {
        gate.waiting(1).await;
        fixture.clock.advance(Duration::from_secs(3600));
        gate.release();
    };
    tokio::join!(fixture.get_as(path, &token), late).0
}

pub async fn a_request_is_validated_once<A: TestApp>() {
    for path in ["/token", "/three", "/group/token", "/group/plain", "/user-and-fresh", "/pair"] {
        let fixture = Fixture::<A>::new();
        // The provider lives by the same clock and would refuse the token too.
        fixture.provider.fault(Endpoint::UserInfo, Fault::json(&json!({"sub": "alice"})));
        get_with_slow_keys(&fixture, path).await.assert_ok(path);
        assert_eq!(fixture.provider.requests(Endpoint::Jwks), 1, "{path}");
        let of_an_hour_ago = fixture.provider.token().user("alice").expires_in(-3600).mint();
        fixture.assert_refused_unasked_at(path, "an hour later", &of_an_hour_ago).await;
    }
}

pub async fn three_extractors_ask_about_the_user_once<A: TestApp>() {
    for path in ["/three", "/pair", "/seat", "/user-and-fresh", "/user", "/user/fresh", "/optional"] {
        // Without a life in the cache, every question goes to the provider.
        let fixture = Fixture::<A>::with(|guard| guard.user_info_ttl(Duration::ZERO));
        for expected in 1..=3 {
            fixture.get_as(path, &fixture.provider.token_for("alice")).await.assert_ok(path);
            assert_eq!(fixture.provider.requests(Endpoint::UserInfo), expected, "{path}");
        }
    }
}

pub async fn current_and_fresh_user_in_one_handler_ask_once<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token_for("alice");
    fixture.get_as("/user-and-fresh", &token).await.assert_ok("nothing cached");
    assert_eq!(fixture.provider.requests(Endpoint::UserInfo), 1);
    fixture.get_as("/user-and-fresh", &token).await.assert_ok("cached");
    assert_eq!(fixture.provider.requests(Endpoint::UserInfo), 2, "only the fresh one asks");
}

pub async fn a_token_alone_asks_nobody_about_the_user<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token_for("alice");
    for path in ["/token", "/castles", "/enforced", "/optional/token", "/if-present", "/result", "/group/token"] {
        fixture.get_as(path, &token).await.assert_ok(path);
    }
    assert_eq!(fixture.provider.requests(Endpoint::UserInfo), 0);
    assert_eq!(fixture.asked(), 2, "discovery and keys, once");
}

pub async fn atk_a04_a_machine_is_no_user<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = machine(&fixture).mint();
    for path in ["/token", "/castles", "/optional/token", "/if-present", "/result", "/enforced", "/group/token"] {
        fixture.get_as(path, &token).await.assert_ok(path);
    }
    assert_eq!(fixture.get_as("/token", &token).await.json()["client"], true);
    for path in ["/user", "/user/fresh", "/both", "/pair", "/seat", "/three", "/optional", "/optional/castles"] {
        fixture.get_as(path, &token).await.assert_refusal(path, 403, "user_required", None);
    }
    assert_eq!(fixture.provider.requests(Endpoint::UserInfo), 0, "nobody is asked about a machine");
    let namesake = fixture.provider.token().subject("robot").client_id("app").mint();
    assert_eq!(fixture.get_as("/token", &namesake).await.json()["client"], false, "only its own client's name counts");
}

pub async fn a_machine_lacking_a_permission_hears_that_first<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = machine(&fixture).permissions(["look"]).mint();
    fixture.get_as("/both", &token).await.assert_refusal("permission", 403, "missing_permission", None);
}

pub async fn a_group_refuses_before_its_handlers<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let (alice, bob) = (fixture.provider.token_for("alice"), fixture.provider.token_for("bob"));
    for path in ["/group/token", "/group/plain"] {
        fixture.get(path).await.assert_refusal(path, 401, "missing_credentials", Some("Bearer"));
        fixture.get_as(path, "garbage").await.assert_invalid_token(path);
        fixture.get_as(path, "a b").await.assert_refusal(
            path,
            400,
            "invalid_request",
            Some(r#"Bearer error="invalid_request""#),
        );
        fixture.get_as(path, &bob).await.assert_refusal(path, 403, "missing_permission", None);
        fixture.get_as(path, &alice).await.assert_ok(path);
    }
    let unknown = fixture.get_as("/group/nothing-here", &alice).await;
    assert_eq!(unknown.status.as_u16(), 404);
}

/// What each kind of optional makes of each kind of failure; `None` is a 200 with nobody.
type Expected = Result<Value, (u16, &'static str)>;

async fn assert_outcome<A: TestApp>(fixture: &Fixture<A>, path: &str, credentials: Option<&str>, expected: &Expected) {
    let answer = match credentials {
        Some(credentials) => fixture.get_with(path, &[credentials.as_bytes()]).await,
        None => fixture.get(path).await,
    };
    let what = format!("{path} with {credentials:?}");
    match expected {
        Ok(body) => {
            answer.assert_ok(&what);
            assert_eq!(answer.json(), *body, "{what}");
        }
        Err((status, code)) => {
            assert_eq!(answer.status.as_u16(), *status, "{what}: {answer:?}");
            assert_eq!(answer.json(), json!({ "error": code }), "{what}");
        }
    }
}

fn nobody() -> Expected {
    Ok(json!({"id": null}))
}

fn code(code: &str) -> Expected {
    Ok(json!({ "code": code }))
}

const INVALID: Expected = Err((401, "invalid_token"));
const MALFORMED: Expected = Err((400, "invalid_request"));

pub async fn three_kinds_of_optional<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let expired = format!("Bearer {}", fixture.provider.token().user("alice").expires_in(-61).mint());
    let unsigned = format!("Bearer {}", fixture.provider.token().user("alice").unsigned().mint());
    let bob = format!("Bearer {}", fixture.provider.token_for("bob"));
    let bob_is_in: Expected = Ok(json!({"id": "bob"}));
    let forbidden: Expected = Err((403, "missing_permission"));
    let rows: [(Option<&str>, [Expected; 5]); 7] = [
        (None, [nobody(), nobody(), nobody(), nobody(), code("missing_credentials")]),
        (Some("Basic YTpi"), [nobody(), nobody(), nobody(), nobody(), code("missing_credentials")]),
        (Some("Bearer garbage"), [nobody(), nobody(), nobody(), INVALID, code("invalid_token")]),
        (Some(&unsigned), [nobody(), nobody(), nobody(), INVALID, code("invalid_token")]),
        (Some(&expired), [nobody(), nobody(), nobody(), INVALID, code("invalid_token")]),
        (Some("Bearer a b"), [MALFORMED, MALFORMED, MALFORMED, MALFORMED, code("invalid_request")]),
        (Some(&bob), [bob_is_in.clone(), bob_is_in.clone(), forbidden, bob_is_in, code("missing_permission")]),
    ];
    let paths = ["/optional", "/optional/token", "/optional/castles", "/if-present", "/result"];
    for (credentials, expected) in rows {
        for (path, expected) in paths.into_iter().zip(expected) {
            assert_outcome(&fixture, path, credentials, &expected).await;
        }
    }
    let weak = fixture.get_with("/optional/strong", &[bob.as_bytes()]).await;
    let challenge = r#"Bearer error="insufficient_user_authentication", acr_values="1""#;
    weak.assert_refusal("step-up", 401, "insufficient_user_authentication", Some(challenge));
}

pub async fn an_outage_is_never_anonymous<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    fixture.provider.stop().await;
    let token = format!("Bearer {}", fixture.provider.token_for("alice"));
    let down: Expected = Err((503, "temporarily_unavailable"));
    for path in
        ["/optional", "/optional/token", "/optional/castles", "/optional/strong", "/if-present", "/user", "/token"]
    {
        assert_outcome(&fixture, path, Some(&token), &down).await;
        let answer = fixture.get_with(path, &[token.as_bytes()]).await;
        answer.assert_refusal(path, 503, "temporarily_unavailable", None);
    }
    assert_outcome(&fixture, "/result", Some(&token), &code("temporarily_unavailable")).await;
    for path in ["/optional", "/optional/token", "/if-present"] {
        assert_outcome(&fixture, path, None, &nobody()).await;
    }
    fixture.provider.restart().await.expect("a provider in memory restarts");
    fixture.clock.advance(Duration::from_secs(2));
    fixture.get_with("/optional", &[token.as_bytes()]).await.assert_ok("recovered");
}

pub async fn userinfo_out_of_reach_is_never_anonymous<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token_for("alice");
    fixture.provider.fault(Endpoint::UserInfo, Fault::html());
    for path in ["/optional", "/optional/castles", "/user", "/pair", "/seat", "/user/fresh"] {
        fixture.get_as(path, &token).await.assert_refusal(path, 503, "temporarily_unavailable", None);
    }
    for path in ["/optional/token", "/token", "/if-present", "/result"] {
        fixture.get_as(path, &token).await.assert_ok(path);
    }
}

pub async fn a_token_that_the_provider_refuses_is_nobody_where_users_are_optional<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token_for("alice");
    fixture.provider.revoke(&token);
    assert_outcome(&fixture, "/optional", Some(&format!("Bearer {token}")), &nobody()).await;
    fixture.get_as("/user", &token).await.assert_invalid_token("where one is required");
}
