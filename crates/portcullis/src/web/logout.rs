//! Ending a session.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use http::{HeaderValue, Response, StatusCode};

use super::end_session::Returned;
use super::pages::{Page, see_other};
use super::visit::Visit;
use super::web_page::WebPageCode;
use super::{SessionCookie, Web, WebRoute};
use crate::guard::Guard;

impl Web {
    /// `POST /auth/logout`: our own session first, then the provider's.
    ///
    /// # Security
    /// Only from our own pages: another site must not log users out (and back in as somebody else).
    pub(super) async fn logout(&self, visit: &Visit, guard: &Guard) -> Response<Bytes> {
        if !visit.is_same_origin {
            return if visit.is_navigation { self.stays_signed_in() } else { cross_site() };
        }
        let headers = visit.cookie_headers.iter().map(|header| &**header);
        let SessionCookie::Value(session) = self.presented_session(headers) else {
            return self.gone(see_other(&self.signed_out_path()));
        };
        let loaded = self.sessions.load(session.expose()).await;
        // A session that cannot be read can perhaps be removed.
        let removed = self.sessions.remove(session.expose()).await;
        let (Ok(live), Ok(())) = (loaded, removed) else { return self.gone(self.unavailable_page()) };
        let Some(live) = live else { return self.gone(see_other(&self.signed_out_path())) };
        guard.users().forget(&live.record.subject).await;
        self.gone(self.leave_for_provider(&live.record).await)
    }

    /// `GET /auth/logged-out`: where the provider sends the browser to, and our own end of the way.
    ///
    /// # Security
    /// Anybody can send a browser here, with any query. Nothing happens here and nothing of the query is shown, so a
    /// `state` that is missing or not ours is no more than a hint that the provider, or somebody else, is odd.
    pub(super) fn logged_out(&self, visit: &Visit) -> Response<Bytes> {
        let state = visit.query.one("state").unwrap_or(Some(""));
        if self.returned(state) == Returned::Other {
            tracing::info!(target: "portcullis::logout", reason = "other_state", "a logout returns that is not ours");
        }
        let page = Page {
            code: WebPageCode::SignedOut,
            status: StatusCode::OK,
            title: "You are signed out",
            text: "Your session has ended.",
            link: Some((&self.base.home(), "Back to the start")),
        };
        page.into_response()
    }

    /// What a person sees whom another site has sent here.
    fn stays_signed_in(&self) -> Response<Bytes> {
        let page = Page {
            code: WebPageCode::CrossSite,
            status: StatusCode::FORBIDDEN,
            title: "You are not signed out",
            text: "Another website has asked for it in your name. If it was you who wanted it, please do it from here.",
            link: Some((&self.base.home(), "Back to the start")),
        };
        page.into_response()
    }

    pub(super) fn signed_out_path(&self) -> String {
        self.base.path_of(WebRoute::LoggedOut)
    }

    /// Whatever became of the record, the browser loses its key; and is told where the record may still be there.
    fn gone(&self, mut response: Response<Bytes>) -> Response<Bytes> {
        response.headers_mut().extend(self.session_deletion().into_iter().map(|cookie| (SET_COOKIE, cookie)));
        response
    }
}

fn cross_site() -> Response<Bytes> {
    tracing::info!(target: "portcullis::logout", reason = "cross_site", "another site asks for a logout");
    let mut response = Response::new(Bytes::from_static(br#"{"error":"cross_site"}"#));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
