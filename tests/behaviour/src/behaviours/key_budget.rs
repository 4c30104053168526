//! How often strangers may make us ask for keys.

use std::collections::BTreeMap;

use portcullis_testkit::{Algorithm, Endpoint, Fault, SigningKey, TestProvider};
use serde_json::json;

use crate::{Fixture, TestApp, at_rest, together};

const FLOOD: usize = 10_000;
/// One when the first request comes, then the burst.
const FETCHES: usize = 4;

/// A token of an invented key, which nobody publishes.
fn stranger(fixture: &Fixture<impl TestApp>, kid: impl Into<String>) -> String {
    fixture.provider.token().user("alice").kid(kid).mint()
}

/// A token that names the provider's key and was not signed by it.
fn forged(fixture: &Fixture<impl TestApp>) -> String {
    let kid = fixture.provider.signing_key().kid().to_owned();
    let key = SigningKey::generate(Algorithm::Es256).with_kid(kid);
    fixture.provider.token().user("alice").sign_with(key).mint()
}

pub async fn atk_k07_a_flood_of_unknown_key_ids_costs_four_fetches<A: TestApp>() {
    let fixture = Fixture::<A>::warm().await;
    let mut answers = BTreeMap::new();
    for number in 0..FLOOD {
        let answer = fixture.get_as("/token", &stranger(&fixture, format!("kid-{number:016x}"))).await;
        match answer.status.as_u16() {
            401 => answer.assert_invalid_token("asked, and nobody knows it"),
            _ => answer.assert_unavailable("not asked"),
        }
        *answers.entry(answer.status.as_u16()).or_insert(0) += 1;
        if number % 100 == 0 {
            fixture.get_valid().await.assert_ok("a good token in the flood");
        }
    }
    assert_eq!(fixture.key_fetches(), FETCHES);
    assert_eq!(fixture.provider.requests(Endpoint::Discovery), 1);
    assert_eq!(answers, BTreeMap::from([(401, FETCHES - 1), (503, FLOOD - FETCHES + 1)]));
    assert_eq!(fixture.status().keys, 1, "no good key was evicted");
}

pub async fn atk_k07_a_flood_of_requests_at_the_same_time<A: TestApp>() {
    let fixture = Fixture::<A>::warm().await;
    let tokens: Vec<_> = (0..FLOOD / 10).map(|number| stranger(&fixture, format!("kid-{number}"))).collect();
    for wave in tokens.chunks(100) {
        let valid = fixture.provider.token_for("alice");
        let requests = wave.iter().chain([&valid]).map(|token| fixture.get_as("/token", token));
        let mut answers = together(requests).await;
        answers.pop().unwrap().assert_ok("a good token in the flood");
        assert!(answers.iter().all(|answer| matches!(answer.status.as_u16(), 401 | 503)));
    }
    assert!(fixture.key_fetches() <= FETCHES, "{}", fixture.key_fetches());
}

/// While the answer is on its way, good tokens do not wait for it.
pub async fn atk_k07_good_tokens_do_not_wait_for_the_fetch_of_a_stranger<A: TestApp>() {
    let fixture = Fixture::<A>::warm().await;
    let gate = fixture.provider.hold(Endpoint::Jwks);
    let token = stranger(&fixture, "unknown");
    let valid_meanwhile = async {
        gate.waiting(1).await;
        for _ in 0..10 {
            fixture.get_valid().await.assert_ok("while the fetch is held");
        }
        gate.release();
    };
    let (refused, ()) = tokio::join!(fixture.get_as("/token", &token), valid_meanwhile);
    refused.assert_invalid_token("once the answer is there");
    assert_eq!(fixture.key_fetches(), 2);
}

pub async fn atk_k07_an_unknown_key_id_is_remembered_for_ten_seconds<A: TestApp>() {
    let fixture = Fixture::<A>::warm().await;
    for _ in 0..50 {
        fixture.get_as("/token", &stranger(&fixture, "twice")).await.assert_invalid_token("asked");
    }
    assert_eq!(fixture.key_fetches(), 2);
    fixture.after(9);
    fixture.get_as("/token", &stranger(&fixture, "twice")).await.assert_invalid_token("asked 9 s ago");
    assert_eq!(fixture.key_fetches(), 2);
    fixture.after(1);
    fixture.get_as("/token", &stranger(&fixture, "twice")).await.assert_invalid_token("asked again");
    assert_eq!(fixture.key_fetches(), 3);
}

