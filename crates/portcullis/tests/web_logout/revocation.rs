//! Tokens are taken back at logout, and nothing that goes wrong with it keeps anybody here.

use std::time::Duration;

use http::header::AUTHORIZATION;
use portcullis::{OAuthError, Provider, ProviderEndpoint, ProviderErrorKind, Revocable, Secret};
use portcullis_testkit::{ClientAuth, ClientKey, Endpoint, Fault, RecordedRequest, TestProvider};
use serde_json::json;

use crate::app::{App, location};

fn revoked(app: &App) -> RecordedRequest {
    let mut received = app.provider.received(Endpoint::Revocation);
    assert_eq!(received.len(), 1);
    received.remove(0)
}

#[tokio::test]
async fn the_refresh_token_is_taken_back_and_its_grant_with_it() {
    let app = App::new();
    let alice = app.logged_in("alice").await;
    app.provider.reset_counters();
    let hint = crate::app::parameter(&location(&alice.leave(&app).await), "id_token_hint").unwrap();
    assert_eq!(app.asked(), [Endpoint::Revocation], "and nothing more");
    let request = revoked(&app);
    assert_eq!(request.form("token_type_hint").as_deref(), Some("refresh_token"));
    assert!(request.header(AUTHORIZATION.as_str()).unwrap().starts_with("Basic "));
    let token = request.form("token").unwrap();
    assert_ne!(token, hint, "never the ID token");
    let refreshed = app.guard.provider().revoke(Revocable::RefreshToken(&Secret::from(token))).await;
    assert_eq!(refreshed, Ok(()), "what is unknown is revoked already");
}

#[tokio::test]
async fn without_a_refresh_token_it_is_the_access_token() {
    let app = App::with(|builder| builder.scopes(["openid"]));
    let alice = app.logged_in("alice").await;
    alice.leave(&app).await;
    let request = revoked(&app);
    assert_eq!(request.form("token_type_hint").as_deref(), Some("access_token"));
    assert_eq!(request.form("token").unwrap().split('.').count(), 3);
}

#[tokio::test]
async fn atk_t10_the_session_has_ended_before_the_provider_is_asked() {
    let app = App::new();
    let alice = app.logged_in("alice").await;
    let gate = app.provider.hold(Endpoint::Revocation);
    let leaves = alice.leave(&app);
    let looks = async {
        gate.waiting(1).await;
        assert_eq!(alice.user(&app).await, None);
        gate.release();
    };
    let (response, ()) = tokio::join!(leaves, looks);
    assert_eq!(response.status(), 303);
}

/// The local end comes first: whatever the endpoint does, and even if it never answers.
#[tokio::test(start_paused = true)]
async fn atk_t10_nothing_that_the_revocation_endpoint_does_hinders_a_logout() {
    let unsupported = json!({ "error": "unsupported_token_type" });
    let rows = [
        ("503", Fault::status(503)),
        ("400", Fault::json(&unsupported).and_status(400)),
        ("401", Fault::status(401)),
        ("a redirect", Fault::redirect("https://evil.example/")),
        ("closed", Fault::close()),
        ("silence", Fault::silence()),
        ("endless", Fault::endless()),
    ];
    for (about, fault) in rows {
        let app = App::new();
        let alice = app.logged_in("alice").await;
        let cookie = alice.session().unwrap();
        app.provider.fault(Endpoint::Revocation, fault);
        leaves_in_time(&app, &alice, about).await;
        alice.put_session(cookie);
        assert_eq!(alice.user(&app).await, None, "{about}: the session has ended");
    }
}

#[tokio::test(start_paused = true)]
async fn atk_t10_an_endpoint_that_hangs_costs_two_seconds() {
    let app = App::new();
    let alice = app.logged_in("alice").await;
    let _gate = app.provider.hold(Endpoint::Revocation);
    let started = tokio::time::Instant::now();
    leaves_in_time(&app, &alice, "hanging").await;
    assert_eq!(started.elapsed(), Duration::from_secs(2));
    assert_eq!(app.provider.requests(Endpoint::Revocation), 1);
}

/// The metadata can hang too, and is asked for the logout URL and for the revocation: two seconds for both.
#[tokio::test(start_paused = true)]
async fn atk_t10_metadata_that_hang_cost_two_seconds_in_all() {
    let app = App::new();
    let alice = app.logged_in("alice").await;
    app.provider.clock().advance(Duration::from_secs(3 * 60 * 60));
    assert_eq!(alice.user(&app).await.as_deref(), Some("alice"), "refreshed");
    app.provider.clock().advance(Duration::from_secs(2 * 60 * 60));
    let _gate = app.provider.hold(Endpoint::Discovery);
    let started = tokio::time::Instant::now();
    let response = alice.leave(&app).await;
    assert_eq!((response.status().as_u16(), location(&response).as_str()), (303, "/auth/logged-out"));
    assert!(started.elapsed() <= Duration::from_millis(2_001), "{:?}", started.elapsed());
    assert_eq!(alice.session(), None);
}

