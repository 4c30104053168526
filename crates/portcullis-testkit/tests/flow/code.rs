//! From the authorization URL to tokens.

use std::time::Duration;

use portcullis_testkit::{Endpoint, Fault, TestProvider};
use serde_json::json;

use crate::app::{App, CALLBACK, VERIFIER, assert_error, parameter, text};
use crate::support::jws::parse;
use crate::support::{fetch, json as body, reqwest_client};

#[tokio::test]
async fn the_code_flow_works_in_memory_and_on_loopback() {
    let in_memory = TestProvider::in_memory();
    let on_loopback = TestProvider::start().await;
    for provider in [&in_memory, &on_loopback] {
        for app in [App::new(provider), App::public(provider)] {
            let app = if provider.address().is_some() { app.over(reqwest_client()) } else { app };
            whole_flow(&app).await;
        }
    }
}

async fn whole_flow(app: &App<'_>) {
    let provider = app.provider;
    let now = provider.clock().unix();
    let callback = provider.sign_in(&app.authorize_url(&[]), "alice").await;
    assert!(callback.starts_with(&format!("{CALLBACK}?code=")), "{callback}");
    assert_eq!(parameter(&callback, "state").unwrap(), "s-1");
    assert_eq!(parameter(&callback, "iss").unwrap(), provider.issuer());

    let response = app.exchange(&parameter(&callback, "code").unwrap()).await;
    assert_eq!((response.status().as_u16(), &response.headers()["cache-control"]), (200, &"no-store".parse().unwrap()));
    let tokens = body(&response);
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(300)));
    assert_eq!(tokens["scope"], "castles offline_access openid profile");

    let jwks = body(&fetch(provider, "/jwks").await);
    let (access, id) = (parse(text(&tokens["access_token"])), parse(text(&tokens["id_token"])));
    assert!(access.verifies_with(&jwks["keys"][0]) && id.verifies_with(&jwks["keys"][0]));
    assert_eq!((&access.header["typ"], &access.claims["client_id"]), (&json!("at+jwt"), &json!(app.client_id)));
    assert_eq!((&access.claims["aud"], &access.claims["sub"]), (&json!(provider.audience()), &json!("alice")));
    assert_eq!(access.claims["permissions"], json!(["castles:read", "castles:create"]));
    assert_eq!((&access.claims["acr"], &access.claims["scope"]), (&json!("1"), &tokens["scope"]));

    for (claim, value) in [("iss", json!(provider.issuer())), ("aud", json!(app.client_id)), ("sub", json!("alice"))] {
        assert_eq!(id.claims[claim], value, "{claim}");
    }
    assert_eq!((&id.claims["nonce"], &id.claims["azp"]), (&json!("n-1"), &json!(app.client_id)));
    assert_eq!(id.claims["acr"], "1");
    assert!(id.claims["auth_time"].as_u64().unwrap() >= now && id.claims["sid"].is_string());
    assert!(id.claims["at_hash"].is_string() && id.claims["c_hash"].is_null());

    let userinfo = app.userinfo(text(&tokens["access_token"])).await;
    assert_eq!((userinfo.status().as_u16(), &body(&userinfo)["name"]), (200, &json!("Alice Liddell")));
}

#[tokio::test]
async fn a_code_is_bound_to_its_request() {
    let provider = TestProvider::in_memory();
    provider.client("other").secret("swordfish").redirect_uri(CALLBACK).register();
    let app = App::new(&provider);
    let other = App::basic(&provider, "other", "swordfish");
    let code = app.code("alice", &[]).await;
    let wrong = "a".repeat(43);
    let table = [
        ("redirect_uri", "https://app.example.com/auth/callback/"),
        ("redirect_uri", ""),
        ("code_verifier", ""),
        ("code_verifier", &wrong),
        ("code_verifier", "too-short"),
        ("code", "made-up"),
    ];
    for (name, value) in table {
        let grant = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        let changed = grant.map(|(found, usual)| (found, if found == name { value } else { usual }));
        assert_error(&app.token(&changed).await, 400, "invalid_grant", &format!("{name}={value}"));
    }
    assert_error(&other.exchange(&code).await, 400, "invalid_grant", "another client");
    // Nobody could use the code up who is not its owner.
    assert_eq!(app.exchange(&code).await.status(), 200);
}

