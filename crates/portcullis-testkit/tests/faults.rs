//! Every scripted fault, as a client sees it on loopback and in memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use portcullis::transport::{HttpClient, HttpErrorKind, HttpLimits};
use portcullis_testkit::{Endpoint, Fault, TestProvider};
use serde_json::json;
use support::{fetch, json as body, kind, reqwest_client};

/// Only what is meant to end by the deadline gets a short one: a busy machine must not look like a fault.
fn limits(expected: HttpErrorKind) -> HttpLimits {
    let timeout = if expected == HttpErrorKind::Timeout { 300 } else { 30_000 };
    HttpLimits { timeout: Duration::from_millis(timeout), body: 64 * 1024 }
}

async fn failure(client: &dyn HttpClient, url: &str, expected: HttpErrorKind) -> HttpErrorKind {
    let request = Request::get(url).body(Bytes::new()).unwrap();
    client.send(request, limits(expected)).await.expect_err("the fault is not seen").kind()
}

#[tokio::test]
async fn transport_faults_are_what_a_client_reports() {
    let provider = TestProvider::start().await;
    let url = format!("{}/jwks", provider.base_url());
    let table = [
        ("close", Fault::close(), HttpErrorKind::Broken),
        ("reset", Fault::reset(), HttpErrorKind::Broken),
        ("silence", Fault::silence(), HttpErrorKind::Timeout),
        ("cut_body", Fault::cut_body(), HttpErrorKind::Broken),
        ("reset_body", Fault::reset_body(), HttpErrorKind::Broken),
        ("cut_chunked_body", Fault::cut_chunked_body(), HttpErrorKind::Broken),
        ("trickle", Fault::trickle(), HttpErrorKind::Timeout),
        ("endless", Fault::endless(), HttpErrorKind::TooLarge),
        ("content_length", Fault::content_length(10_000), HttpErrorKind::Broken),
        ("oversized", Fault::oversized(5_000_000), HttpErrorKind::TooLarge),
        ("gzip", Fault::header("content-encoding", "gzip"), HttpErrorKind::Encoded),
        ("timeout", Fault::transport(HttpErrorKind::Timeout), HttpErrorKind::Timeout),
        ("too large", Fault::transport(HttpErrorKind::TooLarge), HttpErrorKind::TooLarge),
        ("encoded", Fault::transport(HttpErrorKind::Encoded), HttpErrorKind::Encoded),
        ("broken", Fault::transport(HttpErrorKind::Broken), HttpErrorKind::Broken),
    ];
    for (name, fault, expected) in table {
        provider.fault(Endpoint::Jwks, fault);
        assert_eq!(failure(&reqwest_client(), &url, expected).await, expected, "{name} on loopback");
        assert_eq!(failure(&provider.http_client(), &url, expected).await, expected, "{name} in memory");
    }
    provider.heal(Endpoint::Jwks);
    assert_eq!(fetch(&provider, "/jwks").await.status(), 200);
}

#[tokio::test]
async fn a_refused_connection_is_exact_in_memory_only() {
    let provider = TestProvider::start().await;
    let url = format!("{}/jwks", provider.base_url());
    provider.fault(Endpoint::Jwks, Fault::transport(HttpErrorKind::Connect));
    assert_eq!(kind(&reqwest_client(), url.clone()).await, HttpErrorKind::Broken);
    assert_eq!(kind(&provider.http_client(), url).await, HttpErrorKind::Connect);
}

#[tokio::test]
async fn a_body_longer_than_announced_is_cut_off() {
    let provider = TestProvider::start().await;
    provider.fault(Endpoint::Jwks, Fault::content_length(10));
    let url = format!("{}/jwks", provider.base_url());
    let over_the_wire = support::get(&reqwest_client(), url).await.unwrap();
    let from_memory = fetch(&provider, "/jwks").await;
    assert_eq!(over_the_wire.body().len(), 10);
    assert_eq!(over_the_wire.body(), from_memory.body());
}

