//! The pages: who may see them stands in the handlers' parameters.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Redirect, ServiceConfig, get, post, to};
use actix_web::{HttpRequest, HttpResponse};
use examples_common::{Castles, PAGE_HEADERS, page};
use portcullis_actix::portcullis::{GuardStatus, RefreshedSession};
use portcullis_actix::prelude::*;

requirements! {
    /// May look at castles.
    pub struct ReadCastles = permission("castles:read");
    /// Has signed in strongly.
    pub struct StrongLogin = acr(Acr::STRONG);
}

pub fn configure(app: &mut ServiceConfig) {
    app.route("/", get().to(home))
        .route("/account", get().to(account))
        .route("/account/refresh", post().to(refresh))
        .route("/castles", get().to(castles))
        .route("/settings", get().to(settings))
        .route("/status", get().to(status))
        .default_service(to(not_found));
}

async fn home(user: OptionalUser) -> HttpResponse {
    html(page::home(user.as_ref()))
}

async fn account(user: CurrentUser, token: Authenticated) -> HttpResponse {
    html(page::account(&user, &token))
}

/// New tokens for the session, and the claims asked anew.
async fn refresh(session: Auth<RefreshedSession>) -> Redirect {
    match *session {
        RefreshedSession::Ended => Redirect::to("/").see_other(),
        _ => Redirect::to("/account").see_other(),
    }
}

async fn castles(user: CurrentUser<ReadCastles>, castles: Data<Castles>) -> HttpResponse {
    html(page::castles(&user, &castles.all()))
}

async fn settings(user: CurrentUser<StrongLogin>, token: Authenticated) -> HttpResponse {
    html(page::settings(&user, &token))
}

async fn status(request: HttpRequest) -> Option<Json<GuardStatus>> {
    request.app_data::<Guard>().map(|guard| Json(guard.status()))
}

async fn not_found() -> HttpResponse {
    html_with(StatusCode::NOT_FOUND, page::not_found())
}

fn html(page: String) -> HttpResponse {
    html_with(StatusCode::OK, page)
}

fn html_with(status: StatusCode, page: String) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    for header in PAGE_HEADERS {
        response.insert_header(header);
    }
    response.body(page)
}
