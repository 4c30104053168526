//! The library's own routes, as an adapter serves them.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::ALLOW;
use http::{HeaderValue, Method, Response, StatusCode};

use super::pages::{Page, private};
use super::parameters::Parameters;
use super::web_page::{WebPageCode, presented};
use super::{Web, cross_site, is_navigation};
use crate::guard::Guard;
use crate::request::RequestHead;

const BODY_PATIENCE: Duration = Duration::from_secs(10);

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
    /// Any other address below those of the library: 404, which no cache may keep either.
    Unknown,
}

impl WebRoute {
    /// Every route that there is.
    pub const ALL: &'static [Self] = &[
        Self::Login,
        Self::Callback,
        Self::Logout,
        Self::LoggedOut,
        Self::BackChannelLogout,
        Self::FrontChannelLogout,
    ];

    /// Its path below that of all of them.
    pub(super) fn segment(self) -> &'static str {
        match self {
            Self::Login => "/login",
            Self::Callback => "/callback",
            Self::Logout => "/logout",
            Self::LoggedOut => "/logged-out",
            Self::BackChannelLogout => "/backchannel-logout",
            Self::FrontChannelLogout => "/frontchannel-logout",
            Self::Unknown => "",
        }
    }

    /// The methods that it takes, as `Allow` lists them; `None` for all.
    fn methods(self) -> Option<&'static str> {
        match self {
            Self::Login | Self::LoggedOut | Self::FrontChannelLogout => Some("GET"),
            Self::Callback => Some("GET, POST"),
            Self::Logout | Self::BackChannelLogout => Some("POST"),
            Self::Unknown => None,
        }
    }

    fn takes(self, method: &Method) -> bool {
        self.methods().is_none_or(|methods| methods.split(", ").any(|taken| taken == method.as_str()))
    }
}

/// A request to one of the library's routes. Owns what it needs of the request.
pub struct Visit {
    guard: Guard,
    route: WebRoute,
    pub(super) method: Method,
    pub(super) query: Parameters,
    /// The body, where it is a form and not too large; without parameters otherwise.
    pub(super) form: Parameters,
    pub(super) cookie_headers: Vec<Box<[u8]>>,
    pub(super) is_same_origin: bool,
    pub(super) is_navigation: bool,
    pub(super) body_bytes: usize,
}

impl Visit {
    /// Larger bodies are nothing that a provider or a browser of ours sends: an adapter need not read on.
    pub const MAX_BODY_BYTES: usize = 64 * 1024;

    /// Waits until the adapter has read the body, at most 10 s; `None` if it cannot be read, or takes longer.
    ///
    /// # Security
    /// These routes are open to everybody: whoever sends a byte a minute must not hold a request for ever.
    pub async fn read<E>(body: impl Future<Output = Result<Bytes, E>>) -> Option<Bytes> {
        tokio::time::timeout(BODY_PATIENCE, body).await.ok()?.ok()
    }

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
            is_navigation: is_navigation(head),
            body_bytes: body.len(),
        }
    }

    /// The same visit, for an adapter that has not read the body to its end: 413.
    #[must_use]
    pub fn with_unread_body(mut self) -> Self {
        self.body_bytes = usize::MAX;
        self
    }

    /// Answers the request: always with a finished response, `no-store`, errors included.
    pub async fn serve(self) -> Response<Bytes> {
        let Some(web) = self.guard.web_part() else { return nothing_here(None) };
        let response = match self.objection(web) {
            Some(page) => page,
            None => match self.route {
                WebRoute::Login => web.login(&self).await,
                WebRoute::Callback => web.callback(&self, &self.guard).await,
                WebRoute::Logout => web.logout(&self, &self.guard).await,
                WebRoute::LoggedOut => web.logged_out(&self),
                WebRoute::BackChannelLogout => web.back_channel_logout(&self, &self.guard).await,
                WebRoute::FrontChannelLogout => web.front_channel_logout(&self).await,
                WebRoute::Unknown => nothing_here(Some(web)),
            },
        };
        presented(web.on_page.as_ref(), private(response))
    }

    /// What no route takes.
    fn objection(&self, web: &Web) -> Option<Response<Bytes>> {
        if self.body_bytes > Self::MAX_BODY_BYTES {
            let (code, status) = (WebPageCode::TooLarge, StatusCode::PAYLOAD_TOO_LARGE);
            return Some(not_possible(code, status, "The request is too large, or took too long.", Some(web)));
        }
        if self.route.takes(&self.method) {
            return None;
        }
        let (code, status) = (WebPageCode::MethodNotAllowed, StatusCode::METHOD_NOT_ALLOWED);
        let mut page = not_possible(code, status, "This address is asked in another way.", Some(web));
        let allowed = self.route.methods().map(HeaderValue::from_static);
        page.headers_mut().extend(allowed.map(|allowed| (ALLOW, allowed)));
        Some(page)
    }
}

impl fmt::Debug for Visit {
    // Cookies, query and body hold sessions, codes, states and logout tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visit")
            .field("route", &self.route)
            .field("method", &self.method)
            .field("is_same_origin", &self.is_same_origin)
            .finish_non_exhaustive()
    }
}

/// The body of `application/x-www-form-urlencoded`.
fn form<'b>(head: &impl RequestHead, body: &'b Bytes) -> Option<&'b Bytes> {
    let mut types = head.header("content-type");
    let media_type = types.next()?.split(|byte| *byte == b';').next()?.trim_ascii();
    let is_form = media_type.eq_ignore_ascii_case(b"application/x-www-form-urlencoded") && types.next().is_none();
    (is_form && body.len() <= Visit::MAX_BODY_BYTES).then_some(body)
}

fn nothing_here(web: Option<&Web>) -> Response<Bytes> {
    not_possible(WebPageCode::NotFound, StatusCode::NOT_FOUND, "There is nothing at this address.", web)
}

fn not_possible(code: WebPageCode, status: StatusCode, text: &str, web: Option<&Web>) -> Response<Bytes> {
    let home = web.map(|web| web.base.home());
    let link = home.as_deref().map(|home| (home, "Back to the start"));
    Page { code, status, title: "This is not possible", text, link }.into_response()
}
