//! The routes: who may do what stands in the handlers' parameters.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use examples_common::{Castle, Castles, NewCastle};
use portcullis_axum::portcullis::GuardStatus;
use portcullis_axum::prelude::*;
use serde_json::{Value, json};

use crate::App;

requirements! {
    /// Was granted the scope `castles`.
    pub struct CastlesScope = scope("castles");
    /// May look at castles.
    pub struct ReadCastles = permission("castles:read");
    /// May build castles, after a strong login.
    pub struct CreateCastles = permission("castles:create") & acr(Acr::STRONG);
    /// Nobody may.
    pub struct Never = permission("castles:never");
}

pub fn router() -> Router<App> {
    Router::new()
        .route("/", get(index))
        .route("/user", get(user))
        .route("/scoped", get(scoped))
        .route("/castles", get(read_castles).post(create_castle))
        .route("/optional-user", get(optional_user))
        .route("/current-user", get(current_user))
        .route("/current-user/fresh", get(fresh_user))
        .route("/custom-refusal", get(custom))
        .route("/status", get(status))
}

async fn index() -> Json<Value> {
    Json(json!({"routes": [
        "GET /", "GET /user", "GET /scoped", "GET /castles", "POST /castles", "GET /optional-user",
        "GET /current-user", "GET /current-user/fresh", "GET /custom-refusal", "GET /status",
    ]}))
}

async fn user(token: Authenticated) -> Json<Value> {
    let (scope, permissions): (Vec<_>, Vec<_>) = (token.scopes().collect(), token.permissions().collect());
    Json(json!({"id": token.subject(), "scope": scope, "permissions": permissions, "acr": token.acr()}))
}

async fn scoped(_: Authenticated<CastlesScope>, State(castles): State<Castles>) -> Json<Value> {
    Json(json!({"castles": castles.all()}))
}

async fn read_castles(_: Authenticated<ReadCastles>, State(castles): State<Castles>) -> Json<Value> {
    Json(json!({"castles": castles.all()}))
}

async fn create_castle(
    _: Authenticated<CreateCastles>,
    State(castles): State<Castles>,
    plan: Option<Json<NewCastle>>,
) -> (StatusCode, Json<Castle>) {
    (StatusCode::CREATED, Json(castles.build(plan.map(|Json(plan)| plan).unwrap_or_default())))
}

async fn optional_user(user: OptionalUser) -> Json<Value> {
    Json(json!({"id": user.as_ref().map(UserInfo::subject)}))
}

async fn current_user(user: CurrentUser) -> Json<UserInfo> {
    Json(user.into_inner())
}

async fn fresh_user(user: Auth<Fresh<UserInfo>>) -> Json<UserInfo> {
    Json(user.into_inner().0)
}

async fn custom(_: Authenticated<Never>) -> &'static str {
    "nobody gets here"
}

async fn status(State(guard): State<Guard>) -> Json<GuardStatus> {
    Json(guard.status())
}
