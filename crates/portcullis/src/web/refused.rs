//! Callbacks that do not lead to a session, and the pages on which they end.

use bytes::Bytes;
use http::{Response, StatusCode};

use super::pages::Page;
use super::web_page::WebPageCode;
use super::{Web, WebRoute};
use crate::error::{AuthError, InvalidToken, ProviderEndpoint, ProviderError, ProviderErrorKind};

/// Why a callback does not lead to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// Nobody could be asked, and nothing is used up: 503, and the same callback may come again.
    NotYet,
    /// Nobody could be asked: 503.
    Unavailable,
    /// Unknown, used, foreign or expired state, an error of the provider, a refused code or token: 400. The code is
    /// for the log.
    Login(&'static str),
    /// The login is weaker or older than what was asked for: 403. Another redirect would only go round in circles.
    TooWeak,
}

impl Refused {
    /// What fails before the state is spent may be tried again.
    pub(super) fn not_yet(error: ProviderError) -> Self {
        tracing::warn!(target: "portcullis::login", reason = error.reason(), "{error}");
        Self::NotYet
    }

    /// The session cannot be kept, or the one before cannot be ended.
    pub(super) fn store(error: AuthError) -> Self {
        tracing::warn!(target: "portcullis::login", reason = error.reason(), "{error}");
        Self::Unavailable
    }

    pub(super) fn of(error: ProviderError) -> Self {
        tracing::warn!(target: "portcullis::login", reason = error.reason(), "{error}");
        match error.kind() {
            ProviderErrorKind::InvalidIdToken(InvalidToken::AuthTime) => Self::TooWeak,
            ProviderErrorKind::Refused(_) | ProviderErrorKind::InvalidIdToken(_) => Self::Login(error.reason()),
            ProviderErrorKind::Unusable(_) => Self::Login(error.reason()),
            // No is no, also without a reason that RFC 6749 knows: trying again would not help.
            ProviderErrorKind::Status(_) if error.endpoint() == ProviderEndpoint::Token && !error.is_transient() => {
                Self::Login(error.reason())
            }
            _ => Self::Unavailable,
        }
    }
}

impl Web {
    /// The page for a callback that is refused; its link leads to where the login was to lead, if that is known.
    pub(super) fn refused_page(&self, refused: Refused, return_to: Option<&str>) -> Response<Bytes> {
        let reason = match refused {
            Refused::Login(reason) => Some(reason),
            Refused::TooWeak => Some("login_too_weak"),
            Refused::NotYet | Refused::Unavailable => None,
        };
        if let Some(reason) = reason {
            tracing::info!(target: "portcullis::login", reason, "a callback is refused");
        }
        let (code, status, title, text) = match refused {
            Refused::NotYet => (
                WebPageCode::Unavailable,
                StatusCode::SERVICE_UNAVAILABLE,
                "Signing in is not possible right now",
                "The service that knows who you are cannot be reached. Please reload this page in a moment.",
            ),
            Refused::Unavailable => (
                WebPageCode::Unavailable,
                StatusCode::SERVICE_UNAVAILABLE,
                "Signing in is not possible right now",
                "The service that knows who you are cannot be reached. Please try again in a moment.",
            ),
            Refused::Login(_) => (
                WebPageCode::LoginRefused,
                StatusCode::BAD_REQUEST,
                "Signing in did not work",
                "It may have taken too long, have been used before, or have been refused. Nothing was changed.",
            ),
            Refused::TooWeak => (
                WebPageCode::LoginTooWeak,
                StatusCode::FORBIDDEN,
                "Signing in was not strong enough",
                "This page needs a stronger or more recent proof of who you are than the one you have just given.",
            ),
        };
        let link = self.login_link(return_to);
        Page { code, status, title, text, link: Some((&link, "Sign in again")) }.into_response()
    }

    fn login_link(&self, return_to: Option<&str>) -> String {
        let login = self.base.path_of(WebRoute::Login);
        let return_to = self.base.way_back(return_to);
        if return_to == self.base.home() {
            return login;
        }
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", &return_to).finish();
        format!("{login}?{query}")
    }
}
