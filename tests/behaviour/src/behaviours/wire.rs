//! The same over real sockets, with the default transport.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use portcullis::IssuerState::{Fresh, Stale, Unavailable};
use portcullis::transport::ReqwestClient;
use portcullis::{GuardBuilder, IssuerState};
use portcullis_testkit::{Endpoint, Fault, TestClock, TestProvider};

use crate::{Fixture, TestApp, together};

/// What no single request may take, with room for a busy machine.
const AT_MOST: Duration = Duration::from_secs(6);

fn over_sockets(guard: GuardBuilder) -> GuardBuilder {
    guard.http_client(ReqwestClient::builder().without_system_roots().build().expect("a client"))
}

async fn provider() -> TestProvider {
    TestProvider::builder().clock(TestClock::new()).start().await.expect("loopback can be listened on")
}

fn header_flood() -> Fault {
    (0..200).fold(Fault::header("x-flood", "1"), |fault, number| {
        fault.and_header(&format!("x-flood-{number}"), &"x".repeat(1000))
    })
}

/// Each row: an endpoint that misbehaves, for a guard of its own; all at the same time, because two of them take the
/// whole five seconds.
pub async fn atk_d05_documents_that_do_not_end_as_they_should<A: TestApp>() {
    let rows = [
        ("10 MB", Fault::oversized(10_000_000), "too_large"),
        ("65 KiB", Fault::oversized(65 * 1024), "too_large"),
        ("gzip", Fault::header("content-encoding", "gzip"), "content_encoding"),
        ("brotli", Fault::header("content-encoding", "br"), "content_encoding"),
        ("endless chunks", Fault::endless(), "too_large"),
        ("a trickle", Fault::trickle(), "timeout"),
        ("silence", Fault::silence(), "timeout"),
        ("a flood of headers", header_flood(), "broken_connection"),
        ("half a body", Fault::cut_body(), "broken_connection"),
        ("half a body, then a reset", Fault::reset_body(), "broken_connection"),
        ("half a chunked body", Fault::cut_chunked_body(), "broken_connection"),
        ("a length too long", Fault::content_length(100_000_000), "too_large"),
        ("a length a little too long", Fault::content_length(5_000), "broken_connection"),
        ("a length too short", Fault::content_length(20), "not_a_json_object"),
        ("closed", Fault::close(), "broken_connection"),
        ("reset", Fault::reset(), "broken_connection"),
    ];
    together(rows.map(|(what, fault, reason)| assert_ends_in_503::<A>(what, fault, reason))).await;
}

async fn assert_ends_in_503<A: TestApp>(what: &str, fault: Fault, reason: &str) {
    let provider = provider().await;
    provider.fault(Endpoint::Discovery, fault);
    let fixture = Fixture::<A>::of(provider, over_sockets);
    let began = Instant::now();
    fixture.get_valid().await.assert_unavailable(what);
    assert!(began.elapsed() < AT_MOST, "{what}: {:?}", began.elapsed());
    // The first one may have given up at the very moment at which the fetch did; this one sees its end.
    fixture.get_valid().await.assert_unavailable(what);
    assert!(began.elapsed() < AT_MOST, "{what}: {:?}", began.elapsed());
    fixture.assert_state(what, IssuerState::Never, Some(reason));
    assert!((1..=2).contains(&fixture.provider.requests(Endpoint::Discovery)), "{what}: two tries at most");
    assert_eq!(fixture.key_fetches(), 0, "{what}");
}

/// `Accept`, no `Accept-Encoding`, one `Host`, and no redirect: as the bytes on the wire have it.
pub async fn atk_d04_a_redirect_on_the_wire<A: TestApp>() {
    let elsewhere = provider().await;
    let fixture = Fixture::<A>::of(provider().await, over_sockets);
    for status in [301, 302, 303, 307, 308] {
        let target = format!("{}/.well-known/openid-configuration", elsewhere.base_url());
        fixture.provider.fault(Endpoint::Discovery, Fault::redirect(&target).and_status(status));
        fixture.get_valid().await.assert_unavailable("not followed");
        fixture.assert_state("not followed", IssuerState::Never, Some("redirect"));
        fixture.after(1);
    }
    assert_eq!(elsewhere.requests(Endpoint::Discovery), 0, "nobody came here");
    let received = fixture.provider.received(Endpoint::Discovery);
    assert_eq!(received.len(), 5, "once each");
    for request in received {
        assert_eq!(request.header("accept"), Some("application/json"));
        assert_eq!(request.header("accept-encoding"), None);
        assert_eq!(request.header("cookie"), None);
    }
}

