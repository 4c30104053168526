//! The routes: who may do what stands in the handlers' parameters.

use examples_common::{Castle, Castles, NewCastle};
use poem::http::StatusCode;
use poem::web::{Data, Json};
use poem::{Route, get, handler};
use portcullis_poem::portcullis::GuardStatus;
use portcullis_poem::prelude::*;
use serde_json::{Value, json};

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

pub fn route() -> Route {
    Route::new()
        .at("/", get(index))
        .at("/user", get(show_user))
        .at("/scoped", get(scoped))
        .at("/castles", get(read_castles).post(create_castle))
        .at("/optional-user", get(optional_user))
        .at("/current-user", get(current_user))
        .at("/current-user/fresh", get(fresh_user))
        .at("/custom-refusal", get(custom))
        .at("/status", get(status))
}

#[handler]
async fn index() -> Json<Value> {
    Json(json!({"routes": [
        "GET /", "GET /user", "GET /scoped", "GET /castles", "POST /castles", "GET /optional-user",
        "GET /current-user", "GET /current-user/fresh", "GET /custom-refusal", "GET /status",
    ]}))
}

#[handler]
async fn show_user(token: Authenticated) -> Json<Value> {
    let (scope, permissions): (Vec<_>, Vec<_>) = (token.scopes().collect(), token.permissions().collect());
    Json(json!({"id": token.subject(), "scope": scope, "permissions": permissions, "acr": token.acr()}))
}

#[handler]
async fn scoped(_: Authenticated<CastlesScope>, castles: Data<&Castles>) -> Json<Value> {
    Json(json!({"castles": castles.all()}))
}

#[handler]
async fn read_castles(_: Authenticated<ReadCastles>, castles: Data<&Castles>) -> Json<Value> {
    Json(json!({"castles": castles.all()}))
}

#[handler]
async fn create_castle(
    _: Authenticated<CreateCastles>,
    castles: Data<&Castles>,
    plan: Option<Json<NewCastle>>,
) -> (StatusCode, Json<Castle>) {
    (StatusCode::CREATED, Json(castles.build(plan.map(|Json(plan)| plan).unwrap_or_default())))
}

#[handler]
async fn optional_user(user: OptionalUser) -> Json<Value> {
    Json(json!({"id": user.as_ref().map(UserInfo::subject)}))
}

#[handler]
async fn current_user(user: CurrentUser) -> Json<UserInfo> {
    Json(user.into_inner())
}

#[handler]
async fn fresh_user(user: Auth<Fresh<UserInfo>>) -> Json<UserInfo> {
    Json(user.into_inner().0)
}

#[handler]
async fn custom(_: Authenticated<Never>) -> &'static str {
    "nobody gets here"
}

#[handler]
async fn status(guard: Data<&Guard>) -> Json<GuardStatus> {
    Json(guard.status())
}
