//! The library's own routes.

use poem::endpoint::make;
use poem::{Request, Response, Route};
use portcullis::{Guard, Visit, WebRoute};

use crate::middleware::head;
use crate::response::response;

/// Login, callback and logout of a web application, and the route to go on with (poem cannot merge two):
/// `routes(&guard).at("/account", get(account)).with(attach(&guard))`. Everything below their common path is theirs,
/// what does not exist there included: no cache may keep that either. The setting
/// [`auth_path`](portcullis::GuardBuilder::auth_path) gives them another one.
///
/// What to register with the provider, below the application's base URL:
///
/// | the provider calls it | address |
/// |---|---|
/// | `redirect_uris` | `/auth/callback` |
/// | `post_logout_redirect_uris` | `/auth/logged-out` |
/// | `backchannel_logout_uri` | `/auth/backchannel-logout` |
/// | `frontchannel_logout_uri` (with `frontchannel_logout_session_required`) | `/auth/frontchannel-logout` |
///
/// The last two are for a provider that ends sessions by itself; the back channel is the one that does not depend on
/// the user's browser.
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
    response(guard.serve(route, &head(&request), body).await)
}
