//! What goes on, and for how long, while the provider cannot be reached.

use std::time::Duration;

use portcullis::IssuerState::{Fresh, Never, Stale, Unavailable};
use portcullis::transport::HttpErrorKind;
use portcullis_testkit::{Algorithm, Endpoint, Fault, TestProvider};

use crate::{Fixture, TestApp, at_rest, until};

/// Without further word from the provider, its keys are fresh for ten minutes.
const FRESH: u64 = 600;
const MAX_STALE: u64 = 3600;

pub async fn p01_an_application_starts_and_stays_up_without_its_provider<A: TestApp>() {
    tokio::time::pause();
    let provider = TestProvider::in_memory();
    provider.stop().await;
    let fixture = Fixture::<A>::of(provider, |guard| guard);
    fixture.assert_state("before any request", Never, None);
    fixture.get("/open").await.assert_ok("a public route");
    fixture.get("/token").await.assert_refusal("no credentials", 401, "missing_credentials", Some("Bearer"));
    let malformed = fixture.get_with("/token", &[b"Bearer a b"]).await;
    malformed.assert_refusal("malformed", 400, "invalid_request", Some(r#"Bearer error="invalid_request""#));
    let token = || fixture.provider.token().user("alice");
    let cheap = [("expired", token().expires_in(-61)), ("another audience", token().audience("x"))];
    for (what, token) in cheap {
        fixture.get_as("/token", &token.mint()).await.assert_invalid_token(what);
    }
    fixture.assert_state("nothing needed the provider so far", Never, None);
    for path in ["/token", "/user", "/optional", "/if-present", "/castles", "/group/plain"] {
        fixture.get_as(path, &token().mint()).await.assert_unavailable(path);
    }
    fixture.assert_state("asked in vain", Never, Some("connect"));
    fixture.get("/open").await.assert_ok("a public route, still");
    fixture.get("/optional").await.assert_ok("nobody is nobody, whatever the provider does");
    fixture.provider.restart().await.unwrap();
    fixture.after(1);
    fixture.get_as("/token", &token().mint()).await.assert_ok("the provider is there");
    fixture.assert_state("the provider is there", Fresh, None);
}

/// An outage is not answered with a flood: after a failure nobody asks again for a second.
pub async fn p01_a_failure_is_remembered_for_a_second<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    fixture.provider.fault(Endpoint::Discovery, Fault::status(404));
    for second in 1..=3 {
        for _ in 0..50 {
            fixture.get_valid().await.assert_unavailable("down");
        }
        assert_eq!(fixture.provider.requests(Endpoint::Discovery), second, "once a second");
        fixture.after(1);
    }
}

pub async fn p02_keys_live_as_long_as_cache_control_says_within_bounds<A: TestApp>() {
    let rows = [
        (None, 600),
        (Some("max-age=300"), 300),
        (Some("max-age=0"), 60),
        (Some("public, max-age=99999999"), 86_400),
        (Some("no-store"), 600),
    ];
    for (cache_control, life) in rows {
        let provider = TestProvider::in_memory();
        provider.set_jwks_cache_control(cache_control);
        let fixture = Fixture::<A>::warm_of(provider, |guard| guard).await;
        let what = format!("{cache_control:?}");
        fixture.after(life * 72 / 100 - 1);
        fixture.get_valid().await.assert_ok(&what);
        at_rest().await;
        assert_eq!(fixture.key_fetches(), 1, "{what}: not before 72 % of its life");
        refresh_in_the_background(&fixture, life * 88 / 100 + 1 - (life * 72 / 100 - 1)).await;
        fixture.assert_state(&what, Fresh, None);
        assert_eq!(fixture.key_fetches(), 2, "{what}: by 88 % of its life");
    }
}

/// The request that is due to refresh is answered while the refresh is still held back.
async fn refresh_in_the_background(fixture: &Fixture<impl TestApp>, seconds: u64) {
    let gate = fixture.provider.hold(Endpoint::Jwks);
    fixture.after(seconds);
    for _ in 0..5 {
        fixture.get_valid().await.assert_ok("while the refresh is held");
    }
    gate.waiting(1).await;
    assert_eq!(gate.arrived(), 1, "one refresh");
    gate.release();
    until("the keys are new", || fixture.status().age_s == Some(0)).await;
}

/// Warm tokens start the refresh too, though they need no key.
pub async fn p02_a_token_from_the_cache_refreshes_the_keys<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token().user("alice").expires_in(3600).mint();
    fixture.get_as("/token", &token).await.assert_ok("before");
    fixture.after(FRESH * 89 / 100);
    fixture.get_as("/token", &token).await.assert_ok("from the cache");
    until("the keys are new", || fixture.status().age_s == Some(0)).await;
    assert_eq!(fixture.key_fetches(), 2);
}