/// Burst 3, then one more in 10 s; `Retry-After` says when. A real rotation is followed as soon as there is budget.
pub async fn p05_the_budget_for_unknown_key_ids<A: TestApp>() {
    let fixture = Fixture::<A>::warm().await;
    for number in 0..3 {
        let token = stranger(&fixture, format!("burst-{number}"));
        fixture.get_as("/token", &token).await.assert_invalid_token("within the burst");
    }
    fixture.provider.rotate_keys();
    fixture.after(4);
    let waiting = fixture.get_valid().await;
    waiting.assert_unavailable("the budget is spent");
    assert_eq!(waiting.header("retry-after"), Some("6"), "until there is budget again");
    assert_eq!(fixture.key_fetches(), 4);
    fixture.after(6);
    fixture.get_valid().await.assert_ok("the new key, ten seconds after the burst");
    assert_eq!(fixture.key_fetches(), 5);
    fixture.after(9);
    fixture.get_as("/token", &stranger(&fixture, "early")).await.assert_unavailable("one in 10 s");
    fixture.after(1);
    fixture.get_as("/token", &stranger(&fixture, "in time")).await.assert_invalid_token("one in 10 s");
    assert_eq!(fixture.key_fetches(), 6);
}

/// What the provider sent before it rotated says nothing about the keys of after: neither 401, nor remembered.
pub async fn atk_k09_a_fetch_that_left_before_the_rotation_is_no_answer<A: TestApp>() {
    type Rotation = fn(&TestProvider);
    let rotations: [(&str, Rotation); 2] =
        [("a new kid", TestProvider::rotate_keys), ("a kid reused", TestProvider::replace_key_same_kid)];
    for (what, rotate) in rotations {
        let fixture = Fixture::<A>::warm().await;
        let (provider, old) = (&fixture.provider, fixture.provider.signing_key().public_jwk());
        let gate = provider.hold(Endpoint::Jwks);
        provider.fault_times(Endpoint::Jwks, 1, Fault::json(&json!({ "keys": [old] })));
        let stray = stranger(&fixture, "stray");
        let rotation = async {
            gate.waiting(1).await;
            rotate(provider);
            let token = provider.token_for("alice");
            let release = async {
                at_rest().await;
                gate.release();
            };
            tokio::join!(fixture.get_as("/token", &token), release).0
        };
        let (_, answer) = tokio::join!(fixture.get_as("/token", &stray), rotation);
        answer.assert_ok(what);
        assert_eq!(fixture.key_fetches(), 3, "{what}: one more, and only one");
    }
}

/// While a failure is remembered nobody is asked, so it costs no budget either: recovery finds all of it.
pub async fn p05_the_pause_after_a_failure_costs_no_budget<A: TestApp>() {
    tokio::time::pause();
    let fixture = Fixture::<A>::warm().await;
    fixture.provider.fault(Endpoint::Jwks, Fault::status(404));
    for number in 0..20 {
        let token = stranger(&fixture, format!("down-{number}"));
        fixture.get_as("/token", &token).await.assert_unavailable("down");
        fixture.get_as("/token", &forged(&fixture)).await.assert_invalid_token("a bad signature");
    }
    assert_eq!(fixture.key_fetches(), 2, "asked once");
    fixture.provider.heal(Endpoint::Jwks);
    fixture.provider.replace_key_same_kid();
    fixture.after(10);
    fixture.get_valid().await.assert_ok("the budget of bad signatures is untouched");
    for number in 0..3 {
        let token = stranger(&fixture, format!("up-{number}"));
        fixture.get_as("/token", &token).await.assert_invalid_token("two of the burst are left, one has come back");
    }
}

/// A fetch that fails says nothing about the key: 503, and nobody is called invalid.
pub async fn p05_an_unknown_key_id_while_the_provider_is_down<A: TestApp>() {
    tokio::time::pause();
    let fixture = Fixture::<A>::warm().await;
    fixture.provider.fault(Endpoint::Jwks, Fault::status(503));
    fixture.provider.rotate_keys();
    let token = fixture.provider.token_for("alice");
    fixture.get_as("/token", &token).await.assert_unavailable("asked, no answer");
    fixture.provider.heal(Endpoint::Jwks);
    fixture.after(10);
    fixture.get_as("/token", &token).await.assert_ok("it was not remembered as unknown");
}