#[tokio::test]
async fn answers_can_be_anything() {
    let provider = TestProvider::in_memory();
    let table = [
        (Fault::status(503).and_header("retry-after", "7"), 503, "", "text/plain"),
        (Fault::html().and_status(502), 502, "<!doctype html>", "text/html; charset=utf-8"),
        (Fault::json(&json!({})), 200, "{}", "application/json"),
        (Fault::empty(), 200, "", "application/json"),
        (Fault::truncated(), 200, "{\"issuer\"", "application/json"),
        (Fault::redirect("https://evil.example/"), 302, "", "text/plain"),
    ];
    for (fault, status, start, content_type) in table {
        provider.fault(Endpoint::Discovery, fault.clone());
        let answer = fetch(&provider, "/.well-known/openid-configuration").await;
        assert_eq!(answer.status(), status, "{fault:?}");
        assert!(answer.body().starts_with(start.as_bytes()), "{fault:?}");
        assert_eq!(answer.headers()["content-type"], content_type, "{fault:?}");
    }
    provider.fault(Endpoint::Discovery, Fault::status(429).and_header("retry-after", "7"));
    let answer = fetch(&provider, "/.well-known/openid-configuration").await;
    assert_eq!(answer.headers()["retry-after"], "7");
}

#[tokio::test]
async fn documents_can_be_patched() {
    let provider = TestProvider::in_memory();
    provider.fault(
        Endpoint::Discovery,
        Fault::patch(|document| {
            document["issuer"] = json!("https://evil.example");
            document.as_object_mut().unwrap().remove("jwks_uri");
        })
        .and_header("cache-control", "max-age=1"),
    );
    let answer = fetch(&provider, "/.well-known/openid-configuration").await;
    let document = body(&answer);
    assert_eq!(document["issuer"], "https://evil.example");
    assert!(document.get("jwks_uri").is_none() && document.get("token_endpoint").is_some());
    assert_eq!(answer.headers()["cache-control"], "max-age=1");
}

#[tokio::test]
async fn counted_faults_follow_one_another_and_precede_the_lasting_one() {
    let provider = TestProvider::in_memory();
    provider.fault(Endpoint::Jwks, Fault::status(503));
    provider.fault_times(Endpoint::Jwks, 2, Fault::status(500));
    provider.fault_times(Endpoint::Jwks, 1, Fault::status(404));
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(fetch(&provider, "/jwks").await.status().as_u16());
    }
    assert_eq!(seen, [500, 500, 404, 503, 503]);
    assert_eq!(fetch(&provider, "/.well-known/openid-configuration").await.status(), 200);
    provider.heal(Endpoint::Jwks);
    assert_eq!(fetch(&provider, "/jwks").await.status(), 200);
    assert_eq!(provider.requests(Endpoint::Jwks), 6);
}

#[tokio::test]
async fn held_answers_wait_for_their_release() {
    let provider = TestProvider::start().await;
    let gate = provider.hold(Endpoint::Jwks);
    let url = format!("{}/jwks", provider.base_url());
    let fetches: Vec<_> = (0..3)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { support::get(&reqwest_client(), url).await.unwrap().status() })
        })
        .collect();
    gate.waiting(3).await;
    assert_eq!((gate.arrived(), provider.requests(Endpoint::Jwks)), (3, 3));
    assert!(fetches.iter().all(|fetch| !fetch.is_finished()));
    gate.release();
    for fetch in fetches {
        assert_eq!(fetch.await.unwrap(), 200);
    }
    assert_eq!(fetch(&provider, "/jwks").await.status(), 200);
}

#[tokio::test]
async fn healing_and_dropping_open_a_gate() {
    let provider = TestProvider::in_memory();
    let gate = provider.hold(Endpoint::Jwks);
    provider.heal(Endpoint::Jwks);
    assert_eq!(fetch(&provider, "/jwks").await.status(), 200);
    drop(gate);
    drop(provider.hold(Endpoint::Jwks));
    assert_eq!(fetch(&provider, "/jwks").await.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_held_answer_meets_the_deadline_of_the_client() {
    let provider = TestProvider::in_memory();
    let _gate = provider.hold(Endpoint::Jwks);
    let url = format!("{}/jwks", provider.base_url());
    assert_eq!(kind(&provider.http_client(), url).await, HttpErrorKind::Timeout);
}
