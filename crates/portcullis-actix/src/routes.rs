//! The library's own routes.

use actix_web::web::{self, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use portcullis::{Guard, Visit, WebRoute};

use crate::request::Head;
use crate::response::copied;

/// Login, callback and logout of a web application: `.configure(routes(&guard))`. Everything below their common path is
/// theirs, what does not exist there included: no cache may keep that either. actix-web takes the first route that
/// matches, so one of the application's own below that path is registered before them. The setting
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
pub fn routes(guard: &Guard) -> impl FnOnce(&mut ServiceConfig) + use<> {
    let guard = guard.clone();
    move |config| {
        let Some(prefix) = guard.auth_path() else { return };
        let others = (WebRoute::Unknown, format!("{prefix}/{{rest}}*"));
        for (route, path) in guard.web_routes().chain([others]) {
            let guard = guard.clone();
            let handler = move |request, body| serve(guard.clone(), route, request, body);
            config.service(web::resource(path).to(handler));
        }
    }
}

async fn serve(guard: Guard, route: WebRoute, request: HttpRequest, body: Payload) -> HttpResponse {
    let body = async { body.to_bytes_limited(Visit::MAX_BODY_BYTES).await.map_err(drop)?.map_err(drop) };
    copied(guard.serve(route, &Head(&request), body).await)
}
