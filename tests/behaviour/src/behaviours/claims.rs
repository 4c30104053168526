//! What a token must say, and how.

use portcullis_testkit::TokenBuilder;
use serde_json::{Map, Value, json};

use crate::{Fixture, TestApp};

const API: &str = "https://api.example.com";
const ISSUER: &str = "https://provider.test";

fn token<A: TestApp>(fixture: &Fixture<A>) -> TokenBuilder {
    fixture.provider.token().user("alice")
}

/// The claims of a correct token, to be spoilt as text.
fn correct<A: TestApp>(fixture: &Fixture<A>) -> Map<String, Value> {
    let now = fixture.clock.unix();
    let claims = json!({
        "iss": ISSUER, "sub": "alice", "aud": API, "iat": now, "exp": now + 300, "client_id": "app", "jti": "a-1",
    });
    claims.as_object().expect("an object").clone()
}

/// These claims and then this text, within the braces.
fn followed_by(claims: Map<String, Value>, text: &str) -> String {
    let claims = Value::Object(claims).to_string();
    format!("{},{text}}}", claims.trim_end_matches('}'))
}

/// Each value makes the claim wrong, before anybody is asked.
async fn refused<A: TestApp>(fixture: &Fixture<A>, claim: &str, values: impl IntoIterator<Item = Value>) {
    fixture.assert_refused_unasked(claim, &token(fixture).without(claim).mint()).await;
    for value in values {
        let what = format!("{claim}: {value}");
        fixture.assert_refused_unasked(&what, &token(fixture).claim(claim, value).mint()).await;
    }
}

async fn admitted<A: TestApp>(fixture: &Fixture<A>, claim: &str, values: impl IntoIterator<Item = Value>) {
    for value in values {
        fixture.assert_admitted(&format!("{claim}: {value}"), &token(fixture).claim(claim, value).mint()).await;
    }
}

fn not_text() -> [Value; 6] {
    [json!(null), json!(7), json!(true), json!([]), json!({}), json!("")]
}

pub async fn atk_c01_issuer<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let others = [
        "https://other.test",
        "https://provider.test/",
        "https://PROVIDER.test",
        "HTTPS://provider.test",
        "http://provider.test",
        "https://provider.test.evil.example",
        "https://provider.tes",
        "https://provider.test:443",
        " https://provider.test",
        "https://provider.test\0",
        "https://user@provider.test",
        "provider.test",
    ];
    refused(&fixture, "iss", others.map(Value::from)).await;
    refused(&fixture, "iss", [json!([ISSUER]), json!({"iss": ISSUER})].into_iter().chain(not_text())).await;
    admitted(&fixture, "iss", [json!(ISSUER)]).await;
}

pub async fn atk_c02_audience<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let others = [
        json!("https://other.example.com"),
        json!("https://api.example.com "),
        json!("https://api.example.com/"),
        json!("https://API.example.com"),
        json!("https://api.example.com https://other.example.com"),
        json!(["https://other.example.com"]),
        json!([API, 7]),
        json!([[API]]),
        json!([null]),
        json!({API: true}),
        json!("*"),
        json!(["*"]),
    ];
    refused(&fixture, "aud", others.into_iter().chain(not_text())).await;
    admitted(&fixture, "aud", [json!(API), json!([API]), json!(["https://other.example.com", API])]).await;
}

