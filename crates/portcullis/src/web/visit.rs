//! The library's own routes, as an adapter serves them.

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode};

use super::pages::{Page, private};
use super::parameters::Parameters;
use super::{BACK_CHANNEL_LOGOUT, CALLBACK, FRONT_CHANNEL_LOGOUT, LOGGED_OUT, LOGIN, LOGOUT, cross_site};
use crate::guard::Guard;
use crate::request::RequestHead;

/// Larger bodies are nothing that a provider or a browser of ours sends.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// One of the library's routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebRoute {
    /// Starts a login.
    Login,
    /// Where the provider sends the browser back to.
    Callback,
    /// Ends the session.
    Logout,
    /// Where the provider sends the browser after a logout.
    LoggedOut,
    /// Where the provider itself says that a session has ended (OpenID Connect Back-Channel Logout 1.0).
    BackChannelLogout,
    /// What the provider's page loads in a frame when a session has ended (OpenID Connect Front-Channel Logout 1.0).
    FrontChannelLogout,
}

impl WebRoute {
    /// Every route.
    pub const ALL: &'static [Self] = &[
        Self::Login,
        Self::Callback,
        Self::Logout,
        Self::LoggedOut,
        Self::BackChannelLogout,
        Self::FrontChannelLogout,
    ];

    /// Its path.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Login => LOGIN,
            Self::Callback => CALLBACK,
            Self::Logout => LOGOUT,
            Self::LoggedOut => LOGGED_OUT,
            Self::BackChannelLogout => BACK_CHANNEL_LOGOUT,
            Self::FrontChannelLogout => FRONT_CHANNEL_LOGOUT,
        }
    }

    fn method(self) -> Method {
        match self {
            Self::Logout | Self::BackChannelLogout => Method::POST,
            _ => Method::GET,
        }
    }
}

/// A request to one of the library's routes. Owns what it needs of the request.
#[derive(Debug)]
pub struct Visit {
    guard: Guard,
    route: WebRoute,
    method: Method,
    pub(super) query: Parameters,
    /// The body, where it is a form and not too large; without parameters otherwise.
    pub(super) form: Parameters,
    pub(super) cookie_headers: Vec<Box<[u8]>>,
    pub(super) is_same_origin: bool,
    body_bytes: usize,
}

impl Visit {
    pub(crate) fn new(guard: &Guard, route: WebRoute, head: &impl RequestHead, body: &Bytes) -> Self {
        let query = head.path_and_query().split_once('?').map_or("", |(_, query)| query);
        let origin = guard.web_part().map_or("", |web| web.base.origin());
        Self {
            guard: guard.clone(),
            route,
            method: Method::from_bytes(head.method().as_bytes()).unwrap_or_default(),
            query: Parameters::parse(query.as_bytes()),
            form: form(head, body).map(|body| Parameters::parse(body)).unwrap_or_default(),
            cookie_headers: head.header("cookie").map(Box::from).collect(),
            is_same_origin: cross_site::is_same_origin(head, origin),
            body_bytes: body.len(),
        }
    }

    /// Answers the request.
    pub async fn serve(self) -> Response<Bytes> {
        let Some(web) = self.guard.web_part() else { return refused(StatusCode::NOT_FOUND, "There is no login here.") };
        if self.body_bytes > MAX_BODY_BYTES {
            return refused(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large.");
        }
        if self.method != self.route.method() {
            let mut response = refused(StatusCode::METHOD_NOT_ALLOWED, "This address is asked in another way.");
            let allowed = HeaderValue::try_from(self.route.method().as_str());
            response.headers_mut().extend(allowed.ok().map(|allowed| (http::header::ALLOW, allowed)));
            return response;
        }
        private(match self.route {
            WebRoute::Login => web.login(&self).await,
            WebRoute::Callback => web.callback(&self, &self.guard).await,
            WebRoute::Logout => web.logout(&self, &self.guard).await,
            WebRoute::LoggedOut => web.logged_out(&self),
            WebRoute::BackChannelLogout => web.back_channel_logout(&self, &self.guard).await,
            WebRoute::FrontChannelLogout => web.front_channel_logout(&self).await,
        })
    }
}

/// The body of `application/x-www-form-urlencoded`.
fn form<'b>(head: &impl RequestHead, body: &'b Bytes) -> Option<&'b Bytes> {
    let mut types = head.header("content-type");
    let media_type = types.next()?.split(|byte| *byte == b';').next()?.trim_ascii();
    let is_form = media_type.eq_ignore_ascii_case(b"application/x-www-form-urlencoded") && types.next().is_none();
    (is_form && body.len() <= MAX_BODY_BYTES).then_some(body)
}

fn refused(status: StatusCode, text: &str) -> Response<Bytes> {
    Page { status, title: "Not possible", text, link: None }.into_response()
}
