//! The pages: who may see them stands in the handlers' parameters.

use examples_common::{Castles, PAGE_HEADERS, page};
use poem::error::NotFoundError;
use poem::http::StatusCode;
use poem::web::{Data, Json, Redirect};
use poem::{Endpoint, EndpointExt, IntoResponse, Response, Route, get, handler, post};
use portcullis_poem::portcullis::RefreshedSession;
use portcullis_poem::prelude::*;

requirements! {
    /// May look at castles.
    pub struct ReadCastles = permission("castles:read");
    /// Has signed in strongly.
    pub struct StrongLogin = acr(Acr::STRONG);
}

/// Adds the pages to the library's own routes.
pub fn route(routes: Route) -> impl Endpoint {
    routes
        .at("/", get(home))
        .at("/account", get(account))
        .at("/account/refresh", post(refresh))
        .at("/castles", get(show_castles))
        .at("/settings", get(settings))
        .at("/status", get(status))
        .catch_error(not_found)
}

#[handler]
async fn home(user: OptionalUser) -> Response {
    html(page::home(user.as_ref()))
}

#[handler]
async fn account(user: CurrentUser, token: Authenticated) -> Response {
    html(page::account(&user, &token))
}

/// New tokens for the session, and the claims asked anew.
#[handler]
async fn refresh(session: Auth<RefreshedSession>) -> Redirect {
    match *session {
        RefreshedSession::Ended => Redirect::see_other("/"),
        _ => Redirect::see_other("/account"),
    }
}

#[handler]
async fn show_castles(user: CurrentUser<ReadCastles>, castles: Data<&Castles>) -> Response {
    html(page::castles(&user, &castles.all()))
}

#[handler]
async fn settings(user: CurrentUser<StrongLogin>, token: Authenticated) -> Response {
    html(page::settings(&user, &token))
}

#[handler]
async fn status(guard: Data<&Guard>) -> impl IntoResponse {
    // poem adds a charset, which JSON has none of.
    Json(guard.status()).with_content_type("application/json")
}

async fn not_found(_: NotFoundError) -> Response {
    html_with(StatusCode::NOT_FOUND, page::not_found())
}

fn html(page: String) -> Response {
    html_with(StatusCode::OK, page)
}

fn html_with(code: StatusCode, page: String) -> Response {
    let response = Response::builder().status(code);
    let response = PAGE_HEADERS.into_iter().fold(response, |response, (name, value)| response.header(name, value));
    response.body(page)
}
