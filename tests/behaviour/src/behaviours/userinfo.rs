//! The claims of the user: when the provider is asked, and for whom its answer counts.

use std::future::pending;
use std::time::Duration;

use async_trait::async_trait;
use portcullis::{CacheError, UserInfoCache, UserInfoEntry, UserInfoKey};
use portcullis_testkit::{Endpoint, Fault, TokenBuilder};
use serde_json::{Value, json};

use crate::{Answer, Fixture, LogCapture, TestApp};

fn token<A: TestApp>(fixture: &Fixture<A>) -> TokenBuilder {
    fixture.provider.token().user("alice")
}

/// How often the provider has been asked about users once this request is answered.
async fn asked_after<A: TestApp>(fixture: &Fixture<A>, path: &str, token: &str) -> usize {
    fixture.get_as(path, token).await.assert_ok(path);
    fixture.provider.requests(Endpoint::UserInfo)
}

/// Lets every request that can go on go on, as far as it gets.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

pub async fn one_question_serves_every_token_of_a_grant<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    for number in 0..3 {
        let token = token(&fixture).claim("number", number).mint();
        assert_eq!(asked_after(&fixture, "/user", &token).await, 1);
    }
    let reordered = token(&fixture).scope("castles email profile openid").mint();
    assert_eq!(asked_after(&fixture, "/user", &reordered).await, 1, "the order of scopes does not matter");
    let bob = fixture.provider.token_for("bob");
    assert_eq!(asked_after(&fixture, "/user", &bob).await, 2, "another user");
    assert_eq!(fixture.get_as("/user", &bob).await.json()["sub"], "bob");
    assert_eq!(asked_after(&fixture, "/user", &token(&fixture).mint()).await, 2, "both are kept");
}

/// Scopes and client decide which claims are released, so another pair must never see them.
pub async fn another_grant_is_a_miss_and_takes_the_place<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let full = token(&fixture).mint();
    let narrow = token(&fixture).scope("openid").mint();
    let other_client = token(&fixture).client_id("other").mint();
    let mut expected = 0;
    for token in [&full, &narrow, &full, &other_client, &full] {
        expected += 1;
        assert_eq!(asked_after(&fixture, "/user", token).await, expected);
        assert_eq!(asked_after(&fixture, "/user", token).await, expected, "its own answer is kept");
    }
}

pub async fn claims_live_as_long_as_configured<A: TestApp>() {
    let fixture = Fixture::<A>::with(|guard| guard.user_info_ttl(Duration::from_secs(60)));
    let token = token(&fixture).mint();
    assert_eq!(asked_after(&fixture, "/user", &token).await, 1);
    fixture.clock.advance(Duration::from_secs(59));
    assert_eq!(asked_after(&fixture, "/user", &token).await, 1);
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(asked_after(&fixture, "/user", &token).await, 2);
}

pub async fn claims_live_no_longer_than_the_token_that_fetched_them<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let (short, long) = (token(&fixture).expires_in(100).mint(), token(&fixture).mint());
    assert_eq!(asked_after(&fixture, "/user", &short).await, 1);
    fixture.clock.advance(Duration::from_secs(99));
    assert_eq!(asked_after(&fixture, "/user", &long).await, 1);
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(asked_after(&fixture, "/user", &long).await, 2);
}

pub async fn claims_live_five_minutes_if_nothing_is_configured<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = token(&fixture).expires_in(3600).mint();
    assert_eq!(asked_after(&fixture, "/user", &token).await, 1);
    fixture.clock.advance(Duration::from_secs(299));
    assert_eq!(asked_after(&fixture, "/user", &token).await, 1);
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(asked_after(&fixture, "/user", &token).await, 2);
}

pub async fn fresh_asks_and_the_others_profit<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = token(&fixture).mint();
    let email = |answer: Answer| answer.json()["email"].clone();
    assert_eq!(email(fixture.get_as("/user", &token).await), "alice@example.com");
    fixture.provider.user("alice", json!({"email": "new@example.com"}));
    assert_eq!(email(fixture.get_as("/user", &token).await), "alice@example.com", "from the cache");
    assert_eq!(email(fixture.get_as("/user/fresh", &token).await), "new@example.com");
    assert_eq!(email(fixture.get_as("/user", &token).await), "new@example.com");
    assert_eq!(fixture.provider.requests(Endpoint::UserInfo), 2);
}

pub async fn a_fresh_failure_leaves_the_cache_as_it_was<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = token(&fixture).mint();
    fixture.get_as("/user", &token).await.assert_ok("before");
    fixture.provider.fault(Endpoint::UserInfo, Fault::html());
    fixture.get_as("/user/fresh", &token).await.assert_refusal("fresh", 503, "temporarily_unavailable", None);
    fixture.get_as("/user", &token).await.assert_ok("from the cache");
}

pub async fn many_at_once_ask_once<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = token(&fixture).mint();
    fixture.get_as("/token", &token).await.assert_ok("the keys are there");
    let gate = fixture.provider.hold(Endpoint::UserInfo);
    let ask = |path| fixture.get_as(path, &token);
    let release = async {
        gate.waiting(1).await;
        settle().await;
        assert_eq!(gate.arrived(), 1);
        gate.release();
    };
    let (one, two, three, four, five, six, ()) = tokio::join!(
        ask("/user"),
        ask("/user"),
        ask("/user/fresh"),
        ask("/pair"),
        ask("/three"),
        ask("/optional"),
        release
    );
    for answer in [one, two, three, four, five, six] {
        answer.assert_ok("one of many");
    }
    assert_eq!(fixture.provider.requests(Endpoint::UserInfo), 1);
}

