//! The default transport believes nobody without a certificate that the operator's or the system's roots vouch for.

#![cfg(feature = "reqwest")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail by panicking")]

mod authority;
mod server;

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Request, Response};
use portcullis::transport::{HttpClient, HttpError, HttpErrorKind, HttpLimits, ReqwestClient};
use portcullis::{AccessToken, Clock, Guard, Head, IssuerState, SystemClock};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, date_time_ymd};
use tokio_rustls::rustls::version::{TLS12, TLS13};

use self::authority::{Authority, Identity, server};
use self::server::{Manner, Server};

const LIMITS: HttpLimits = HttpLimits { timeout: Duration::from_secs(5), body: 1024 };

/// The two ways to trust an authority: beside the system's, and alone.
fn clients_that_trust(pem: &str) -> [ReqwestClient; 2] {
    let builders = [ReqwestClient::builder(), ReqwestClient::builder().without_system_roots()];
    builders.map(|builder| builder.extra_roots(pem).build().unwrap())
}

async fn get(client: &dyn HttpClient, url: &str, limits: HttpLimits) -> Result<Response<Bytes>, HttpError> {
    client.send(Request::get(format!("{url}/jwks")).body(Bytes::new()).unwrap(), limits).await
}

fn changed(change: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
    let mut params = server("localhost");
    change(&mut params);
    params
}

#[tokio::test]
async fn a_server_of_a_trusted_authority_is_asked() {
    let authority = Authority::new();
    for host in ["localhost", "127.0.0.1"] {
        for versions in [&[&TLS12][..], &[&TLS13]] {
            let server = Server::start(Manner::Tls(authority.issue(server(host)).config(versions))).await;
            for client in clients_that_trust(&authority.pem()) {
                let answer = get(&client, &server.url(host), LIMITS).await.unwrap();
                assert_eq!((answer.status().as_u16(), &answer.body()[..]), (200, &b"{}"[..]), "{host} {versions:?}");
            }
            assert_eq!(server.requests(), 2);
        }
    }
}

#[tokio::test]
async fn atk_d07_certificates_that_prove_nothing() {
    let (trusted, unknown) = (Authority::new(), Authority::new());
    let rows = [
        ("expired", "localhost", trusted.issue(changed(|params| params.not_after = date_time_ymd(2020, 1, 1)))),
        ("not yet valid", "localhost", trusted.issue(changed(|params| params.not_before = date_time_ymd(4000, 1, 1)))),
        ("another host", "localhost", trusted.issue(server("id.example.com"))),
        ("a wildcard beside it", "localhost", trusted.issue(server("*.localhost"))),
        ("a name for an address", "127.0.0.1", trusted.issue(server("localhost"))),
        ("the name in the subject only", "localhost", trusted.issue(subject_only())),
        ("for clients only", "localhost", trusted.issue(changed(for_clients))),
        ("self-signed", "localhost", Identity::self_signed(&server("localhost"))),
        ("an unknown authority of the same name", "localhost", unknown.issue(server("localhost"))),
        ("signed by a server", "localhost", trusted.issue_through_a_server(server("localhost"))),
    ];
    for (what, host, identity) in rows {
        let server = Server::start(Manner::Tls(identity.config(&[&TLS12, &TLS13]))).await;
        for client in clients_that_trust(&trusted.pem()) {
            let refused = get(&client, &server.url(host), LIMITS).await.expect_err(what);
            assert_eq!(refused.kind(), HttpErrorKind::Connect, "{what}");
        }
        assert_eq!(server.requests(), 0, "{what}: nothing was said to this server");
    }
}

fn subject_only() -> CertificateParams {
    changed(|params| {
        params.subject_alt_names.clear();
        params.distinguished_name.push(DnType::CommonName, "localhost");
    })
}

fn for_clients(params: &mut CertificateParams) {
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
}

/// Without an authority of the operator's, the system's roots decide; without those, nobody is trusted.
#[tokio::test]
async fn atk_d07_no_root_vouches_for_a_test_authority() {
    let authority = Authority::new();
    let server = Server::start(Manner::Tls(authority.issue(server("localhost")).config(&[&TLS12, &TLS13]))).await;
    for builder in [ReqwestClient::builder(), ReqwestClient::builder().without_system_roots()] {
        let refused = get(&builder.build().unwrap(), &server.url("localhost"), LIMITS).await.unwrap_err();
        assert_eq!(refused.kind(), HttpErrorKind::Connect);
    }
    assert_eq!(server.requests(), 0);
}

