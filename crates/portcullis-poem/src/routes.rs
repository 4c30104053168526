//! The library's own routes.

use poem::endpoint::make;
use poem::{Request, Response, Route};
use portcullis::{Guard, Visit, WebRoute};

use crate::middleware::head;
use crate::response::response;

/// x
pub fn routes(guard: &Guard) -> Route {
    let Some(prefix) = guard.auth_path() else { return Route::new() };
    let others = (WebRoute::Unknown, format!("{prefix}/*"));
    guard.web_routes().chain([others]).fold(Route::new(), |routes, (route, path)| {
        let guard = guard.clone();
        routes.at(path, make(move |request| serve(guard.clone(), route, request)))
    })
}

async fn serve(guard: Guard, route: WebRoute, mut request: Request) -> Response {
    let body = request.take_body().into_bytes_limit(Visit::MAX_BODY_BYTES);
    let visit = match Visit::read(body).await {
        Some(body) => guard.visit(route, &head(&request), &body),
        None => guard.visit(route, &head(&request), &Default::default()).with_unread_body(),
    };
    response(visit.serve().await)
}
