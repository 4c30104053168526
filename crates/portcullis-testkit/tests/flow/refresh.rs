//! Refresh tokens: rotation, reuse, scope, revocation.

use std::time::Duration;

use portcullis_testkit::TestProvider;
use serde_json::{Value, json};

use crate::app::{App, CALLBACK, assert_error, text};
use crate::support::jws::parse;
use crate::support::{json as body, reqwest_client};

async fn refreshed(app: &App<'_>, tokens: &Value) -> Value {
    let response = app.refresh(text(&tokens["refresh_token"]), &[]).await;
    assert_eq!(response.status(), 200, "{:?}", response.body());
    body(&response)
}

#[tokio::test]
async fn a_refresh_renews_every_token() {
    let provider = TestProvider::in_memory();
    for app in [App::new(&provider), App::public(&provider)] {
        let first = app.tokens("alice").await;
        provider.clock().advance(Duration::from_secs(200));
        let second = refreshed(&app, &first).await;
        for name in ["access_token", "id_token", "refresh_token"] {
            assert!(second[name].is_string(), "{name}");
            assert_ne!(first[name], second[name], "{name}");
        }
        let (old, new) = (parse(text(&first["id_token"])).claims, parse(text(&second["id_token"])).claims);
        for claim in ["iss", "sub", "aud", "azp", "auth_time", "sid", "acr"] {
            assert_eq!(old[claim], new[claim], "{claim}");
        }
        assert!(new["nonce"].is_null() && new["c_hash"].is_null() && new["at_hash"].is_string());
        assert_eq!(new["iat"].as_u64().unwrap(), old["iat"].as_u64().unwrap() + 200);
        assert_eq!(app.userinfo(text(&second["access_token"])).await.status(), 200);
        refreshed(&app, &second).await;
    }
}

#[tokio::test]
async fn an_old_refresh_token_revokes_the_whole_grant() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let other = app.tokens("alice").await;
    let first = app.tokens("alice").await;
    let second = refreshed(&app, &first).await;
    assert_error(&app.refresh(text(&first["refresh_token"]), &[]).await, 400, "invalid_grant", "the old one");
    assert_error(&app.refresh(text(&second["refresh_token"]), &[]).await, 400, "invalid_grant", "the new one");
    for tokens in [&first, &second] {
        assert_eq!(app.userinfo(text(&tokens["access_token"])).await.status(), 401);
    }
    refreshed(&app, &other).await; // another grant is not concerned
}

#[tokio::test]
async fn a_provider_without_rotation_keeps_the_refresh_token() {
    let provider = TestProvider::in_memory();
    provider.client("app").refresh_token_rotation(false).register();
    let app = App::new(&provider);
    let first = app.tokens("alice").await;
    assert!(refreshed(&app, &first).await["refresh_token"].is_null());
    refreshed(&app, &first).await;
}

#[tokio::test]
async fn there_is_no_refresh_token_without_offline_access() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let tokens = body(&app.exchange(&app.code("alice", &[("scope", "openid")]).await).await);
    assert!(tokens["refresh_token"].is_null() && tokens["id_token"].is_string());
}

#[tokio::test]
async fn a_scope_can_be_narrowed_and_not_widened() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let first = app.tokens("alice").await;
    let refresh_token = text(&first["refresh_token"]);
    assert_error(&app.refresh(refresh_token, &[("scope", "openid email")]).await, 400, "invalid_scope", "wider");
    let narrow = body(&app.refresh(refresh_token, &[("scope", "castles")]).await);
    assert_eq!((&narrow["scope"], &narrow["id_token"]), (&json!("castles"), &json!(null)));
    assert_eq!(parse(text(&narrow["access_token"])).claims["scope"], "castles");
    // The refresh token keeps what the user granted (RFC 6749 section 6).
    assert_eq!(refreshed(&app, &narrow).await["scope"], first["scope"]);
}

