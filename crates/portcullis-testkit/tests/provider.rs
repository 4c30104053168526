//! What the provider serves, on loopback and in memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use portcullis::transport::{HttpClient, HttpErrorKind};
use portcullis_testkit::{Endpoint, MetadataForm, TestProvider};
use serde_json::json;
use support::{LIMITS, fetch, get, get_with_token, json as body, kind, reqwest_client};

#[tokio::test]
async fn loopback_and_memory_serve_the_same_documents() {
    let provider = TestProvider::start().await;
    let client = reqwest_client();
    for path in ["/.well-known/openid-configuration", "/jwks"] {
        let url = format!("{}{path}", provider.base_url());
        let over_the_wire = get(&client, url.clone()).await.unwrap();
        let from_memory = get(&provider.http_client(), url).await.unwrap();
        assert_eq!(over_the_wire.status(), 200);
        assert_eq!(over_the_wire.body(), from_memory.body());
        assert_eq!(over_the_wire.headers()["content-type"], from_memory.headers()["content-type"]);
    }
    assert_eq!((provider.requests(Endpoint::Discovery), provider.requests(Endpoint::Jwks)), (2, 2));
}

#[tokio::test]
async fn discovery_names_the_exact_issuer_and_the_endpoints_below_its_path() {
    for (path, base) in [("", ""), ("/", ""), ("/realms/castles", "/realms/castles"), ("/dex/", "/dex")] {
        let provider = TestProvider::builder().issuer_path(path).in_memory();
        assert_eq!(provider.issuer(), format!("https://provider.test{path}"));
        let document = body(&fetch(&provider, &format!("{base}/.well-known/openid-configuration")).await);
        assert_eq!(document["issuer"], json!(provider.issuer()));
        assert_eq!(document["jwks_uri"], json!(format!("https://provider.test{base}/jwks")));
        assert_eq!(fetch(&provider, &format!("{base}/jwks")).await.status(), 200);
    }
}

#[tokio::test]
async fn an_announced_issuer_may_differ_from_the_address() {
    let provider = TestProvider::builder().issuer("https://127.0.0.1:8100").start().await.unwrap();
    let document = body(&fetch(&provider, "/.well-known/openid-configuration").await);
    assert_eq!(document["issuer"], "https://127.0.0.1:8100");
    assert_eq!(document["jwks_uri"], json!(format!("{}/jwks", provider.base_url())));
}

#[tokio::test]
async fn the_rfc_8414_document_is_absent_until_switched_on() {
    let provider = TestProvider::builder().issuer_path("/dex").in_memory();
    let inserted = "/.well-known/oauth-authorization-server/dex";
    let appended = "/dex/.well-known/oauth-authorization-server";
    let table = [
        (MetadataForm::Absent, 404, 404),
        (MetadataForm::Inserted, 200, 404),
        (MetadataForm::Appended, 404, 200),
        (MetadataForm::Both, 200, 200),
    ];
    for (form, at_inserted, at_appended) in table {
        provider.set_authorization_server_metadata(form);
        assert_eq!(fetch(&provider, inserted).await.status(), at_inserted, "{form:?}");
        assert_eq!(fetch(&provider, appended).await.status(), at_appended, "{form:?}");
    }
    assert_eq!(provider.requests(Endpoint::AuthorizationServerMetadata), 8);
}

#[tokio::test]
async fn userinfo_answers_its_own_living_access_tokens_only() {
    let provider = TestProvider::in_memory();
    let client = provider.http_client();
    let url = || format!("{}/userinfo", provider.base_url());
    let token = provider.token_for("alice");

    let claims = body(&get_with_token(&client, url(), &token).await);
    assert_eq!((&claims["sub"], &claims["email"]), (&json!("alice"), &json!("alice@example.com")));
    for claim in ["name", "given_name", "family_name", "preferred_username", "email_verified", "picture", "updated_at"]
    {
        assert!(!claims[claim].is_null(), "{claim}");
    }

    let foreign = TestProvider::in_memory().token_for("alice");
    let refused = [
        foreign,
        provider.token().id_token().mint(),
        provider.token().hmac("secret").mint(),
        provider.token().unsigned().mint(),
        provider.token().expires_in(0).mint(),
        "opaque".to_owned(),
    ];
    for token in refused {
        let answer = get_with_token(&client, url(), &token).await;
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.headers()["www-authenticate"], "Bearer error=\"invalid_token\"");
        assert!(answer.body().is_empty());
    }
    let anonymous = get(&client, url()).await.unwrap();
    assert_eq!(
        (anonymous.status().as_u16(), &anonymous.headers()["www-authenticate"]),
        (401, &"Bearer".parse().unwrap())
    );

    provider.clock().advance(Duration::from_secs(300));
    assert_eq!(get_with_token(&client, url(), &token).await.status(), 401);
}

