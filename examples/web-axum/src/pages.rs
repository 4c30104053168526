//! The pages: who may see them stands in the handlers' parameters.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use axum::{Json, Router};
use examples_common::{Castles, PAGE_HEADERS, page};
use portcullis_axum::portcullis::{GuardStatus, RefreshedSession};
use portcullis_axum::prelude::*;

use crate::App;

requirements! {
    /// May look at castles.
    pub struct ReadCastles = permission("castles:read");
    /// Has signed in strongly.
    pub struct StrongLogin = acr(Acr::STRONG);
}

pub fn router() -> Router<App> {
    Router::new()
        .route("/", get(home))
        .route("/account", get(account))
        .route("/account/refresh", post(refresh))
        .route("/castles", get(castles))
        .route("/settings", get(settings))
        .route("/status", get(status))
        .fallback(not_found)
}

async fn home(user: OptionalUser) -> impl IntoResponse {
    (PAGE_HEADERS, page::home(user.as_ref()))
}

async fn account(user: CurrentUser, token: Authenticated) -> impl IntoResponse {
    (PAGE_HEADERS, page::account(&user, &token))
}

/// New tokens for the session, and the claims asked anew.
async fn refresh(session: Auth<RefreshedSession>) -> Redirect {
    match *session {
        RefreshedSession::Ended => Redirect::to("/"),
        _ => Redirect::to("/account"),
    }
}

async fn castles(user: CurrentUser<ReadCastles>, State(castles): State<Castles>) -> impl IntoResponse {
    (PAGE_HEADERS, page::castles(&user, &castles.all()))
}

async fn settings(user: CurrentUser<StrongLogin>, token: Authenticated) -> impl IntoResponse {
    (PAGE_HEADERS, page::settings(&user, &token))
}

async fn status(State(guard): State<Guard>) -> Json<GuardStatus> {
    Json(guard.status())
}

async fn not_found() -> impl IntoResponse {
    (StatusCode::NOT_FOUND, PAGE_HEADERS, page::not_found())
}