#[tokio::test]
async fn a_refresh_token_is_bound_to_client_user_and_time() {
    let provider = TestProvider::in_memory();
    provider.client("other").secret("swordfish").redirect_uri(CALLBACK).register();
    let app = App::new(&provider);
    let tokens = app.tokens("alice").await;
    let stolen = App::basic(&provider, "other", "swordfish").refresh(text(&tokens["refresh_token"]), &[]).await;
    assert_error(&stolen, 400, "invalid_grant", "another client");
    assert_error(&app.refresh("made-up", &[]).await, 400, "invalid_grant", "made up");
    refreshed(&app, &tokens).await;

    let tokens = app.tokens("bob").await;
    provider.remove_user("bob");
    assert_error(&app.refresh(text(&tokens["refresh_token"]), &[]).await, 400, "invalid_grant", "no user");

    provider.client("app").refresh_token_lifetime(Duration::from_secs(10)).register();
    let tokens = app.tokens("alice").await;
    provider.clock().advance(Duration::from_secs(10));
    assert_error(&app.refresh(text(&tokens["refresh_token"]), &[]).await, 400, "invalid_grant", "expired");
}

#[tokio::test]
async fn a_test_can_end_a_grant() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let tokens = app.tokens("alice").await;
    provider.revoke(text(&tokens["refresh_token"]));
    assert_error(&app.refresh(text(&tokens["refresh_token"]), &[]).await, 400, "invalid_grant", "ended");
    assert_eq!(app.userinfo(text(&tokens["access_token"])).await.status(), 401);
}

#[tokio::test]
async fn of_many_who_use_one_code_or_refresh_token_at_once_one_wins() {
    let provider = TestProvider::start().await;
    let app = App::new(&provider).over(reqwest_client());
    let code = app.code("alice", &[]).await;
    let answers = tokio::join!(app.exchange(&code), app.exchange(&code), app.exchange(&code), app.exchange(&code));
    let won = |statuses: [u16; 4]| statuses.into_iter().filter(|status| *status == 200).count();
    let statuses = [answers.0.status(), answers.1.status(), answers.2.status(), answers.3.status()];
    assert_eq!(won(statuses.map(|status| status.as_u16())), 1);

    let tokens = app.tokens("alice").await;
    let refresh = || app.refresh(text(&tokens["refresh_token"]), &[]);
    let answers = tokio::join!(refresh(), refresh(), refresh(), refresh());
    let statuses = [answers.0.status(), answers.1.status(), answers.2.status(), answers.3.status()];
    assert_eq!(won(statuses.map(|status| status.as_u16())), 1);
}

#[tokio::test]
async fn revocation_ends_a_grant_or_one_access_token() {
    let provider = TestProvider::in_memory();
    provider.client("other").secret("swordfish").redirect_uri(CALLBACK).register();
    let app = App::new(&provider);
    let other = App::basic(&provider, "other", "swordfish");
    let tokens = app.tokens("alice").await;
    let (access, refresh) = (text(&tokens["access_token"]), text(&tokens["refresh_token"]));
    for token in [access, refresh] {
        assert_error(&other.post("/revoke", &[("token", token)]).await, 400, "invalid_grant", "not its token");
    }
    assert_error(&app.post("/revoke", &[]).await, 400, "invalid_request", "no token");
    assert_eq!(app.userinfo(access).await.status(), 200);

    let revoked = app.post("/revoke", &[("token", access), ("token_type_hint", "refresh_token")]).await;
    assert_eq!((revoked.status().as_u16(), revoked.body().len()), (200, 0));
    assert_eq!(app.userinfo(access).await.status(), 401);
    let renewed = refreshed(&app, &tokens).await;

    assert_eq!(app.post("/revoke", &[("token", text(&renewed["refresh_token"]))]).await.status(), 200);
    assert_eq!(app.userinfo(text(&renewed["access_token"])).await.status(), 401);
    assert_error(&app.refresh(text(&renewed["refresh_token"]), &[]).await, 400, "invalid_grant", "revoked");
    assert_eq!(app.post("/revoke", &[("token", "unknown")]).await.status(), 200);
}