pub async fn one_refused_token_does_not_refuse_another_of_the_user<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let (revoked, good) = (token(&fixture).mint(), token(&fixture).mint());
    fixture.provider.revoke(&revoked);
    fixture.get_as("/token", &good).await.assert_ok("the keys are there");
    let gate = fixture.provider.hold(Endpoint::UserInfo);
    let release = async {
        gate.waiting(1).await;
        settle().await;
        gate.release();
    };
    let (first, second, ()) = tokio::join!(fixture.get_as("/user", &revoked), fixture.get_as("/user", &good), release);
    first.assert_invalid_token("the revoked one");
    second.assert_ok("the good one, which waited for the answer to the revoked one");
    assert_eq!(fixture.provider.requests(Endpoint::UserInfo), 2);
}

/// While one user's question hangs, others are answered.
pub async fn one_user_does_not_wait_for_another<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let (alice, bob) = (fixture.provider.token_for("alice"), fixture.provider.token_for("bob"));
    fixture.get_as("/user", &bob).await.assert_ok("bob is cached");
    let gate = fixture.provider.hold(Endpoint::UserInfo);
    let meanwhile = async {
        gate.waiting(1).await;
        fixture.get_as("/user", &bob).await.assert_ok("bob, meanwhile");
        fixture.get_as("/token", &alice).await.assert_ok("alice, where nobody asks who she is");
        gate.release();
    };
    let (answer, ()) = tokio::join!(fixture.get_as("/user", &alice), meanwhile);
    answer.assert_ok("alice");
}

#[derive(Debug)]
struct BrokenCache;

#[async_trait]
impl UserInfoCache for BrokenCache {
    async fn get(&self, _: &UserInfoKey) -> Result<Option<UserInfoEntry>, CacheError> {
        Err(CacheError::new("the store is on fire"))
    }

    async fn set(&self, _: &UserInfoKey, _: UserInfoEntry, _: Duration) -> Result<(), CacheError> {
        Err(CacheError::new("the store is on fire"))
    }

    async fn remove(&self, _: &UserInfoKey) -> Result<(), CacheError> {
        Err(CacheError::new("the store is on fire"))
    }
}

pub async fn a_cache_that_fails_is_a_miss_and_a_warning<A: TestApp>() {
    let log = LogCapture::begin();
    let fixture = Fixture::<A>::with(|guard| guard.user_info_cache(BrokenCache));
    let token = token(&fixture).mint();
    for expected in 1..=2 {
        assert_eq!(asked_after(&fixture, "/user", &token).await, expected);
    }
    let warnings = log.lines().iter().filter(|line| line.starts_with("WARN") && line.contains("on fire")).count();
    assert_eq!(warnings, 4, "each request looked and kept in vain: {:?}", log.lines());
}

/// A store behind a connection on which nothing comes back any more.
#[derive(Debug)]
struct SilentCache;

#[async_trait]
impl UserInfoCache for SilentCache {
    async fn get(&self, _: &UserInfoKey) -> Result<Option<UserInfoEntry>, CacheError> {
        pending().await
    }

    async fn set(&self, _: &UserInfoKey, _: UserInfoEntry, _: Duration) -> Result<(), CacheError> {
        pending().await
    }

    async fn remove(&self, _: &UserInfoKey) -> Result<(), CacheError> {
        pending().await
    }
}

/// Neither the request nor the flight that others join waits for it.
pub async fn p04_a_cache_that_never_answers_is_a_miss_and_a_warning<A: TestApp>() {
    tokio::time::pause();
    let log = LogCapture::begin();
    let fixture = Fixture::<A>::with(|guard| guard.user_info_cache(SilentCache));
    let token = token(&fixture).mint();
    for expected in 1..=2 {
        assert_eq!(asked_after(&fixture, "/user", &token).await, expected);
    }
    let warnings = log.lines().iter().filter(|line| line.starts_with("WARN") && line.contains("in time")).count();
    assert_eq!(warnings, 4, "each request looked and kept in vain: {:?}", log.lines());
}

/// A store that anybody else can write to: whatever is asked for, it has an entry of somebody else.
#[derive(Debug)]
struct MixedUpCache(Value);

#[async_trait]
impl UserInfoCache for MixedUpCache {
    async fn get(&self, _: &UserInfoKey) -> Result<Option<UserInfoEntry>, CacheError> {
        serde_json::from_value(self.0.clone()).map(Some).map_err(CacheError::new)
    }

    async fn set(&self, _: &UserInfoKey, _: UserInfoEntry, _: Duration) -> Result<(), CacheError> {
        Ok(())
    }

    async fn remove(&self, _: &UserInfoKey) -> Result<(), CacheError> {
        Ok(())
    }
}

pub async fn atk_c12_a_cache_that_mixes_users_up_is_not_believed<A: TestApp>() {
    let scopes = ["castles", "email", "openid", "profile"];
    let entry = |subject: &str, expires_at: u64| {
        json!({
            "user_info": {"sub": subject, "email": "cached@example.com"},
            "grant": {"scopes": scopes, "client_id": "app"},
            "expires_at": expires_at,
        })
    };
    let far = 253_402_300_799;
    for (what, entry, expected) in [
        ("alice's own", entry("alice", far), "cached@example.com"),
        ("bob's", entry("bob", far), "alice@example.com"),
        ("too old", entry("alice", 1), "alice@example.com"),
    ] {
        let fixture = Fixture::<A>::with(|guard| guard.user_info_cache(MixedUpCache(entry)));
        let answer = fixture.get_as("/user", &fixture.provider.token_for("alice")).await;
        assert_eq!((&answer.json()["sub"], &answer.json()["email"]), (&json!("alice"), &json!(expected)), "{what}");
    }
}