/// A `ServerHello` of TLS 1.1 (RFC 4346 section 7.4.1.3): version 3.2, a random, no session id,
/// `TLS_RSA_WITH_AES_128_CBC_SHA`, no compression.
const TLS_1_1_SERVER_HELLO: &[u8] = &{
    let mut record = [0x5a; 47];
    let head = [0x16, 0x03, 0x02, 0x00, 0x2a, 0x02, 0x00, 0x00, 0x26, 0x03, 0x02];
    let tail = [0x00, 0x00, 0x2f, 0x00];
    let mut at = 0;
    while at < head.len() {
        record[at] = head[at];
        at += 1;
    }
    at = 0;
    while at < tail.len() {
        record[43 + at] = tail[at];
        at += 1;
    }
    record
};

#[tokio::test]
async fn atk_d07_what_is_no_tls_of_today() {
    let rows = [
        ("TLS 1.1", Manner::Canned(TLS_1_1_SERVER_HELLO), "ServerDoesNotSupportTls12Or13"),
        ("an alert", Manner::Canned(&[0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x28]), "HandshakeFailure"),
        ("no TLS at all", Manner::Plain, "InvalidContentType"),
    ];
    for (what, manner, cause) in rows {
        let server = Server::start(manner).await;
        for client in clients_that_trust(&Authority::new().pem()) {
            let refused = get(&client, &server.url("localhost"), LIMITS).await.expect_err(what);
            assert_eq!(refused.kind(), HttpErrorKind::Connect, "{what}");
            assert!(format!("{refused:?}").contains(cause), "{what}: {refused:?}");
        }
    }
}

/// D05: a handshake that never goes on ends with the request's own deadline, or with that of connecting.
#[tokio::test]
async fn atk_d05_a_handshake_that_stalls() {
    let server = Server::start(Manner::Stall).await;
    for client in clients_that_trust(&Authority::new().pem()) {
        let began = Instant::now();
        let limits = HttpLimits { timeout: Duration::from_millis(300), body: 1024 };
        let refused = get(&client, &server.url("localhost"), limits).await.unwrap_err();
        assert_eq!(refused.kind(), HttpErrorKind::Timeout);
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }
}

/// The setting `ca` reaches the transport: with it the document is read (and found wanting), without it nobody asks.
#[tokio::test]
async fn the_setting_ca_is_what_trusts_a_private_authority() {
    let authority = Authority::new();
    let server = Server::start(Manner::Tls(authority.issue(server("localhost")).config(&[&TLS12, &TLS13]))).await;
    let issuer = server.url("localhost");
    let builder = || Guard::api(&issuer, "castles");
    for (guard, error, requests) in [(builder(), "connect", 0), (builder().ca(authority.pem()), "issuer_mismatch", 1)] {
        let guard = guard.build().unwrap();
        let request = Request::get("/").header("authorization", format!("Bearer {}", token(&issuer))).body(()).unwrap();
        let refusal = guard.attempt(&Head::of(&request)).admit::<AccessToken, ()>().await.unwrap_err();
        assert_eq!(refusal.error().status().as_u16(), 503);
        let status = guard.status().issuers.remove(0);
        assert_eq!((status.state, status.last_error), (IssuerState::Never, Some(error)));
        assert_eq!(server.requests(), requests);
    }
}

/// A token that is good in everything but its signature: the keys are looked up for it.
fn token(issuer: &str) -> String {
    let now = SystemClock::new().unix_time().as_secs();
    let header = serde_json::json!({"alg": "ES256", "typ": "at+jwt", "kid": "any"});
    let claims = serde_json::json!({
        "iss": issuer, "aud": "castles", "sub": "alice", "client_id": "app", "jti": "1", "iat": now, "exp": now + 300,
    });
    [header.to_string().as_bytes(), claims.to_string().as_bytes(), &[1; 64]]
        .map(|part| URL_SAFE_NO_PAD.encode(part))
        .join(".")
}
