//! The provider's page tells us, in a frame, that a session has ended (OpenID Connect Front-Channel Logout 1.0).

use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, X_FRAME_OPTIONS};
use http::{HeaderValue, Response, StatusCode};

use super::Web;
use super::pages::Page;
use super::parameters::{Doubled, Parameters};
use super::visit::Visit;
use super::web_page::{WebPage, WebPageCode};
use crate::session::SessionIndex;

impl Web {
    /// `GET /auth/frontchannel-logout` (section 3): ends the sessions of exactly this `iss` and `sid`. The answer is
    /// the same whether there were any.
    ///
    /// # Security
    /// Anybody can make a browser load this, and in the frame of another site the session cookie never arrives. So the
    /// cookie is not looked at, only who knows the session at the provider ends anything, and the provider is asked for
    /// nothing: tokens stay as they are.
    pub(super) async fn front_channel_logout(&self, visit: &Visit) -> Response<Bytes> {
        let Some(sid) = self.named_session(&visit.query) else { return framed(done()) };
        if !self.sessions.are_kept_here() {
            tracing::debug!(target: "portcullis::logout", reason = "no_store", "a front-channel logout ends nothing");
            return framed(done());
        }
        match self.sessions.remove_all(&SessionIndex::of_session(self.provider.issuer(), sid)).await {
            Ok(()) => framed(done()),
            Err(_) => framed(self.unavailable_page()),
        }
    }

    /// The `sid`, where both parameters are there once and the issuer is ours.
    fn named_session<'v>(&self, query: &'v Parameters) -> Option<&'v str> {
        let issuer = spelled_either_way(query, "iss", "amp;iss").ok().flatten()?;
        let sid = spelled_either_way(query, "sid", "amp;sid").ok().flatten()?;
        (issuer == self.provider.issuer()).then_some(sid)
    }
}

/// Pages that write a URL into HTML escape its `&`, and some do it twice: the conformance suite asks for
/// `?iss=…&amp;sid=…`.
fn spelled_either_way<'v>(query: &'v Parameters, name: &str, escaped: &str) -> Result<Option<&'v str>, Doubled> {
    match (query.one(name)?, query.one(escaped)?) {
        (Some(_), Some(_)) => Err(Doubled),
        (plain, escaped) => Ok(plain.or(escaped)),
    }
}

fn done() -> Response<Bytes> {
    let page = Page {
        code: WebPageCode::SignedOut,
        status: StatusCode::OK,
        title: "Signed out",
        text: "There is nothing more to do.",
        link: None,
    };
    page.into_response()
}

/// A page that may stand in the provider's frame, wherever that is itself. Nothing on it can be clicked by mistake, so
/// it is always ours: nobody sees it, and an application's own page has things to click.
fn framed(mut response: Response<Bytes>) -> Response<Bytes> {
    response.extensions_mut().remove::<WebPage>();
    let headers = response.headers_mut();
    headers.remove(X_FRAME_OPTIONS);
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"),
    );
    response
}
