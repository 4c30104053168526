//! What every endpoint of the flow has: a counter, faults, a gate, methods.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use portcullis::transport::{HttpClient, HttpErrorKind};
use portcullis_testkit::{Endpoint, Fault, TestProvider};

use crate::app::{App, parameter, text};
use crate::support::{LIMITS, fetch, json as body};

const ENDPOINTS: [(Endpoint, &str, &str); 7] = [
    (Endpoint::Authorize, "GET", "/authorize"),
    (Endpoint::Login, "POST", "/login"),
    (Endpoint::Consent, "POST", "/consent"),
    (Endpoint::Token, "POST", "/token"),
    (Endpoint::Revocation, "POST", "/revoke"),
    (Endpoint::EndSession, "GET", "/end_session"),
    (Endpoint::EndSession, "POST", "/end_session/confirm"),
];

fn request(provider: &TestProvider, method: &str, path: &str) -> Request<Bytes> {
    let url = format!("{}{path}", provider.base_url());
    Request::builder().method(method).uri(url).body(Bytes::new()).unwrap()
}

#[tokio::test]
async fn each_endpoint_can_fail_and_wait() {
    let provider = Arc::new(TestProvider::in_memory());
    let client = provider.http_client();
    for (endpoint, method, path) in ENDPOINTS {
        provider.reset_counters();
        provider.fault_times(endpoint, 1, Fault::status(503).and_header("retry-after", "7"));
        provider.fault_times(endpoint, 1, Fault::transport(HttpErrorKind::Broken));
        let answer = client.send(request(&provider, method, path), LIMITS).await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["retry-after"]),
            (503, &"7".parse().unwrap()),
            "{path}"
        );
        let error = client.send(request(&provider, method, path), LIMITS).await.unwrap_err();
        assert_eq!(error.kind(), HttpErrorKind::Broken, "{path}");

        let gate = provider.hold(endpoint);
        let held = tokio::spawn({
            let (client, request) = (client.clone(), request(&provider, method, path));
            async move { client.send(request, LIMITS).await }
        });
        gate.waiting(1).await;
        assert!(!held.is_finished(), "{path}");
        gate.release();
        assert!(held.await.unwrap().is_ok(), "{path}");
        assert_eq!((provider.requests(endpoint), provider.asked()), (3, vec![endpoint; 3]), "{path}");
    }
}

#[tokio::test]
async fn methods_without_a_meaning_are_refused() {
    let provider = TestProvider::in_memory();
    for (_, method, path) in ENDPOINTS {
        for other in ["PUT", "HEAD", "OPTIONS", if method == "POST" { "GET" } else { "DELETE" }] {
            let answer = provider.http_client().send(request(&provider, other, path), LIMITS).await.unwrap();
            assert_eq!(answer.status(), 405, "{other} {path}");
            assert!(answer.headers()["allow"].to_str().unwrap().contains(method), "{other} {path}");
        }
    }
}

#[tokio::test]
async fn forms_have_to_say_that_they_are_forms() {
    let provider = TestProvider::in_memory();
    for path in ["/token", "/revoke"] {
        let answer = provider.http_client().send(request(&provider, "POST", path), LIMITS).await.unwrap();
        assert_eq!((answer.status().as_u16(), &body(&answer)["error"]), (400, &"invalid_request".into()), "{path}");
    }
}

#[tokio::test]
async fn the_order_of_requests_is_known() {
    let provider = TestProvider::builder().jwks_path("/keys-17").in_memory();
    let app = App::new(&provider);
    let document = body(&fetch(&provider, "/.well-known/openid-configuration").await);
    assert!(text(&document["jwks_uri"]).ends_with("/keys-17"));
    let callback = provider.sign_in(&app.authorize_url(&[]), "alice").await;
    let tokens = body(&app.exchange(&parameter(&callback, "code").unwrap()).await);
    assert_eq!(fetch(&provider, "/keys-17").await.status(), 200);
    app.userinfo(text(&tokens["access_token"])).await;
    let order = [
        Endpoint::Discovery,
        Endpoint::Authorize,
        Endpoint::Login,
        Endpoint::Token,
        Endpoint::Jwks,
        Endpoint::UserInfo,
    ];
    assert_eq!(provider.asked(), order);
    assert_eq!(fetch(&provider, "/jwks").await.status(), 404);
}
