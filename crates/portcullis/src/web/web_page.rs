//! The library's pages, as an application sees them that would rather show its own.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::header::{REFERRER_POLICY, SET_COOKIE};

use super::pages::private;

/// Puts an application's own page in the place of one of the library's: receives what the page says, and the
/// library's own response.
pub(crate) type PageHook = Arc<dyn Fn(&WebPage, Response<Bytes>) -> Response<Bytes> + Send + Sync>;

/// One of the library's pages: what it is about, and what it says. Of what a browser has sent it holds only the way
/// back to the application, in the link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebPage {
    pub(super) code: WebPageCode,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) link: Option<(String, String)>,
}

/// What one of the library's pages is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WebPageCode {
    /// The login cannot start as it was asked for: 400.
    LoginNotPossible,
    /// The login has failed: used, foreign, too late, denied, or refused by the provider: 400.
    LoginRefused,
    /// The login is weaker or older than what was asked for: 403.
    LoginTooWeak,
    /// The provider, or the store of sessions, is out of reach: 503.
    Unavailable,
    /// The session has ended: 200.
    SignedOut,
    /// Another site wants to sign a user out: 403.
    CrossSite,
    /// Nothing of the library's is at this address: 404.
    NotFound,
    /// This route is asked in another way: 405.
    MethodNotAllowed,
    /// The request is larger than anything that belongs here: 413.
    TooLarge,
}

impl WebPageCode {
    /// A stable name, such as `login_refused`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LoginNotPossible => "login_not_possible",
            Self::LoginRefused => "login_refused",
            Self::LoginTooWeak => "login_too_weak",
            Self::Unavailable => "unavailable",
            Self::SignedOut => "signed_out",
            Self::CrossSite => "cross_site",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::TooLarge => "too_large",
        }
    }
}

impl WebPage {
    /// What it is about.
    #[must_use]
    pub fn code(&self) -> WebPageCode {
        self.code
    }

    /// Its title, as text.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What it says, as text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it leads, and the words of the link. The address is a path of the application, and may hold a query: in
    /// HTML it has to be escaped.
    #[must_use]
    pub fn link(&self) -> Option<(&str, &str)> {
        self.link.as_ref().map(|(address, words)| (address.as_str(), words.as_str()))
    }
}

/// The application's own page in the place of ours, where the response is a page and the application has one.
///
/// # Security
/// Whatever it returns, our cookies are set and deleted, and no cache keeps it: the address of a callback holds the
/// code.
pub(super) fn presented(hook: Option<&PageHook>, mut response: Response<Bytes>) -> Response<Bytes> {
    let Some(page) = response.extensions_mut().remove::<WebPage>() else { return response };
    let Some(hook) = hook else { return response };
    let cookies: Vec<_> = response.headers().get_all(SET_COOKIE).iter().cloned().collect();
    response.headers_mut().remove(SET_COOKIE);
    let mut response = hook(&page, response);
    // A page with a form may need it: with `no-referrer` a browser does not say where the form came from.
    if response.headers().get(REFERRER_POLICY).is_some_and(|policy| policy != "same-origin") {
        response.headers_mut().remove(REFERRER_POLICY);
    }
    let mut response = private(response);
    response.headers_mut().extend(cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)));
    response
}