pub async fn a_split_horizon_on_the_wire<A: TestApp>() {
    let builder = TestProvider::builder().issuer("https://id.example.com").clock(TestClock::new());
    let provider = builder.start().await.expect("loopback can be listened on");
    let internal = provider.base_url();
    provider.fault(
        Endpoint::Discovery,
        Fault::patch(|document| {
            document["jwks_uri"] = "https://id.example.com/jwks".into();
            document["userinfo_endpoint"] = "https://id.example.com/userinfo".into();
        }),
    );
    let fixture =
        Fixture::<A>::of(provider, |guard| over_sockets(guard).internal_url(internal).internal_host("id.example.com"));
    fixture.get_as("/user", &fixture.provider.token_for("alice")).await.assert_ok("through the internal URL");
    for endpoint in [Endpoint::Discovery, Endpoint::Jwks, Endpoint::UserInfo] {
        let received = fixture.provider.received(endpoint);
        let hosts: Vec<_> = received.iter().flat_map(|request| request.headers.get_all("host")).collect();
        assert_eq!(hosts, ["id.example.com"], "{endpoint:?}: the one Host header");
    }
    fixture.assert_nothing_unexpected("one place");
}

const CALLERS: usize = 8;
const CALLS: usize = 40;

/// Callers at once, each with tokens that nobody has seen; the provider is killed when half of the calls are made.
async fn traffic_while_the_provider_dies(fixture: &Fixture<impl TestApp>) {
    let (made, half) = (AtomicUsize::new(0), tokio::sync::Notify::new());
    let caller = || async {
        for _ in 0..CALLS {
            fixture.get_valid().await.assert_ok("before, while and after it is killed");
            if made.fetch_add(1, Ordering::Relaxed) + 1 == CALLERS * CALLS / 2 {
                half.notify_one();
            }
            tokio::task::yield_now().await;
        }
    };
    let killer = async {
        half.notified().await;
        fixture.provider.stop().await;
    };
    tokio::join!(together((0..CALLERS).map(|_| caller())), killer);
    assert_eq!(made.into_inner(), CALLERS * CALLS);
}

/// Valid tokens go on, on old keys, then 503 after `max_stale`, then recovery on the same port; a key that was
/// replaced during the outage is gone after the first good fetch.
pub async fn p02_the_provider_is_killed_under_traffic<A: TestApp>() {
    let fixture = Fixture::<A>::of(provider().await, over_sockets);
    fixture.get_valid().await.assert_ok("warm");
    traffic_while_the_provider_dies(&fixture).await;
    let old = fixture.provider.signing_key();
    let of_old = || fixture.provider.token().user("alice").sign_with(&old).mint();
    fixture.provider.rotate_keys();
    for seconds in [600, 1800, 1799] {
        fixture.after(seconds);
        let tokens: Vec<_> = (0..50).map(|_| of_old()).collect();
        for answer in together(tokens.iter().map(|token| fixture.get_as("/token", token))).await {
            answer.assert_ok("on old keys");
        }
        fixture.assert_state("on old keys", Stale, Some("connect"));
    }
    fixture.after(1);
    for answer in together((0..50).map(|_| fixture.get_valid())).await {
        answer.assert_unavailable("after max_stale");
    }
    fixture.get_as("/token", &of_old()).await.assert_unavailable("never 401, never accepted");
    fixture.assert_state("after max_stale", Unavailable, Some("connect"));
    fixture.provider.restart().await.expect("the same port");
    fixture.after(1);
    for answer in together((0..50).map(|_| fixture.get_valid())).await {
        answer.assert_ok("recovery");
    }
    fixture.assert_state("recovery", Fresh, None);
    fixture.get_as("/token", &of_old()).await.assert_invalid_token("a key that was replaced meanwhile");
    let asked = (fixture.provider.requests(Endpoint::Discovery), fixture.key_fetches());
    assert_eq!(asked, (2, 3), "the first time, the recovery, and once for the old key id");
}
