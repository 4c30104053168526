//! The web application of the suite.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, SET_COOKIE, VARY};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Json, Router};
use portcullis_axum::portcullis::{RefreshedSession, Require};
use portcullis_axum::prelude::*;
use portcullis_axum::{attach, require, routes};
use portcullis_behaviour::{
    Castles, Mail, Never, ReadCastles, Recent, Silver, Strong, caught, refreshed, session_facts,
};
use serde_json::{Value, json};

pub(crate) fn router(guard: Guard) -> Router {
    let group = Router::new()
        .route("/account", any(account::<()>))
        .route("/plain", any(async || "in"))
        .route_layer(require::<ReadCastles>(&guard));
    Router::new()
        .route("/public", any(async || "public"))
        .route("/", any(optional::<()>))
        .route("/if-present", any(async |user: Auth<IfPresent<UserInfo>>| id(user.as_ref())))
        .route("/optional/never", any(optional::<Never>))
        .route("/account", any(account::<()>))
        .route("/token", any(async |token: Authenticated| Json(session_facts(&token))))
        .route("/enforced", any(async |_: Auth<()>| "in"))
        .route("/castles", any(account::<ReadCastles>))
        .route("/never", any(account::<Never>))
        .route("/mail", any(account::<Mail>))
        .route("/scoped", any(account::<Castles>))
        .route("/strong", any(account::<Strong>))
        .route("/recent", any(account::<Recent>))
        .route("/silver", any(account::<Silver>))
        .route("/fresh", any(async |both: Auth<(Fresh<UserInfo>, Fresh<UserInfo>)>| id(Some(&both.0.0))))
        .route("/fresh/never", any(async |user: Auth<Fresh<UserInfo>, Never>| id(Some(&user.0))))
        .route("/refresh", any(async |session: Auth<RefreshedSession>| Json(refreshed(&session))))
        .route("/three", any(three))
        .route("/own-headers", any(own_headers))
        .route("/cache/private", any(cached_private))
        .route("/cache/public", any(cached_public))
        .route("/fails", any(fails))
        .route("/panics", any(panics))
        .nest("/group", group)
        .nest("/nested", Router::new().route("/inner/account", any(account::<()>)))
        .fallback(async |_: CurrentUser| (StatusCode::NOT_FOUND, "nothing here"))
        .merge(routes(&guard))
        .layer(from_fn(answer_panics))
        .layer(attach(&guard))
        .with_state(guard)
}

async fn account<R: Require>(user: CurrentUser<R>) -> Json<UserInfo> {
    Json(user.into_inner())
}

async fn optional<R: Require>(user: OptionalUser<R>) -> Json<Value> {
    id(user.as_ref())
}

fn id(user: Option<&UserInfo>) -> Json<Value> {
    Json(json!({"id": user.map(UserInfo::subject)}))
}

async fn three(token: Authenticated, user: CurrentUser, perhaps: OptionalUser) -> Json<Value> {
    assert_eq!(token.subject(), user.subject());
    id(perhaps.as_ref())
}

async fn own_headers(_: OptionalUser) -> impl IntoResponse {
    ([(SET_COOKIE, "theme=dark"), (VARY, "Accept, Cookie")], "dark")
}

async fn cached_private(_: CurrentUser) -> impl IntoResponse {
    ([(CACHE_CONTROL, "private, max-age=60")], "mine")
}

async fn cached_public(_: CurrentUser) -> impl IntoResponse {
    ([(CACHE_CONTROL, "public, max-age=60")], "ours")
}

async fn fails(_: CurrentUser) -> Result<&'static str, StatusCode> {
    Err(StatusCode::INTERNAL_SERVER_ERROR)
}

async fn panics(user: CurrentUser) -> &'static str {
    assert!(user.subject().is_empty(), "this handler panics");
    "never"
}

async fn answer_panics(request: Request, next: Next) -> Response {
    caught(next.run(request)).await.unwrap_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}
