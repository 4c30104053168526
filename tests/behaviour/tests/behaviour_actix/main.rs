//! The behaviour suite on actix-web.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod application;
mod web;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, VARY};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{Json, ServiceConfig, post, resource, scope};
use actix_web::{App, Error, Responder, Route, error, guard};
use bytes::Bytes;
use http::{Request, Response};
use portcullis_actix::prelude::*;
use portcullis_actix::{attach, require};
use portcullis_behaviour::{
    AnyWay, Castles, CreateCastles, Everything, Never, ReadCastles, Recent, Seat, Silver, Strong, TestApp, caught,
    mount_behaviours, token_facts,
};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::application::Application;

/// Built when the first request comes.
struct Actix {
    guard: Guard,
    routes: fn(&Guard, &mut ServiceConfig),
    built: OnceCell<Application>,
}

impl TestApp for Actix {
    fn new(guard: Guard) -> Self {
        Self { guard, routes: api, built: OnceCell::new() }
    }

    fn web(guard: Guard) -> Self {
        Self { guard, routes: web::pages, built: OnceCell::new() }
    }

    async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.built.get_or_init(|| self.build()).await.send(request).await
    }
}

impl Actix {
    fn build(&self) -> impl Future<Output = Application> {
        let app = App::new()
            .app_data(self.guard.clone())
            .configure(|app| (self.routes)(&self.guard, app))
            .wrap(from_fn(answer_panics))
            .wrap(attach(&self.guard));
        Application::new(app)
    }
}

/// Of a panic, actix-web makes no response: the connection ends.
async fn answer_panics(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let answer = caught(next.call(request)).await;
    let answer = answer.unwrap_or_else(|| Err(error::ErrorInternalServerError("out of order")));
    answer.map(ServiceResponse::map_into_boxed_body)
}

fn api(guard: &Guard, app: &mut ServiceConfig) {
    let group = scope("/group")
        .wrap(require::<ReadCastles>(guard))
        .route("/token", get().to(token))
        .route("/plain", get().to(async || "in"));
    let nested = scope("/nested")
        .service(scope("/inner").route("/token", get().to(token)).route("/never", get().to(facts::<Never>)));
    app.route("/open", get().to(async || "open"))
        .route("/token", get().to(token))
        .route("/scoped", get().to(facts::<Castles>))
        .service(resource("/castles").route(get().to(facts::<ReadCastles>)).route(post().to(create)))
        .route("/both", get().to(both))
        .route("/any", get().to(facts::<AnyWay>))
        .route("/strong", get().to(facts::<Strong>))
        .route("/recent", get().to(facts::<Recent>))
        .route("/silver", get().to(facts::<Silver>))
        .route("/everything", get().to(facts::<Everything>))
        .route("/enforced", get().to(async |_: Auth<(), ReadCastles>| "in"))
        .route("/user", get().to(async |user: CurrentUser| Json(user.into_inner())))
        .route("/user/fresh", get().to(async |user: Auth<Fresh<UserInfo>>| Json(user.into_inner().0)))
        .route("/optional", get().to(optional::<()>))
        .route("/optional/token", get().to(async |token: Auth<Option<AccessToken>>| id(token.as_ref())))
        .route("/optional/castles", get().to(optional::<ReadCastles>))
        .route("/optional/strong", get().to(optional::<Strong>))
        .route("/if-present", get().to(async |token: Auth<IfPresent<AccessToken>>| id(token.as_ref())))
        .route("/result", get().to(result))
        .route("/pair", get().to(pair))
        .route("/seat", get().to(async |seat: Auth<Seat>| Json(json!({"seat": seat.0}))))
        .route("/three", get().to(three))
        .route("/user-and-fresh", get().to(user_and_fresh))
        .route("/cache/private", get().to(cached_private))
        .route("/cache/public", get().to(cached_public))
        .service(group)
        .service(nested);
}

/// Of actix-web itself, `web::get()` takes no `HEAD`.
fn get() -> Route {
    Route::new().guard(guard::Any(guard::Get()).or(guard::Head()))
}

async fn token(token: Authenticated) -> Json<Value> {
    Json(token_facts(&token))
}

async fn facts<R: portcullis::Require>(token: Authenticated<R>) -> Json<Value> {
    Json(token_facts(&token))
}

async fn create(token: Authenticated<CreateCastles>) -> (Json<Value>, StatusCode) {
    (Json(token_facts(&token)), StatusCode::CREATED)
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

async fn cached_private(_: Authenticated) -> impl Responder {
    "mine".customize().insert_header((CACHE_CONTROL, "private, max-age=60")).insert_header((VARY, "accept"))
}

async fn cached_public(_: Authenticated) -> impl Responder {
    "ours".customize().insert_header((CACHE_CONTROL, "public, max-age=60"))
}

mount_behaviours!(Actix);