pub async fn p02_stale_keys_serve_for_an_hour_then_503_then_recovery<A: TestApp>() {
    tokio::time::pause();
    let fixture = Fixture::<A>::warm().await;
    let long_lived = fixture.provider.token().user("alice").expires_in(100_000).mint();
    fixture.get_as("/token", &long_lived).await.assert_ok("before");
    fixture.provider.stop().await;
    fixture.after(FRESH - 1);
    fixture.get_valid().await.assert_ok("still fresh");
    fixture.after(1);
    let elapsed = [("just stale", 0), ("half an hour later", 1800), ("at the very end", MAX_STALE - 1801)];
    for (what, seconds) in elapsed {
        fixture.after(seconds);
        fixture.get_valid().await.assert_ok(what);
        fixture.get_as("/token", &long_lived).await.assert_ok(what);
        fixture.assert_state(what, Stale, Some("connect"));
    }
    fixture.after(1);
    for _ in 0..3 {
        fixture.get_valid().await.assert_unavailable("never 401, never accepted");
        fixture.get_as("/token", &long_lived).await.assert_unavailable("the cache of tokens does not outlive the keys");
        fixture.assert_state("past max_stale", Unavailable, Some("connect"));
        fixture.after(3600);
    }
    fixture.provider.restart().await.unwrap();
    fixture.get_valid().await.assert_ok("recovery");
    fixture.get_as("/token", &long_lived).await.assert_ok("recovery");
    fixture.assert_state("recovery", Fresh, None);
}

/// A provider that takes requests and never answers: its deadline is as long as a request's patience, and metadata
/// and keys are both asked for.
pub async fn p02_a_provider_that_swallows_requests_costs_no_good_token<A: TestApp>() {
    tokio::time::pause();
    let fixture = Fixture::<A>::warm().await;
    let _swallowed = [Endpoint::Discovery, Endpoint::Jwks].map(|endpoint| fixture.provider.hold(endpoint));
    fixture.after(FRESH);
    for request in 1..=20 {
        fixture.get_valid().await.assert_ok(&format!("request {request}"));
    }
    fixture.after(MAX_STALE);
    fixture.get_valid().await.assert_unavailable("past max_stale");
}

pub async fn p02_max_stale_is_the_operators_choice<A: TestApp>() {
    tokio::time::pause();
    for max_stale in [0, 60, 86_400] {
        let settings = |guard: portcullis::GuardBuilder| guard.max_stale(Duration::from_secs(max_stale));
        let fixture = Fixture::<A>::warm_of(TestProvider::in_memory(), settings).await;
        fixture.provider.stop().await;
        fixture.after(FRESH + max_stale - 1);
        fixture.get_valid().await.assert_ok("to the last second");
        fixture.after(1);
        fixture.get_valid().await.assert_unavailable("not a second longer");
        fixture.assert_state("not a second longer", Unavailable, Some("connect"));
    }
}

/// While old keys serve, a failure is remembered for ten seconds: not beyond them, when requests wait again.
pub async fn p02_recovery_does_not_wait_for_the_pause_of_stale_keys<A: TestApp>() {
    tokio::time::pause();
    let fixture = Fixture::<A>::warm().await;
    fixture.provider.stop().await;
    fixture.after(FRESH + MAX_STALE - 1);
    fixture.get_valid().await.assert_ok("the last second");
    fixture.provider.restart().await.unwrap();
    fixture.after(1);
    fixture.get_valid().await.assert_ok("nothing serves any longer, so somebody asks");
    fixture.assert_state("recovery", Fresh, None);
}

/// An outage does not become a flood: while old keys serve, one fetch in ten seconds, two tries each.
pub async fn p02_stale_keys_are_refreshed_once_in_ten_seconds<A: TestApp>() {
    tokio::time::pause();
    let fixture = Fixture::<A>::warm().await;
    fixture.provider.fault(Endpoint::Jwks, Fault::status(503));
    fixture.after(FRESH);
    for round in 1..=4 {
        for _ in 0..50 {
            fixture.get_valid().await.assert_ok("stale");
        }
        assert_eq!(fixture.key_fetches(), 1 + 2 * round, "round {round}");
        fixture.after(10);
    }
}

