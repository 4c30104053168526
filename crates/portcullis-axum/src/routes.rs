//! The library's own routes.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use axum::routing::any;
use portcullis::{Guard, Head, Visit, WebRoute};

use crate::middleware::original_uri;

/// Login, callback and logout of a web application: `.merge(routes(&guard))`. Everything below their common path is
/// theirs, what does not exist there included: no cache may keep that either. The setting
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
pub fn routes<S: Clone + Send + Sync + 'static>(guard: &Guard) -> Router<S> {
    let Some(prefix) = guard.auth_path() else { return Router::new() };
    let others = ["/", "/{*rest}"].map(|rest| (WebRoute::Unknown, format!("{prefix}{rest}")));
    guard.web_routes().chain(others).fold(Router::new(), |router, (route, path)| {
        let guard = guard.clone();
        router.route(&path, any(move |request| serve(guard, route, request)))
    })
}

async fn serve(guard: Guard, route: WebRoute, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let uri = original_uri(&parts.uri, &parts.extensions);
    let head = Head { uri, ..Head::from(&parts) };
    guard.serve(route, &head, to_bytes(body, Visit::MAX_BODY_BYTES)).await.map(Body::from)
}
