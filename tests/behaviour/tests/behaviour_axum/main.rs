//! The behaviour suite on axum.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod web;

use axum::http::header::{CACHE_CONTROL, VARY};
use axum::http::{Request, Response, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use portcullis_axum::prelude::*;
use portcullis_axum::{attach, require};
use portcullis_behaviour::{
    AnyWay, Castles, CreateCastles, Everything, Never, ReadCastles, Recent, Seat, Silver, Strong, TestApp,
    mount_behaviours, token_facts,
};
use serde_json::{Value, json};
use tower::ServiceExt;

struct Axum(Router);

impl TestApp for Axum {
    fn new(guard: Guard) -> Self {
        let group = Router::new()
            .route("/token", get(token))
            .route("/plain", get(async || "in"))
            .route_layer(require::<ReadCastles>(&guard));
        let nested = Router::new().route("/inner/token", get(token)).route("/inner/never", get(facts::<Never>));
        let app = Router::new()
            .route("/open", get(async || "open"))
            .route("/token", get(token))
            .route("/scoped", get(facts::<Castles>))
            .route("/castles", get(facts::<ReadCastles>).post(create))
            .route("/both", get(both))
            .route("/any", get(facts::<AnyWay>))
            .route("/strong", get(facts::<Strong>))
            .route("/recent", get(facts::<Recent>))
            .route("/silver", get(facts::<Silver>))
            .route("/everything", get(facts::<Everything>))
            .route("/enforced", get(async |_: Auth<(), ReadCastles>| "in"))
            .route("/user", get(async |user: CurrentUser| Json(user.into_inner())))
            .route("/user/fresh", get(async |user: Auth<Fresh<UserInfo>>| Json(user.into_inner().0)))
            .route("/optional", get(optional::<()>))
            .route("/optional/token", get(async |token: Auth<Option<AccessToken>>| id(token.as_ref())))
            .route("/optional/castles", get(optional::<ReadCastles>))
            .route("/optional/strong", get(optional::<Strong>))
            .route("/if-present", get(async |token: Auth<IfPresent<AccessToken>>| id(token.as_ref())))
            .route("/result", get(result))
            .route("/pair", get(pair))
            .route("/seat", get(async |seat: Auth<Seat>| Json(json!({"seat": seat.0}))))
            .route("/three", get(three))
            .route("/user-and-fresh", get(user_and_fresh))
            .route("/cache/private", get(cached_private))
            .route("/cache/public", get(cached_public))
            .nest("/group", group)
            .nest("/nested", nested)
            .layer(attach(&guard))
            .with_state(guard);
        Self(app)
    }

    fn web(guard: Guard) -> Self {
        Self(web::router(guard))
    }

    async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let response = self.0.clone().oneshot(request.map(Full::new)).await.unwrap();
        let (parts, body) = response.into_parts();
        Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
    }
}

async fn token(token: Authenticated) -> Json<Value> {
    Json(token_facts(&token))
}

async fn facts<R: portcullis::Require>(token: Authenticated<R>) -> Json<Value> {
    Json(token_facts(&token))
}

async fn create(token: Authenticated<CreateCastles>) -> (StatusCode, Json<Value>) {
    (StatusCode::CREATED, Json(token_facts(&token)))
}

async fn both(user: CurrentUser<(Castles, ReadCastles)>) -> Json<UserInfo> {
    Json(user.into_inner())
}

async fn optional<R: portcullis::Require>(user: OptionalUser<R>) -> Json<Value> {
    Json(json!({"id": user.as_ref().map(UserInfo::subject)}))
}

fn id(token: Option<&AccessToken>) -> Json<Value> {
    Json(json!({"id": token.map(AccessToken::subject)}))
}

async fn result(outcome: Auth<Result<AccessToken, AuthError>, ReadCastles>) -> Json<Value> {
    Json(match &*outcome {
        Ok(token) => json!({"id": token.subject()}),
        Err(error) => json!({"code": error.code()}),
    })
}

async fn pair(both: Auth<(AccessToken, UserInfo)>) -> Json<Value> {
    Json(json!({"token": both.0.subject(), "user": both.1.subject()}))
}

async fn three(token: Authenticated, user: CurrentUser, seat: Auth<Seat>) -> Json<Value> {
    assert_eq!(token.subject(), user.subject());
    assert!(seat.0.starts_with(token.subject()));
    Json(json!({"id": user.subject()}))
}

async fn user_and_fresh(user: CurrentUser, fresh: Auth<Fresh<UserInfo>>) -> Json<Value> {
    assert_eq!(*user, **fresh);
    Json(json!({"id": user.subject()}))
}

async fn cached_private(_: Authenticated) -> impl IntoResponse {
    ([(CACHE_CONTROL, "private, max-age=60"), (VARY, "accept")], "mine")
}

async fn cached_public(_: Authenticated) -> impl IntoResponse {
    ([(CACHE_CONTROL, "public, max-age=60")], "ours")
}

mount_behaviours!(Axum);
