//! The web application of the suite.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, SET_COOKIE, VARY};
use actix_web::web::{Json, ServiceConfig, route, scope, to};
use actix_web::{Error, Responder, error};
use portcullis_actix::portcullis::{RefreshedSession, Require};
use portcullis_actix::prelude::*;
use portcullis_actix::{require, routes};
use portcullis_behaviour::{Castles, Mail, Never, ReadCastles, Recent, Silver, Strong, refreshed, session_facts};
use serde_json::{Value, json};

pub(crate) fn pages(guard: &Guard, app: &mut ServiceConfig) {
    let group = scope("/group")
        .wrap(require::<ReadCastles>(guard))
        .route("/account", to(account::<()>))
        .route("/plain", to(async || "in"));
    app.route("/public", to(async || "public"))
        .route("/", to(optional::<()>))
        .route("/if-present", to(async |user: Auth<IfPresent<UserInfo>>| id(user.as_ref())))
        .route("/optional/never", to(optional::<Never>))
        .route("/account", to(account::<()>))
        .route("/token", to(async |token: Authenticated| Json(session_facts(&token))))
        .route("/enforced", to(async |_: Auth<()>| "in"))
        .route("/castles", to(account::<ReadCastles>))
        .route("/never", to(account::<Never>))
        .route("/mail", to(account::<Mail>))
        .route("/scoped", to(account::<Castles>))
        .route("/strong", to(account::<Strong>))
        .route("/recent", to(account::<Recent>))
        .route("/silver", to(account::<Silver>))
        .route("/fresh", to(async |both: Auth<(Fresh<UserInfo>, Fresh<UserInfo>)>| id(Some(&both.0.0))))
        .route("/fresh/never", to(async |user: Auth<Fresh<UserInfo>, Never>| id(Some(&user.0))))
        .route("/refresh", to(async |session: Auth<RefreshedSession>| Json(refreshed(&session))))
        .route("/three", to(three))
        .route("/own-headers", to(own_headers))
        .route("/cache/private", to(cached_private))
        .route("/cache/public", to(cached_public))
        .route("/fails", to(fails))
        .route("/panics", to(panics))
        .service(group)
        .service(scope("/nested").service(scope("/inner").route("/account", to(account::<()>))))
        .default_service(route().to(async |_: CurrentUser| ("nothing here", StatusCode::NOT_FOUND)))
        .configure(routes(guard));
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

async fn own_headers(_: OptionalUser) -> impl Responder {
    "dark".customize().append_header((SET_COOKIE, "theme=dark")).insert_header((VARY, "Accept, Cookie"))
}

async fn cached_private(_: CurrentUser) -> impl Responder {
    "mine".customize().insert_header((CACHE_CONTROL, "private, max-age=60"))
}

async fn cached_public(_: CurrentUser) -> impl Responder {
    "ours".customize().insert_header((CACHE_CONTROL, "public, max-age=60"))
}

async fn fails(_: CurrentUser) -> Result<&'static str, Error> {
    Err(error::ErrorInternalServerError("out of order"))
}

async fn panics(user: CurrentUser) -> &'static str {
    assert!(user.subject().is_empty(), "this handler panics");
    "never"
}