#[tokio::test]
async fn a_verifier_without_a_challenge_is_refused() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let code = app.code("alice", &[("code_challenge", ""), ("code_challenge_method", "")]).await;
    assert_error(&app.exchange(&code).await, 400, "invalid_grant", "the request was stripped of its challenge");
    let grant = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    assert_eq!(app.token(&grant).await.status(), 200);
}

#[tokio::test]
async fn a_code_works_once_and_its_reuse_revokes_the_tokens() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let code = app.code("alice", &[]).await;
    let tokens = body(&app.exchange(&code).await);
    assert_eq!(app.userinfo(text(&tokens["access_token"])).await.status(), 200);
    assert_error(&app.exchange(&code).await, 400, "invalid_grant", "again");
    assert_eq!(app.userinfo(text(&tokens["access_token"])).await.status(), 401);
    assert_error(&app.refresh(text(&tokens["refresh_token"]), &[]).await, 400, "invalid_grant", "its refresh token");
}

#[tokio::test]
async fn a_code_lives_for_a_minute() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    for (seconds, status) in [(59, 200), (60, 400)] {
        let code = app.code("alice", &[]).await;
        provider.clock().advance(Duration::from_secs(seconds));
        assert_eq!(app.exchange(&code).await.status(), status, "{seconds} s");
    }
}

#[tokio::test]
async fn a_client_decides_what_its_tokens_look_like() {
    let provider = TestProvider::in_memory();
    let day = Duration::from_secs(86_400);
    provider
        .client("app")
        .audience("https://api.one")
        .audience("https://api.two")
        .access_token_lifetime(day)
        .id_token_lifetime(Duration::from_secs(7))
        .acr_levels("bronze", "gold")
        .c_hash(true)
        .user_claims_in_id_token(true)
        .register();
    let tokens = App::new(&provider).tokens("bob").await;
    let (access, id) = (parse(text(&tokens["access_token"])).claims, parse(text(&tokens["id_token"])).claims);
    assert_eq!(access["aud"], json!(["https://api.one", "https://api.two"]));
    assert_eq!((&access["acr"], &id["acr"], &access["permissions"]), (&json!("gold"), &json!("gold"), &json!([])));
    assert_eq!(access["exp"].as_u64().unwrap() - access["iat"].as_u64().unwrap(), 86_400);
    assert_eq!(id["exp"].as_u64().unwrap() - id["iat"].as_u64().unwrap(), 7);
    assert!(id["c_hash"].is_string());
    assert_eq!((&id["name"], &id["email"]), (&json!("Bob Builder"), &json!(null)));
}

#[tokio::test]
async fn a_client_may_get_fiefs_tokens() {
    let provider = TestProvider::in_memory();
    provider.client("app").fief().register();
    let app = App::new(&provider);
    let tokens = app.tokens("alice").await;
    let (access, id) = (parse(text(&tokens["access_token"])), parse(text(&tokens["id_token"])));
    assert_eq!((&access.header["typ"], &access.claims["aud"]), (&json!(null), &json!(["app"])));
    assert!(id.claims["c_hash"].is_string() && id.claims["email"].is_string());
    let refreshed = body(&app.refresh(text(&tokens["refresh_token"]), &[]).await);
    assert_eq!(parse(text(&refreshed["access_token"])).claims["acr"], "0");
}

#[tokio::test]
async fn the_token_endpoint_is_counted_recorded_and_faulty() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let code = app.code("alice", &[]).await;
    provider.fault_times(Endpoint::Token, 1, Fault::patch(|tokens| tokens["expires_in"] = json!("soon")));
    assert_eq!(body(&app.exchange(&code).await)["expires_in"], "soon");
    let received = provider.received(Endpoint::Token);
    assert_eq!((received.len(), received[0].form("code").as_deref()), (1, Some(code.as_str())));
    assert_eq!(received[0].form("code_verifier").unwrap(), VERIFIER);
    let shown = format!("{received:?}");
    assert!(!shown.contains(&code) && !shown.contains(VERIFIER), "{shown}");
    let counted = [Endpoint::Authorize, Endpoint::Login, Endpoint::Consent].map(|endpoint| provider.requests(endpoint));
    assert_eq!(counted, [1, 1, 0]);
}
