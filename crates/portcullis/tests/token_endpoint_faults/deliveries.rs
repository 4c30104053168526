//! How often, and to whom, a code is sent (T02, T03).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use portcullis::transport::{HttpClient, HttpError, HttpErrorKind, HttpLimits, ReqwestClient};
use portcullis::{OAuthError, Provider, ProviderEndpoint, ProviderErrorKind};
use portcullis_testkit::{Endpoint, Fault, MemoryClient, TestProvider};
use serde_json::json;

use crate::support::{Asked, CALLBACK, Login, confidential};

#[tokio::test]
async fn atk_t03_refusals_and_outages_are_final_for_the_code() {
    let status = ProviderErrorKind::Status;
    let refused = ProviderErrorKind::Refused;
    let error = |status, code: &str| Fault::json(&json!({"error": code})).and_status(status);
    let rows = [
        ("invalid_grant", error(400, "invalid_grant"), refused(OAuthError::InvalidGrant), false),
        ("invalid_request", error(400, "invalid_request"), refused(OAuthError::InvalidRequest), false),
        ("unsupported", error(400, "unsupported_grant_type"), refused(OAuthError::UnsupportedGrantType), false),
        ("401 invalid_client", error(401, "invalid_client"), refused(OAuthError::InvalidClient), false),
        ("403 unauthorized_client", error(403, "unauthorized_client"), refused(OAuthError::UnauthorizedClient), false),
        ("403 of its own", error(403, "invalid_code"), refused(OAuthError::Other), false),
        ("400, empty", Fault::status(400), status(400), false),
        ("401, empty", Fault::status(401), status(401), false),
        ("404 page", Fault::html().and_status(404), status(404), false),
        ("429", Fault::status(429).and_header("retry-after", "30"), status(429), true),
        ("429 with words", error(429, "slow_down"), status(429), true),
        ("500", Fault::status(500), status(500), true),
        ("500 with words", error(500, "server_error"), status(500), true),
        ("502 page", Fault::html().and_status(502), status(502), true),
        ("503 with words", error(503, "temporarily_unavailable"), status(503), true),
        ("error of another type", Fault::json(&json!({"error": 7})).and_status(400), status(400), false),
        (
            "doubled",
            Fault::body("application/json", r#"{"error":"a","error":"b"}"#).and_status(400),
            status(400),
            false,
        ),
        ("201", Fault::header("x", "y").and_status(201), status(201), false),
        ("204", Fault::status(204), status(204), false),
    ];
    for (name, fault, expected, transient) in rows {
        let login = Login::new();
        login.server.fault(Endpoint::Token, fault);
        let error = login.whole().await.unwrap_err();
        assert_eq!((error.endpoint(), error.kind()), (ProviderEndpoint::Token, expected), "{name}");
        assert_eq!(error.is_transient(), transient, "{name}");
        assert_eq!(login.asked(), Asked { discovery: 1, token: 1, ..Asked::default() }, "{name}: sent once");
    }
}

#[tokio::test]
async fn atk_t03_a_code_whose_answer_is_lost_is_lost() {
    let rows = [
        ("timeout after sending", Fault::silence(), HttpErrorKind::Timeout),
        ("a trickle", Fault::trickle(), HttpErrorKind::Timeout),
        ("closed", Fault::close(), HttpErrorKind::Broken),
        ("reset", Fault::reset(), HttpErrorKind::Broken),
        ("cut", Fault::cut_body(), HttpErrorKind::Broken),
        ("cut chunks", Fault::cut_chunked_body(), HttpErrorKind::Broken),
        ("too short", Fault::content_length(100_000), HttpErrorKind::Broken),
    ];
    for (name, fault, kind) in rows {
        let login = Login::new();
        login.server.fault_times(Endpoint::Token, 1, fault.clone());
        let error = login.whole().await.unwrap_err();
        assert_eq!((error.kind(), error.is_transient()), (ProviderErrorKind::Transport(kind), true), "{name}");
        assert_eq!(login.asked(), Asked { discovery: 1, token: 1, ..Asked::default() }, "{name}: never again");
        assert!(login.whole().await.is_ok(), "{name}: a new login is another matter");
    }
}

#[tokio::test(start_paused = true)]
async fn atk_t03_the_deadline_is_ours_whatever_the_transport_does() {
    let login = Login::new();
    let begun = login.begin().await;
    let code = login.code(&begun).await;
    let gate = login.server.hold(Endpoint::Token);
    let started = tokio::time::Instant::now();
    let error = login.provider.exchange_code(&code, &begun.transaction).await.unwrap_err();
    assert_eq!(error.kind(), ProviderErrorKind::Transport(HttpErrorKind::Timeout));
    assert_eq!(started.elapsed(), HttpLimits::TOKEN.timeout);
    assert_eq!((gate.arrived(), login.asked().token), (1, 1));
}

/// Refuses this many connections to the token endpoint before anything is sent.
#[derive(Debug, Clone)]
struct Unreachable {
    inner: MemoryClient,
    refusals: Arc<AtomicUsize>,
    attempts: Arc<AtomicUsize>,
}

#[async_trait]
impl HttpClient for Unreachable {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: HttpLimits,
    ) -> Result<http::Response<Bytes>, HttpError> {
        if request.uri().path() == "/token" {
            self.attempts.fetch_add(1, Ordering::Relaxed);
            let left = self.refusals.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            if left.is_ok() {
                return Err(HttpErrorKind::Connect.into());
            }
        }
        self.inner.send(request, limits).await
    }
}