async fn leaves_in_time(app: &App, alice: &crate::app::Visitor, about: &str) {
    let started = tokio::time::Instant::now();
    let response = alice.leave(app).await;
    assert!(started.elapsed() <= Duration::from_millis(2_001), "{about}: {:?}", started.elapsed());
    assert_eq!(response.status(), 303, "{about}");
    assert!(location(&response).starts_with("https://provider.test/end_session?"), "{about}");
    assert_eq!(alice.session(), None, "{about}");
}

#[tokio::test]
async fn a_provider_without_a_usable_endpoint_is_not_asked() {
    for announced in [json!(null), json!(""), json!(7), json!("http://elsewhere.example/revoke"), json!("no url")] {
        let app = App::new();
        let shown = announced.to_string();
        app.provider.set_metadata(move |document| document["revocation_endpoint"] = announced.clone());
        let alice = app.logged_in("alice").await;
        assert!(location(&alice.leave(&app).await).starts_with("https://provider.test/end_session?"), "{shown}");
        assert_eq!(app.provider.requests(Endpoint::Revocation), 0, "{shown}");
        assert!(app.provider.unexpected().is_empty(), "{shown}");
        let refused = app.guard.provider().revoke(Revocable::AccessToken(&Secret::from("t"))).await.unwrap_err();
        assert_eq!(refused.endpoint(), ProviderEndpoint::Revocation, "{shown}");
        assert_eq!(refused.reason(), "no_revocation_endpoint", "{shown}");
    }
}

#[tokio::test]
async fn only_200_says_that_the_token_is_gone() {
    let refused = |code: &str| Fault::json(&json!({ "error": code })).and_status(400);
    let rows = [
        (Fault::status(200), None),
        (Fault::html(), None),
        (Fault::status(204), Some(ProviderErrorKind::Status(204))),
        (Fault::status(400), Some(ProviderErrorKind::Status(400))),
        (refused("invalid_client"), Some(ProviderErrorKind::Refused(OAuthError::InvalidClient))),
        (refused("unsupported_token_type"), Some(ProviderErrorKind::Refused(OAuthError::UnsupportedTokenType))),
        (refused("something"), Some(ProviderErrorKind::Refused(OAuthError::Other))),
        (refused("invalid_client").and_status(429), Some(ProviderErrorKind::Status(429))),
        (refused("invalid_client").and_status(503), Some(ProviderErrorKind::Status(503))),
        (Fault::status(302), Some(ProviderErrorKind::Status(302))),
    ];
    let app = App::new();
    for (fault, expected) in rows {
        app.provider.fault(Endpoint::Revocation, fault);
        let revoked = app.guard.provider().revoke(Revocable::AccessToken(&Secret::from("a secret token"))).await;
        assert_eq!(revoked.map_err(|error| error.kind()).err(), expected);
        let shown = format!("{revoked:?} {}", revoked.err().map(|error| error.to_string()).unwrap_or_default());
        assert!(!shown.contains("a secret token"), "{shown}");
    }
    assert_eq!(app.provider.requests(Endpoint::Revocation), 10, "nothing is tried twice");
}

/// As at the token endpoint.
#[tokio::test]
async fn the_client_authenticates() {
    let provider = TestProvider::in_memory();
    let key = ClientKey::generate(portcullis_testkit::Algorithm::Es256);
    provider.client("post").secret("s:%+ ü").auth(ClientAuth::SecretPost).redirect_uri("https://a.example/").register();
    provider.client("key").key(&key).redirect_uri("https://a.example/").register();
    provider.client("public").redirect_uri("https://a.example/").register();
    let client =
        |id: &str| Provider::builder(provider.issuer(), id).http_client(provider.http_client()).clock(provider.clock());
    let clients = [
        client("post").client_secret("s:%+ ü").client_auth(portcullis::ClientAuth::ClientSecretPost),
        client("key").client_keys(key.private_jwk_set().to_string()),
        client("public"),
    ];
    for client in clients {
        let client = client.build().unwrap();
        assert_eq!(client.revoke(Revocable::RefreshToken(&Secret::from("unknown"))).await, Ok(()), "{client:?}");
    }
    let wrong =
        client("post").client_secret("x").client_auth(portcullis::ClientAuth::ClientSecretPost).build().unwrap();
    let refused = wrong.revoke(Revocable::RefreshToken(&Secret::from("unknown"))).await.unwrap_err();
    assert_eq!(refused.kind(), ProviderErrorKind::Refused(OAuthError::InvalidClient));
}

/// The development provider has no https: what is announced is asked, in plain http on loopback.
#[tokio::test]
async fn a_provider_on_loopback_is_asked_in_plain_http() {
    let server = TestProvider::start().await;
    let builder = Provider::builder(server.issuer(), TestProvider::CLIENT_ID);
    let provider = builder.client_secret(TestProvider::CLIENT_SECRET).build().unwrap();
    assert_eq!(provider.revoke(Revocable::AccessToken(&Secret::from("unknown"))).await, Ok(()));
    assert_eq!(server.requests(Endpoint::Revocation), 1);
}