#[tokio::test]
async fn users_are_data() {
    let provider = TestProvider::in_memory();
    let url = || format!("{}/userinfo", provider.base_url());
    provider.user("carol", json!({"email": "carol@example.com"}));
    provider.user("bob", json!({"sub": "mallory"}));
    let carol = get_with_token(&provider.http_client(), url(), &provider.token_for("carol")).await;
    assert_eq!(body(&carol), json!({"sub": "carol", "email": "carol@example.com"}));
    let bob = get_with_token(&provider.http_client(), url(), &provider.token_for("bob")).await;
    assert_eq!(body(&bob), json!({"sub": "mallory"}));
}

#[tokio::test]
async fn permissions_are_granted_per_user() {
    let provider = TestProvider::in_memory();
    provider.grant("carol", ["castles:read"]);
    provider.grant("alice", [""; 0]);
    let permissions = |user: &str| support::jws::parse(&provider.token_for(user)).claims["permissions"].clone();
    assert_eq!((permissions("carol"), permissions("alice")), (json!(["castles:read"]), json!([])));
}

#[tokio::test]
async fn a_revoked_token_is_forgotten() {
    let provider = TestProvider::in_memory();
    let token = provider.token_for("alice");
    provider.revoke(&token);
    let url = format!("{}/userinfo", provider.base_url());
    assert_eq!(get_with_token(&provider.http_client(), url, &token).await.status(), 401);
}

#[tokio::test]
async fn requests_are_recorded_and_credentials_stay_out_of_debug() {
    let provider = TestProvider::in_memory();
    let token = provider.token_for("alice");
    get_with_token(&provider.http_client(), format!("{}/userinfo?x=1", provider.base_url()), &token).await;
    let received = provider.received(Endpoint::UserInfo);
    assert_eq!((received[0].method.as_str(), received[0].path.as_str()), ("GET", "/userinfo?x=1"));
    assert_eq!(received[0].header("authorization").unwrap(), format!("Bearer {token}"));
    assert!(!format!("{received:?}").contains(&token));
    provider.reset_counters();
    assert_eq!(provider.requests(Endpoint::UserInfo), 0);
}

#[tokio::test]
async fn what_nobody_should_ask_is_seen() {
    let provider = TestProvider::in_memory();
    assert_eq!(fetch(&provider, "/wp-admin").await.status(), 404);
    let kind = kind(&provider.http_client(), "https://evil.example/jwks".to_owned()).await;
    assert_eq!(kind, HttpErrorKind::Connect);
    let paths: Vec<_> = provider.unexpected().into_iter().map(|request| request.path).collect();
    assert_eq!(paths, ["/wp-admin", "https://evil.example/jwks"]);
    assert_eq!(provider.requests(Endpoint::Jwks), 0);
}

#[tokio::test]
async fn other_methods_are_refused() {
    let provider = TestProvider::in_memory();
    let request = Request::post(format!("{}/jwks", provider.base_url())).body(Bytes::new()).unwrap();
    assert_eq!(provider.http_client().send(request, LIMITS).await.unwrap().status(), 405);
}

#[tokio::test]
async fn a_stopped_provider_comes_back_on_the_same_port_with_the_same_keys() {
    let provider = TestProvider::start().await;
    let client = reqwest_client();
    let url = || format!("{}/jwks", provider.base_url());
    let before = get(&client, url()).await.unwrap();

    provider.stop().await;
    assert_eq!(kind(&client, url()).await, HttpErrorKind::Connect);
    assert_eq!(kind(&provider.http_client(), url()).await, HttpErrorKind::Connect);

    provider.restart().await.unwrap();
    assert_eq!(get(&client, url()).await.unwrap().body(), before.body());
    assert_eq!(provider.requests(Endpoint::Jwks), 2);
}

#[tokio::test]
async fn stopping_breaks_requests_in_flight() {
    let provider = TestProvider::start().await;
    let gate = provider.hold(Endpoint::Jwks);
    let url = format!("{}/jwks", provider.base_url());
    let request = tokio::spawn(async move { kind(&reqwest_client(), url).await });
    gate.waiting(1).await;
    provider.stop().await;
    assert_eq!(request.await.unwrap(), HttpErrorKind::Broken);
}
