//! The library's own routes.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use axum::routing::any;
use http::StatusCode;
use portcullis::{Guard, Head, WebRoute};

use crate::middleware::original_uri;

/// Larger bodies are refused before they are read to their end.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Login, callback and logout of a web application: `.merge(routes(&guard))`.
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
    WebRoute::ALL.iter().fold(Router::new(), |router, &route| {
        let guard = guard.clone();
        router.route(route.path(), any(move |request| serve(guard, route, request)))
    })
}

async fn serve(guard: Guard, route: WebRoute, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return response;
    };
    let uri = original_uri(&parts.uri, &parts.extensions);
    let visit = guard.visit(route, &Head { uri, ..Head::from(&parts) }, &body);
    visit.serve().await.map(Body::from)
}
