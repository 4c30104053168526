//! The web application of the suite.

use poem::http::StatusCode;
use poem::http::header::{CACHE_CONTROL, SET_COOKIE, VARY};
use poem::middleware::CatchPanic;
use poem::web::Json;
use poem::{Endpoint, EndpointExt, IntoResponse, Response, Route, handler};
use portcullis_behaviour::{Castles, Mail, Never, ReadCastles, Recent, Silver, Strong, refreshed, session_facts};
use portcullis_poem::portcullis::{RefreshedSession, Require};
use portcullis_poem::prelude::*;
use portcullis_poem::{attach, require, routes};
use serde_json::{Value, json};

use crate::plain;

pub(crate) fn route(guard: Guard) -> impl Endpoint<Output = Response> {
    let group =
        Route::new().at("/account", account::<()>::default()).at("/plain", plain).with(require::<ReadCastles>(&guard));
    routes(&guard)
        .at("/public", public)
        .at("/", optional::<()>::default())
        .at("/if-present", if_present)
        .at("/optional/never", optional::<Never>::default())
        .at("/account", account::<()>::default())
        .at("/token", show_token)
        .at("/enforced", enforced)
        .at("/castles", account::<ReadCastles>::default())
        .at("/never", account::<Never>::default())
        .at("/mail", account::<Mail>::default())
        .at("/scoped", account::<Castles>::default())
        .at("/strong", account::<Strong>::default())
        .at("/recent", account::<Recent>::default())
        .at("/silver", account::<Silver>::default())
        .at("/fresh", fresh)
        .at("/fresh/never", fresh_never)
        .at("/refresh", refresh)
        .at("/three", three)
        .at("/own-headers", own_headers)
        .at("/cache/private", cached_private)
        .at("/cache/public", cached_public)
        .at("/fails", fails)
        .at("/panics", panics)
        .nest("/group", group)
        .nest("/nested", Route::new().at("/inner/account", account::<()>::default()))
        // `/*` would take `/` too.
        .at("/:page", nothing_here)
        .at("/:page/*", nothing_here)
        .with(CatchPanic::new())
        .with(attach(&guard))
}

#[handler]
async fn public() -> &'static str {
    "public"
}

#[handler]
async fn account<R: Require>(user: CurrentUser<R>) -> Json<UserInfo> {
    Json(user.into_inner())
}

#[handler]
async fn optional<R: Require>(user: OptionalUser<R>) -> Json<Value> {
    id(user.as_ref())
}

fn id(user: Option<&UserInfo>) -> Json<Value> {
    Json(json!({"id": user.map(UserInfo::subject)}))
}

#[handler]
async fn if_present(user: Auth<IfPresent<UserInfo>>) -> Json<Value> {
    id(user.as_ref())
}

#[handler]
async fn show_token(token: Authenticated) -> Json<Value> {
    Json(session_facts(&token))
}

#[handler]
async fn enforced(_: Auth<()>) -> &'static str {
    "in"
}

#[handler]
async fn fresh(both: Auth<(Fresh<UserInfo>, Fresh<UserInfo>)>) -> Json<Value> {
    id(Some(&both.0.0))
}

#[handler]
async fn fresh_never(user: Auth<Fresh<UserInfo>, Never>) -> Json<Value> {
    id(Some(&user.0))
}

#[handler]
async fn refresh(session: Auth<RefreshedSession>) -> Json<Value> {
    Json(refreshed(&session))
}

#[handler]
async fn three(token: Authenticated, user: CurrentUser, perhaps: OptionalUser) -> Json<Value> {
    assert_eq!(token.subject(), user.subject());
    id(perhaps.as_ref())
}

#[handler]
async fn own_headers(_: OptionalUser) -> impl IntoResponse {
    "dark".with_header(SET_COOKIE, "theme=dark").with_header(VARY, "Accept, Cookie")
}

#[handler]
async fn cached_private(_: CurrentUser) -> impl IntoResponse {
    "mine".with_header(CACHE_CONTROL, "private, max-age=60")
}

#[handler]
async fn cached_public(_: CurrentUser) -> impl IntoResponse {
    "ours".with_header(CACHE_CONTROL, "public, max-age=60")
}

#[handler]
async fn fails(_: CurrentUser) -> poem::Result<&'static str> {
    Err(StatusCode::INTERNAL_SERVER_ERROR.into())
}

#[handler]
async fn panics(user: CurrentUser) -> &'static str {
    assert!(user.subject().is_empty(), "this handler panics");
    "never"
}

#[handler]
async fn nothing_here(_: CurrentUser) -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "nothing here")
}