pub async fn atk_c04_expiry<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let now = fixture.clock.unix();
    let values = [
        json!("9999999999"),
        json!(now.to_string()),
        json!(null),
        json!(-1),
        json!(0),
        json!(1e300),
        json!(1u64 << 63),
        json!(u64::MAX),
        json!(253_402_300_800u64),
        json!([now + 300]),
        json!({}),
        json!(true),
        json!(now - 61),
        json!(now - 60),
    ];
    refused(&fixture, "exp", values).await;
    let mut claims = correct(&fixture);
    claims.remove("exp");
    for number in ["1e999", "-1e999", "NaN", "Infinity", "0x7fffffff", "1e", "+9999999999", "09999999999"] {
        let payload = followed_by(claims.clone(), &format!(r#""exp":{number}"#));
        fixture.assert_refused_unasked(number, &token(&fixture).raw_payload(payload).mint()).await;
    }
    admitted(&fixture, "exp", [json!(now - 59), json!(now + 1), json!(now as f64 + 10.5), json!(253_402_300_799u64)])
        .await;
}

pub async fn atk_c05_issued_and_not_before<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let now = fixture.clock.unix();
    let wrong = [json!(now + 61), json!(now + 3600), json!(now.to_string()), json!(null), json!(-1), json!(1e300)];
    refused(&fixture, "iat", wrong.clone()).await;
    for value in wrong {
        let what = format!("nbf: {value}");
        fixture.assert_refused_unasked(&what, &token(&fixture).claim("nbf", value).mint()).await;
    }
    for claim in ["iat", "nbf"] {
        admitted(&fixture, claim, [json!(now + 60), json!(now), json!(now - 1_000_000)]).await;
    }
    let token = token(&fixture).claim("nbf", now + 100).expires_in(1000).mint();
    fixture.assert_refused_unasked("too early", &token).await;
    fixture.clock.advance(std::time::Duration::from_secs(40));
    fixture.assert_admitted("the same token later: a refusal is not remembered", &token).await;
}

pub async fn atk_c10_subject<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let values = [json!("x".repeat(256)), json!("é".repeat(128)), json!(["alice"]), json!({"sub": "alice"})];
    refused(&fixture, "sub", values.into_iter().chain(not_text())).await;
    admitted(&fixture, "sub", [json!("x".repeat(255)), json!("Alice"), json!(" ")]).await;
    let elsewhere = token(&fixture).claim("iss", "https://other.test").mint();
    fixture.assert_refused_unasked("the same sub at another issuer", &elsewhere).await;
    let answer = fixture.get_as("/token", &token(&fixture).claim("email", "bob@example.com").mint()).await;
    assert_eq!(answer.json()["id"], "alice", "an e-mail address is no identity");
}

pub async fn atk_j14_duplicate_claims<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let signed = |payload: String| token(&fixture).raw_payload(payload).mint();
    for duplicate in [
        r#""iss":"https://provider.test""#,
        r#""aud":"https://other.example.com""#,
        r#""aud":"https://api.example.com""#,
        r#""exp":1"#,
        r#""sub":"bob""#,
        r#""\u0073ub":"bob""#,
        r#""jti":"a-1""#,
        r#""x":{"a":1,"a":2}"#,
        r#""x":[{"a":1,"\u0061":1}]"#,
    ] {
        let payload = followed_by(correct(&fixture), duplicate);
        fixture.assert_refused_unasked(duplicate, &signed(payload)).await;
    }
    let single = followed_by(correct(&fixture), r#""x":[{"a":1},{"a":1}]"#);
    fixture.assert_admitted("one name in two objects", &signed(single)).await;
}

pub async fn atk_a04_what_rfc_9068_requires<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    for claim in ["iss", "aud", "sub", "jti", "client_id"] {
        refused(&fixture, claim, not_text()).await;
    }
    for claim in ["exp", "iat"] {
        refused(&fixture, claim, [json!(null), json!("7"), json!([7])]).await;
    }
    // An absent optional claim is fine, one of another type is not.
    for (claim, value) in [
        ("acr", json!(1)),
        ("acr", json!(null)),
        ("auth_time", json!("now")),
        ("auth_time", json!(null)),
        ("scope", json!(7)),
        ("scope", json!(null)),
    ] {
        let what = format!("{claim}: {value}");
        fixture.assert_refused_unasked(&what, &token(&fixture).claim(claim, value).mint()).await;
    }
    let bare = ["scope", "permissions", "acr", "auth_time"];
    let bare = bare.into_iter().fold(token(&fixture), TokenBuilder::without);
    let answer = fixture.get_as("/token", &bare.mint()).await;
    assert_eq!(answer.json(), json!({"id": "alice", "scope": [], "permissions": [], "acr": null, "client": false}));
}

pub async fn atk_a05_tokens_of_other_places<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    for resource in [
        "https://api.example.com/",
        "https://api.example.com:443",
        "https://api.example.com:8443",
        "https://api.example.com/v1",
        "http://api.example.com",
        "https://staging.api.example.com",
        "urn:api.example.com",
        "app",
    ] {
        let elsewhere = token(&fixture).audience(resource).mint();
        fixture.assert_refused_unasked(resource, &elsewhere).await;
    }
    let staging = token(&fixture).claim("iss", "https://staging.provider.test").mint();
    fixture.assert_refused_unasked("another environment with the same keys", &staging).await;
    for id_token in [fixture.provider.token().id_token(), fixture.provider.token().id_token().audience(API)] {
        fixture.assert_refused_unasked("an ID token", &id_token.mint()).await;
    }
    fixture.assert_admitted("ours", &token(&fixture).audience(API).mint()).await;
}

