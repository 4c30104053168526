//! Ending a session.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use http::{HeaderValue, Response, StatusCode};

use super::pages::{Page, see_other};
use super::visit::Visit;
use super::web_page::WebPageCode;
use super::{SessionCookie, Web, WebRoute};
use crate::guard::Guard;
use crate::session::Live;

/// The provider's part is best effort: the user has left either way.
const PATIENCE: Duration = Duration::from_secs(2);

impl Web {
    /// `POST /auth/logout`: our own session first, then the provider's.
    ///
    /// # Security
    /// Only from our own pages: another site must not log users out (and back in as somebody else).
    pub(super) async fn logout(&self, visit: &Visit, guard: &Guard) -> Response<Bytes> {
        if !visit.is_same_origin {
            return cross_site();
        }
        let headers = visit.cookie_headers.iter().map(|header| &**header);
        let SessionCookie::Value(session) = self.presented_session(headers) else {
            return self.gone(&self.signed_out_path());
        };
        let live = match self.sessions.load(session.expose()).await {
            Ok(live) => live,
            Err(_) => return self.store_down(),
        };
        if self.sessions.remove(session.expose()).await.is_err() {
            return self.store_down();
        }
        let Some(live) = live else { return self.gone(&self.signed_out_path()) };
        guard.users().forget(&live.record.subject).await;
        let url = tokio::time::timeout(PATIENCE, self.end_session_url(&live)).await.ok().flatten();
        self.gone(&url.unwrap_or_else(|| self.signed_out_path()))
    }

    /// `GET /auth/logged-out`.
    pub(super) fn logged_out(&self) -> Response<Bytes> {
        let page = Page {
            code: WebPageCode::SignedOut,
            status: StatusCode::OK,
            title: "You are signed out",
            text: "Your session has ended.",
            link: Some((&self.base.home(), "Back to the start")),
        };
        page.into_response()
    }

    async fn end_session_url(&self, live: &Live) -> Option<String> {
        let id_token = live.record.id_token.restore();
        let url = self
            .provider
            .end_session_url()
            .id_token_hint(&id_token)
            .post_logout_redirect_uri(self.base.url_of(WebRoute::LoggedOut))
            .build()
            .await;
        match url {
            Ok(url) => url,
            Err(error) => {
                tracing::warn!(target: "portcullis::logout", reason = error.reason(), "{error}");
                None
            }
        }
    }

    fn signed_out_path(&self) -> String {
        self.base.path_of(WebRoute::LoggedOut)
    }

    fn gone(&self, location: &str) -> Response<Bytes> {
        let mut response = see_other(location);
        response.headers_mut().extend(self.session_deletion().into_iter().map(|cookie| (SET_COOKIE, cookie)));
        response
    }

    /// The record may still be there: the browser at least loses its key, and the user is told.
    fn store_down(&self) -> Response<Bytes> {
        let mut response = self.unavailable_page();
        response.headers_mut().extend(self.session_deletion().into_iter().map(|cookie| (SET_COOKIE, cookie)));
        response
    }
}

fn cross_site() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(br#"{"error":"cross_site"}"#));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