/// Everything that is no usable answer serves the old keys; a good answer without the key does not.
pub async fn p03_stale_keys_serve_for_errors_only<A: TestApp>() {
    tokio::time::pause();
    let rows = [
        ("500", Fault::status(500), "server_error_status"),
        ("502", Fault::status(502), "server_error_status"),
        ("503 with Retry-After", Fault::status(503).and_header("retry-after", "30"), "server_error_status"),
        ("429", Fault::status(429), "client_error_status"),
        ("refused", Fault::transport(HttpErrorKind::Connect), "connect"),
        ("reset", Fault::reset(), "broken_connection"),
        ("cut off", Fault::cut_body(), "broken_connection"),
        ("timeout", Fault::silence(), "timeout"),
        ("a page", Fault::html(), "content_type"),
    ];
    for (what, fault, reason) in rows {
        let fixture = Fixture::<A>::warm().await;
        fixture.provider.fault(Endpoint::Jwks, fault);
        fixture.after(FRESH);
        fixture.get_valid().await.assert_ok(what);
        fixture.assert_state(what, Stale, Some(reason));
    }
}

pub async fn p03_a_good_answer_without_the_key_is_final<A: TestApp>() {
    tokio::time::pause();
    let fixture = Fixture::<A>::new();
    let second = fixture.provider.add_key(Algorithm::Es384);
    let of_the_second = || fixture.provider.token().user("alice").sign_with(&second).mint();
    let seen = fixture.provider.token().user("alice").sign_with(&second).expires_in(3600).mint();
    fixture.get_as("/token", &seen).await.assert_ok("before");
    assert!(fixture.provider.remove_key(second.kid()));
    fixture.after(FRESH);
    fixture.get_as("/token", &of_the_second()).await.assert_invalid_token("removed");
    fixture.get_as("/token", &seen).await.assert_invalid_token("removed, and verified before");
    fixture.provider.stop().await;
    fixture.after(FRESH);
    fixture.get_as("/token", &seen).await.assert_unavailable("an outage does not revive it");
    fixture.get_valid().await.assert_ok("the key that stayed");
}

/// Keys change while nobody can ask: the old ones serve, until the first good answer withdraws them.
pub async fn p03_keys_rotated_during_an_outage<A: TestApp>() {
    tokio::time::pause();
    let fixture = Fixture::<A>::warm().await;
    let old = fixture.provider.signing_key();
    let of_old = || fixture.provider.token().user("alice").sign_with(&old).mint();
    fixture.provider.stop().await;
    fixture.provider.rotate_keys();
    fixture.after(FRESH);
    fixture.get_as("/token", &of_old()).await.assert_ok("nobody can know yet");
    fixture.get_valid().await.assert_unavailable("a new key, and nobody to ask");
    fixture.provider.restart().await.unwrap();
    fixture.after(10);
    fixture.get_valid().await.assert_ok("the new key");
    fixture.get_as("/token", &of_old()).await.assert_invalid_token("withdrawn by the first good fetch");
}

