//! The routes: who may do what stands in the handlers' parameters.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, ServiceConfig, get, post, resource};
use examples_common::{Castle, Castles, NewCastle};
use portcullis_actix::portcullis::GuardStatus;
use portcullis_actix::prelude::*;
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

pub fn configure(app: &mut ServiceConfig) {
    app.route("/", get().to(index))
        .route("/user", get().to(user))
        .route("/scoped", get().to(scoped))
        .service(resource("/castles").route(get().to(read_castles)).route(post().to(create_castle)))
        .route("/optional-user", get().to(optional_user))
        .route("/current-user", get().to(current_user))
        .route("/current-user/fresh", get().to(fresh_user))
        .route("/custom-refusal", get().to(custom))
        .route("/status", get().to(status));
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

async fn scoped(_: Authenticated<CastlesScope>, castles: Data<Castles>) -> Json<Value> {
    Json(json!({"castles": castles.all()}))
}

async fn read_castles(_: Authenticated<ReadCastles>, castles: Data<Castles>) -> Json<Value> {
    Json(json!({"castles": castles.all()}))
}

async fn create_castle(
    _: Authenticated<CreateCastles>,
    castles: Data<Castles>,
    plan: Option<Json<NewCastle>>,
) -> (Json<Castle>, StatusCode) {
    (Json(castles.build(plan.map(|Json(plan)| plan).unwrap_or_default())), StatusCode::CREATED)
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

async fn status(request: HttpRequest) -> Option<Json<GuardStatus>> {
    request.app_data::<Guard>().map(|guard| Json(guard.status()))
}
