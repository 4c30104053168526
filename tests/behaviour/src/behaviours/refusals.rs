//! The application's own words, and what a response says to caches.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use portcullis_testkit::{Endpoint, Fault};
use serde_json::json;

use crate::{Answer, Fixture, TestApp, own_words};

/// Every kind of refusal: route, credentials, status, code, challenge.
fn refusals<A: TestApp>(fixture: &Fixture<A>) -> Vec<(&'static str, String, u16, &'static str, Option<&'static str>)> {
    let alice = format!("Bearer {}", fixture.provider.token_for("alice"));
    let bob = format!("Bearer {}", fixture.provider.token_for("bob"));
    let scopeless = format!("Bearer {}", fixture.provider.token().scope("openid").mint());
    let robot = format!("Bearer {}", fixture.provider.token().subject("app").mint());
    vec![
        ("/token", String::new(), 401, "missing_credentials", Some("Bearer")),
        ("/token", "Bearer a b".to_owned(), 400, "invalid_request", Some(r#"Bearer error="invalid_request""#)),
        ("/token", "Bearer abc".to_owned(), 401, "invalid_token", Some(r#"Bearer error="invalid_token""#)),
        (
            "/scoped",
            scopeless,
            403,
            "insufficient_scope",
            Some(r#"Bearer error="insufficient_scope", scope="castles""#),
        ),
        ("/castles", bob.clone(), 403, "missing_permission", None),
        ("/group/plain", bob.clone(), 403, "missing_permission", None),
        ("/nested/inner/never", alice.clone(), 403, "missing_permission", None),
        (
            "/strong",
            bob,
            401,
            "insufficient_user_authentication",
            Some(r#"Bearer error="insufficient_user_authentication", acr_values="1""#),
        ),
        ("/user", robot, 403, "user_required", None),
        ("/user", alice, 503, "temporarily_unavailable", None),
    ]
}

pub async fn own_words_keep_status_and_challenge<A: TestApp>() {
    let fixture = Fixture::<A>::with(|guard| guard.on_reject(own_words));
    fixture.provider.fault(Endpoint::UserInfo, Fault::html());
    for (path, credentials, status, code, challenge) in refusals(&fixture) {
        let answer = fixture.get_with(&format!("{path}?q=1"), &[credentials.as_bytes()]).await;
        assert_eq!(answer.status.as_u16(), status, "{path} {code}");
        // The path is the one that the client sent, also where a router has taken a prefix off.
        assert_eq!(answer.json(), json!({"sorry": code, "at": path}), "{path} {code}");
        assert_eq!(answer.challenge(), challenge, "{path} {code}");
        assert_eq!(answer.header("retry-after").is_some(), status == 503, "{path} {code}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path} {code}");
    }
}

pub async fn the_default_words<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    fixture.provider.fault(Endpoint::UserInfo, Fault::html());
    for (path, credentials, status, code, challenge) in refusals(&fixture) {
        let answer = fixture.get_with(path, &[credentials.as_bytes()]).await;
        answer.assert_refusal(&format!("{path} {code}"), status, code, challenge);
        assert_eq!(answer.header("content-type"), Some("application/json"), "{path} {code}");
    }
}

pub async fn own_words_may_replace_everything<A: TestApp>() {
    let fixture = Fixture::<A>::with(|guard| {
        guard.on_reject(|_, _, _| {
            let teapot = http::Response::builder().status(418).header("x-own", "1");
            teapot.body("own".into()).expect("a response")
        })
    });
    for path in ["/token", "/group/plain", "/nested/inner/token"] {
        let answer = fixture.get(path).await;
        assert_eq!((answer.status.as_u16(), &*answer.body), (418, &b"own"[..]), "{path}");
        assert_eq!((answer.header("x-own"), answer.challenge()), (Some("1"), None), "{path}");
    }
}

pub async fn own_words_are_only_for_refusals<A: TestApp>() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let fixture = Fixture::<A>::with(|guard| {
        guard.on_reject(move |_, _, reply| {
            counted.fetch_add(1, Ordering::Relaxed);
            reply
        })
    });
    let alice = fixture.provider.token_for("alice");
    for path in ["/open", "/optional", "/if-present", "/result", "/nowhere"] {
        fixture.get(path).await;
    }
    for path in ["/token", "/three", "/group/token", "/optional/castles"] {
        fixture.get_as(path, &alice).await.assert_ok(path);
    }
    fixture.get_as("/optional", "garbage").await.assert_ok("nobody");
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    fixture.get("/group/token").await;
    assert_eq!(calls.load(Ordering::Relaxed), 1, "once for each refusal, however many guards a request meets");
}

fn vary(answer: &Answer) -> Vec<&str> {
    let values = answer.headers.get_all("vary").into_iter().map(|value| value.to_str().expect("visible ASCII"));
    values.flat_map(|value| value.split(',')).map(str::trim).collect()
}

#[track_caller]
fn assert_caching(answer: &Answer, what: &str, cache_control: Option<&str>, expected_vary: &[&str]) {
    let values: Vec<_> = answer.headers.get_all("cache-control").into_iter().collect();
    assert_eq!(values, cache_control.into_iter().collect::<Vec<_>>(), "{what}");
    assert_eq!(vary(answer), expected_vary, "{what}");
}

pub async fn authenticated_answers_stay_out_of_shared_caches<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token_for("alice");
    for path in ["/token", "/user", "/optional", "/if-present", "/group/plain", "/group/token", "/nested/inner/token"] {
        for what in ["validated", "from the cache"] {
            let answer = fixture.get_as(path, &token).await;
            answer.assert_ok(path);
            assert_caching(&answer, &format!("{path}, {what}"), Some("no-store"), &["authorization"]);
        }
    }
}

pub async fn a_handlers_own_caching_rules<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token_for("alice");
    let private = fixture.get_as("/cache/private", &token).await;
    assert_caching(&private, "private stays", Some("private, max-age=60"), &["accept", "authorization"]);
    let public = fixture.get_as("/cache/public", &token).await;
    assert_caching(&public, "public goes", Some("no-store"), &["authorization"]);
    assert_eq!(public.body, "ours");
}

pub async fn refusals_are_not_cached<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let bob = fixture.provider.token_for("bob");
    for path in ["/castles", "/group/plain", "/strong"] {
        assert_caching(&fixture.get(path).await, path, Some("no-store"), &["authorization"]);
        assert_caching(&fixture.get_as(path, "abc").await, path, Some("no-store"), &["authorization"]);
        assert_caching(&fixture.get_as(path, &bob).await, path, Some("no-store"), &["authorization"]);
    }
}

pub async fn public_answers_are_left_alone<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let token = fixture.provider.token_for("alice");
    for path in ["/open", "/nowhere"] {
        assert_caching(&fixture.get(path).await, path, None, &[]);
        assert_caching(&fixture.get_as(path, "garbage").await, path, None, &[]);
        assert_caching(&fixture.get_as(path, &token).await, path, None, &[]);
    }
    assert_eq!(fixture.asked(), 0, "a public route validates nothing");
    assert_caching(&fixture.get("/optional").await, "nobody", None, &["authorization"]);
    fixture.get_as("/token", &token).await.assert_ok("alice is known from now on");
    assert_caching(&fixture.get_as("/open", &token).await, "a public route asks nobody who calls", None, &[]);
}
