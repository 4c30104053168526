//! The assertions that a client with a private key makes (T04, T11).

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use portcullis::ProviderErrorKind;
use portcullis_testkit::{Algorithm, ClientKey, Endpoint, Fault, RecordedRequest, TestProvider};
use serde_json::{Value, json};

use crate::support::{CALLBACK, Login, bare};

fn robot(key: &ClientKey) -> Login {
    let server = TestProvider::in_memory();
    server.client("robot").key(key).redirect_uri(CALLBACK).register();
    let builder = bare(&server, "robot").client_keys(key.private_jwk_set().to_string());
    Login { provider: builder.build().unwrap(), server }
}

fn part(request: &RecordedRequest, index: usize) -> Value {
    let assertion = request.form("client_assertion").unwrap();
    let part = assertion.split('.').nth(index).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn an_assertion_says_this_and_nothing_else() {
    let login = robot(&ClientKey::generate(Algorithm::Es256));
    login.tokens().await;
    let request = login.last(Endpoint::Token);
    assert_eq!(part(&request, 0), json!({"alg": "ES256", "typ": "JWT", "kid": "client-es256"}));
    let (claims, now) = (part(&request, 1), login.server.clock().unix());
    let expected = json!({
        "iss": "robot", "sub": "robot", "aud": login.server.issuer(), "jti": claims["jti"],
        "iat": now, "exp": now + 60,
    });
    assert_eq!(claims, expected);
    assert!(claims["jti"].as_str().unwrap().len() >= 22, "128 bits");
    let kind = request.form("client_assertion_type");
    assert_eq!(kind.as_deref(), Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
}

/// A malicious provider names an honest one's token endpoint to get an assertion that is good there.
#[tokio::test]
async fn atk_t04_the_audience_is_the_issuer_whatever_the_metadata_names() {
    let endpoints = ["https://provider.test/token?as=honest", "https://provider.test/honest/token"];
    for endpoint in endpoints {
        let login = robot(&ClientKey::generate(Algorithm::EdDsa));
        login.server.set_metadata(move |document| document["token_endpoint"] = json!(endpoint));
        let _ = login.sign_in().await;
        let sent = login.server.received(Endpoint::Token).into_iter().chain(login.server.unexpected()).next().unwrap();
        assert_eq!(part(&sent, 1)["aud"], json!("https://provider.test"), "a single text, and not the endpoint");
    }
}

#[tokio::test]
async fn atk_t04_an_honest_server_at_another_host_gets_no_assertion_for_itself() {
    let login = robot(&ClientKey::generate(Algorithm::EdDsa));
    login.server.set_metadata(|document| document["token_endpoint"] = json!("https://honest.example/token"));
    let error = login.sign_in().await.unwrap_err();
    assert!(matches!(error.kind(), ProviderErrorKind::Transport(_)), "memory reaches one provider only");
    for sent in login.server.unexpected() {
        assert_eq!(sent.path, "https://honest.example/token");
        assert_eq!(part(&sent, 1)["aud"], json!("https://provider.test"), "useless there");
    }
}

#[tokio::test]
async fn atk_t11_each_request_has_an_assertion_of_its_own() {
    let login = robot(&ClientKey::generate(Algorithm::Es256));
    let mut tokens = login.tokens().await;
    for _ in 0..20 {
        tokens = login.refresh(&tokens).await.unwrap();
    }
    login.server.clock().advance(Duration::from_secs(3600));
    login.refresh(&tokens).await.unwrap();
    let sent = login.server.received(Endpoint::Token);
    let ids: BTreeSet<_> = sent.iter().map(|request| part(request, 1)["jti"].to_string()).collect();
    assert_eq!(ids.len(), sent.len(), "no jti comes twice, within the same second too");
    for request in &sent {
        let claims = part(request, 1);
        let life = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
        assert!(life <= 60, "{life} s");
    }
    assert_eq!(part(sent.last().unwrap(), 1)["iat"], json!(login.server.clock().unix()), "made for this request");
}

#[tokio::test]
async fn atk_t11_a_refused_assertion_is_not_sent_again() {
    let login = robot(&ClientKey::generate(Algorithm::Es256));
    login.server.fault(Endpoint::Token, Fault::json(&json!({"error": "invalid_client"})).and_status(401));
    assert!(login.sign_in().await.is_err());
    assert_eq!(login.asked().token, 1);
}