/// Rows of a poisoned key set: the last good set stays in use, and the status says what came.
pub async fn atk_k10_an_unusable_answer_keeps_the_last_good_keys<A: TestApp>() {
    let page = || Fault::body("text/html", r#"{"keys":[]}"#);
    let rows = [
        ("a page", Fault::html(), "content_type"),
        ("JSON that is called a page", page(), "content_type"),
        ("an image", Fault::body("image/png", "{}"), "content_type"),
        ("{}", Fault::body("application/json", "{}"), "jwks_keys_missing"),
        ("no usable key", Fault::body("application/json", r#"{"keys":[]}"#), "jwks_no_usable_key"),
        ("keys is an object", Fault::body("application/json", r#"{"keys":{}}"#), "jwks_keys_not_an_array"),
        ("two times keys", Fault::body("application/json", r#"{"keys":[],"keys":[]}"#), "json_duplicate_member"),
        ("empty", Fault::empty(), "json_syntax"),
        ("truncated", Fault::truncated(), "json_syntax"),
        ("304 unasked", Fault::status(304), "not_modified"),
        ("204", Fault::status(204), "unexpected_status"),
        ("gzip", Fault::header("content-encoding", "gzip"), "content_encoding"),
        ("5 MB", Fault::oversized(5_000_000), "too_large"),
        ("endless", Fault::endless(), "too_large"),
        ("trickle", Fault::trickle(), "timeout"),
        ("another host", Fault::redirect("https://evil.example/jwks"), "redirect"),
    ];
    for (what, fault, reason) in rows {
        let fixture = Fixture::<A>::warm().await;
        fixture.provider.fault(Endpoint::Jwks, fault);
        fixture.after(FRESH);
        fixture.get_valid().await.assert_ok(what);
        fixture.assert_state(what, Stale, Some(reason));
        assert_eq!((fixture.status().keys, fixture.key_fetches()), (1, 2), "{what}: asked once, and once only");
        fixture.assert_nothing_unexpected(what);
        fixture.provider.heal(Endpoint::Jwks);
        fixture.after(10);
        fixture.get_valid().await.assert_ok("healed");
        until("healed", || fixture.status().last_error.is_none()).await;
        fixture.assert_state("healed", Fresh, None);
    }
}

/// The same before there was any good set: nothing is accepted.
pub async fn atk_k10_an_unusable_first_answer_opens_nothing<A: TestApp>() {
    for fault in [Fault::html(), Fault::body("application/json", "{}"), Fault::status(304), Fault::oversized(300_000)] {
        let fixture = Fixture::<A>::new();
        fixture.provider.fault(Endpoint::Jwks, fault);
        fixture.get_valid().await.assert_unavailable("no keys");
        assert_eq!((fixture.status().state, fixture.status().keys), (Never, 0));
    }
}

pub async fn p06_two_tries_and_none_after_a_no<A: TestApp>() {
    tokio::time::pause();
    let rows = [
        ("500", Fault::status(500), 2),
        ("502", Fault::status(502), 2),
        ("503", Fault::status(503), 2),
        ("504", Fault::status(504), 2),
        ("501", Fault::status(501), 1),
        ("400", Fault::status(400), 1),
        ("403", Fault::status(403), 1),
        ("429", Fault::status(429), 1),
        ("refused", Fault::transport(HttpErrorKind::Connect), 2),
        ("reset", Fault::reset(), 2),
        ("closed", Fault::close(), 2),
        ("timeout", Fault::silence(), 1),
        ("too large", Fault::endless(), 1),
        ("a page", Fault::html(), 1),
    ];
    for endpoint in [Endpoint::Discovery, Endpoint::Jwks, Endpoint::UserInfo] {
        for (what, fault, tries) in &rows {
            let fixture = Fixture::<A>::new();
            fixture.provider.fault(endpoint, fault.clone());
            let answer = fixture.get_as("/user", &fixture.provider.token_for("alice")).await;
            let what = format!("{endpoint:?}: {what}");
            match (endpoint, answer.status.as_u16()) {
                (Endpoint::UserInfo, 403) => assert_eq!(answer.json()["error"], "insufficient_scope", "{what}"),
                _ => answer.assert_unavailable(&what),
            }
            assert_eq!(fixture.provider.requests(endpoint), *tries, "{what}");
        }
    }
}

/// A first try that fails and a second that does not: nobody notices.
pub async fn p06_the_second_try_saves_the_request<A: TestApp>() {
    tokio::time::pause();
    let fixture = Fixture::<A>::new();
    for endpoint in [Endpoint::Discovery, Endpoint::Jwks, Endpoint::UserInfo] {
        fixture.provider.fault_times(endpoint, 1, Fault::reset());
    }
    fixture.get_as("/user", &fixture.provider.token_for("alice")).await.assert_ok("three second tries");
    assert_eq!(fixture.asked(), 6);
    fixture.assert_state("nobody noticed", Fresh, None);
}

/// Warm means warm: with the provider gone, everything known is answered, and nothing is asked.
pub async fn a_warm_request_asks_nobody<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token_for("alice");
    let paths = ["/token", "/user", "/castles", "/strong", "/optional", "/pair", "/three", "/group/token"];
    for path in paths {
        fixture.get_as(path, &token).await.assert_ok(path);
    }
    assert_eq!(fixture.asked(), 3, "discovery, keys and userinfo, once each");
    fixture.provider.reset_counters();
    fixture.provider.stop().await;
    for path in paths.iter().cycle().take(200) {
        fixture.get_as(path, &token).await.assert_ok(path);
    }
    fixture.get_valid().await.assert_ok("a token that nobody has seen, of a key that is known");
    at_rest().await;
    assert_eq!(fixture.asked(), 0);
    fixture.assert_state("nobody was asked, so nothing failed", Fresh, None);
}

/// A failed fetch holds a rotation up for a second, not for the ten that a background refresh waits.
pub async fn a_new_key_is_found_soon_after_a_fetch_has_failed<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    fixture.get_as("/token", &fixture.provider.token_for("alice")).await.assert_ok("the first key");
    fixture.provider.fault(Endpoint::Jwks, Fault::status(503));
    let stranger = fixture.provider.token().kid("invented").mint();
    fixture.get_as("/token", &stranger).await.assert_refusal("a stranger", 503, "temporarily_unavailable", None);
    fixture.provider.heal(Endpoint::Jwks);
    fixture.provider.rotate_keys();
    fixture.clock.advance(Duration::from_secs(1));
    fixture.get_as("/token", &fixture.provider.token_for("alice")).await.assert_ok("the next key, a second later");
}