#[tokio::test]
async fn atk_t03_a_connection_that_was_refused_carried_nothing_and_is_tried_once_more() {
    for (refusals, attempts, delivered) in [(0, 1, 1), (1, 2, 1), (2, 2, 0)] {
        let server = TestProvider::in_memory();
        let client = Unreachable {
            inner: server.http_client(),
            refusals: Arc::new(AtomicUsize::new(refusals)),
            attempts: Arc::default(),
        };
        let provider = confidential(&server).http_client(client.clone()).build().unwrap();
        let login = Login { server, provider };
        let outcome = login.sign_in().await;
        assert_eq!(outcome.is_ok(), delivered == 1, "{refusals} refusals: {outcome:?}");
        assert_eq!(client.attempts.load(Ordering::Relaxed), attempts, "{refusals} refusals");
        assert_eq!(login.asked().token, delivered);
    }
}

#[tokio::test]
async fn atk_t02_redirects_are_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        for location in ["https://provider.test/elsewhere", "https://evil.example/token", "/token"] {
            let login = Login::new();
            login.server.fault(Endpoint::Token, Fault::redirect(location).and_status(status));
            let error = login.whole().await.unwrap_err();
            assert_eq!((error.kind(), error.reason()), (ProviderErrorKind::Status(status), "redirect"));
            assert_eq!(login.asked(), Asked { discovery: 1, token: 1, ..Asked::default() }, "{status} {location}");
        }
    }
}

/// On the wire, where the transport could have followed by itself.
#[tokio::test]
async fn atk_t02_the_secret_reaches_nobody_else() {
    let (server, thief) = (TestProvider::start().await, TestProvider::start().await);
    for status in [301, 302, 303, 307, 308] {
        let location = format!("{}/token", thief.base_url());
        server.fault(Endpoint::Token, Fault::redirect(&location).and_status(status));
        let transport = ReqwestClient::builder().without_system_roots().build().unwrap();
        let builder = Provider::builder(server.issuer(), TestProvider::CLIENT_ID);
        let builder = builder.client_secret(TestProvider::CLIENT_SECRET).http_client(transport);
        let provider = builder.clock(server.clock()).build().unwrap();
        let begun = provider.authorize_url(CALLBACK).build().await.unwrap();
        let callback = server.sign_in(&begun.url, "alice").await;
        let code = crate::support::parameter(&callback, "code").unwrap();
        let error = provider.exchange_code(&code, &begun.transaction).await.unwrap_err();
        assert_eq!(error.kind(), ProviderErrorKind::Status(status));
    }
    assert_eq!(server.requests(Endpoint::Token), 5);
    assert!(thief.received(Endpoint::Token).is_empty() && thief.unexpected().is_empty());
}