pub async fn atk_k08_a_flood_of_bad_signatures_costs_one_fetch_a_minute<A: TestApp>() {
    let fixture = Fixture::<A>::warm().await;
    let tokens: Vec<_> = (0..100).map(|_| forged(&fixture)).collect();
    for round in 1..=3 {
        for token in &tokens {
            fixture.get_as("/token", token).await.assert_invalid_token("a bad signature");
        }
        fixture.get_valid().await.assert_ok("a good token in the flood");
        assert_eq!(fixture.key_fetches(), 1 + round, "one fetch in minute {round}");
        fixture.after(59);
        fixture.get_as("/token", &tokens[0]).await.assert_invalid_token("59 s later");
        assert_eq!(fixture.key_fetches(), 1 + round, "not yet");
        fixture.after(1);
    }
}

/// Its own budget: bad signatures take nothing from unknown key ids, nor the other way round.
pub async fn atk_k08_the_budgets_are_apart<A: TestApp>() {
    let fixture = Fixture::<A>::warm().await;
    for _ in 0..10 {
        fixture.get_as("/token", &forged(&fixture)).await.assert_invalid_token("a bad signature");
    }
    assert_eq!(fixture.key_fetches(), 2);
    for number in 0..3 {
        let token = stranger(&fixture, format!("burst-{number}"));
        fixture.get_as("/token", &token).await.assert_invalid_token("the whole burst is there");
    }
    assert_eq!(fixture.key_fetches(), 5);
}

/// Without an answer the keys we have decide: a forger gets no 503, and no good token suffers.
pub async fn atk_k08_a_bad_signature_while_the_provider_is_down<A: TestApp>() {
    let fixture = Fixture::<A>::warm().await;
    fixture.provider.stop().await;
    tokio::time::pause();
    for _ in 0..3 {
        fixture.get_as("/token", &forged(&fixture)).await.assert_invalid_token("a bad signature");
    }
    fixture.get_valid().await.assert_ok("a good token");
}

/// What breaks a cheap rule costs the provider nothing, whatever key it names.
pub async fn atk_k07_tokens_refused_by_cheap_checks_are_not_looked_up<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = || fixture.provider.token().user("alice").kid("unknown");
    let rows = [
        ("expired", token().expires_in(-61)),
        ("another audience", token().audience("https://other.example")),
        ("another issuer", token().claim("iss", "https://other.example")),
        ("an ID token", token().id_token()),
        ("unsigned", token().unsigned()),
        ("another typ", token().typ("JWT")),
        ("a kid that is too long", token().kid("k".repeat(257))),
    ];
    for (what, token) in rows {
        fixture.get_as("/token", &token.mint()).await.assert_invalid_token(what);
    }
    at_rest().await;
    assert_eq!(fixture.asked(), 0);
}

pub async fn atk_k13_a_fetch_fails_while_several_wait<A: TestApp>() {
    tokio::time::pause();
    let fixture = Fixture::<A>::new();
    let gate = fixture.provider.hold(Endpoint::Jwks);
    fixture.provider.fault_times(Endpoint::Jwks, 2, Fault::status(500));
    let tokens: Vec<_> = (0..20).map(|_| fixture.provider.token_for("alice")).collect();
    let waiting = together(tokens.iter().map(|token| fixture.get_as("/token", token)));
    let release = async {
        gate.waiting(1).await;
        gate.release();
    };
    let (answers, ()) = tokio::join!(waiting, release);
    answers.iter().for_each(|answer| answer.assert_unavailable("each waiter gets the error"));
    assert_eq!(fixture.key_fetches(), 2, "two tries of one fetch, for all of them");
    fixture.after(1);
    fixture.get_as("/token", &tokens[0]).await.assert_ok("the next fetch");
    assert_eq!(fixture.key_fetches(), 3);
}

/// The same re-entry with keys at hand: strangers wait for a refetch that fails, and the good keys stay.
pub async fn atk_k13_a_refetch_fails_while_several_strangers_wait<A: TestApp>() {
    tokio::time::pause();
    let fixture = Fixture::<A>::warm().await;
    let gate = fixture.provider.hold(Endpoint::Jwks);
    fixture.provider.fault(Endpoint::Jwks, Fault::html());
    let tokens: Vec<_> = (0..20).map(|number| stranger(&fixture, format!("kid-{number}"))).collect();
    let waiting = together(tokens.iter().map(|token| fixture.get_as("/token", token)));
    let release = async {
        gate.waiting(1).await;
        gate.release();
    };
    let (answers, ()) = tokio::join!(waiting, release);
    answers.iter().for_each(|answer| answer.assert_unavailable("each waiter gets the error"));
    assert_eq!(fixture.key_fetches(), 2, "one refetch, and a page is not asked for again");
    fixture.get_valid().await.assert_ok("the good keys");
}