pub async fn atk_a06_scopes_are_compared_whole<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let insufficient = r#"Bearer error="insufficient_scope", scope="castles""#;
    for scope in [
        "",
        "openid",
        "not-castles",
        "castles2",
        "castle",
        "Castles",
        "CASTLES",
        "*",
        "castles:*",
        "castles:read",
        "openid\tcastles",
        "openid,castles",
        "openid+castles",
        "openid\u{a0}castles",
        "\"castles\"",
    ] {
        let answer = fixture.get_as("/scoped", &token(&fixture).scope(scope).mint()).await;
        answer.assert_refusal(scope, 403, "insufficient_scope", Some(insufficient));
    }
    for scope in ["castles", "openid castles", "castles castles", "castles  openid", " castles "] {
        fixture.get_as("/scoped", &token(&fixture).scope(scope).mint()).await.assert_ok(scope);
    }
    let elsewhere = ["scp", "scopes", "roles", "permissions"];
    for claim in elsewhere {
        let token = token(&fixture).without("scope").claim(claim, json!(["castles"])).mint();
        fixture.get_as("/scoped", &token).await.assert_refusal(claim, 403, "insufficient_scope", Some(insufficient));
    }
    for list in [json!(["castles"]), json!({"castles": true}), json!(true)] {
        let token = token(&fixture).claim("scope", list.clone()).mint();
        fixture.get_as("/scoped", &token).await.assert_invalid_token(&list.to_string());
    }
}

pub async fn atk_a06_permissions_are_a_list_compared_whole<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    for permission in [
        "",
        "castles",
        "castles:*",
        "*",
        "Castles:read",
        "castles:read ",
        "castles:reader",
        "castles:read castles:create",
    ] {
        let token = token(&fixture).permissions([permission]).mint();
        fixture.get_as("/castles", &token).await.assert_refusal(permission, 403, "missing_permission", None);
    }
    for wrong in
        [json!("castles:read"), json!(["castles:read", 1]), json!([["castles:read"]]), json!({"castles:read": true})]
    {
        let token = token(&fixture).claim("permissions", wrong.clone()).mint();
        fixture.get_as("/castles", &token).await.assert_invalid_token(&wrong.to_string());
    }
    let scope_only = token(&fixture).without("permissions").scope("castles:read").mint();
    fixture.get_as("/castles", &scope_only).await.assert_refusal("a scope", 403, "missing_permission", None);
}

pub async fn a_token_bound_to_a_key_is_no_bearer_token<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    for cnf in [
        json!({"jkt": thumbprint}),
        json!({"x5t#S256": thumbprint}),
        json!({"jwk": {"kty": "EC"}}),
        json!({"kid": "k"}),
        json!({}),
        json!(null),
    ] {
        let bound = token(&fixture).claim("cnf", cnf.clone()).mint();
        fixture.assert_refused_unasked(&cnf.to_string(), &bound).await;
    }
    fixture.assert_admitted("unbound", &token(&fixture).mint()).await;
}

pub async fn atk_a15_an_unlisted_issuer_causes_no_request<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let issuers = [
        "https://evil.example",
        "http://169.254.169.254",
        "http://127.0.0.1:1",
        "file:///etc/passwd",
        "__proto__",
        "constructor",
        "https://provider.test/realms/other",
        "https://provider.test#",
        "https://provider.test?",
    ];
    for warm in [false, true] {
        for issuer in issuers {
            let stranger = token(&fixture).claim("iss", issuer).header("jku", format!("{issuer}/jwks"));
            fixture.assert_refused_unasked(issuer, &stranger.clone().mint()).await;
            fixture.assert_refused_unasked(issuer, &stranger.header("kid", "unknown").mint()).await;
        }
        assert_eq!(fixture.asked() > 0, warm);
        fixture.assert_admitted("ours", &token(&fixture).mint()).await;
    }
}
