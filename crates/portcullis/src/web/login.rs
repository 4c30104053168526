//! Starting a login.

use std::time::Duration;

use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{Response, StatusCode};

use super::pages::{Page, see_other};
use super::parameters::Doubled;
use super::visit::Visit;
use super::web_page::WebPageCode;
use super::{Web, WebRoute};
use crate::error::ProviderError;

/// The levels travel in a cookie.
const MOST_LEVEL_BYTES: usize = 256;

/// What `/auth/login` reads; nothing else of the query reaches the provider.
struct Wishes<'v> {
    return_to: String,
    acr_values: Vec<String>,
    max_age: Option<u64>,
    login_hint: Option<&'v str>,
}

impl Web {
    /// `GET /auth/login`: always starts a new login.
    pub(super) async fn login(&self, visit: &Visit) -> Response<Bytes> {
        let wishes = match self.wishes(visit) {
            Ok(wishes) => wishes,
            Err(text) => return self.not_possible(text),
        };
        match self.start(visit, &wishes).await {
            Ok(Some(response)) => response,
            Ok(None) => self.unavailable_page(),
            Err(error) => {
                tracing::warn!(target: "portcullis::login", reason = error.reason(), "{error}");
                self.unavailable_page()
            }
        }
    }

    async fn start(&self, visit: &Visit, wishes: &Wishes<'_>) -> Result<Option<Response<Bytes>>, ProviderError> {
        let mut request = self
            .provider
            .authorize_url(self.base.url_of(WebRoute::Callback))
            .response_mode(self.response_mode)
            .acr_values(wishes.acr_values.clone());
        if let Some(seconds) = wishes.max_age {
            request = request.max_age(Duration::from_secs(seconds));
        }
        if let Some(hint) = wishes.login_hint {
            request = request.login_hint(hint);
        }
        let login = request.build().await?;
        let now = self.provider.clock().unix_time();
        let pending = self.pending(&login.transaction, &wishes.return_to, wishes.acr_values.clone(), now);
        let Some(cookies) = self.remember(&pending, &login.transaction.state(), &visit.cookie_headers) else {
            return Ok(None);
        };
        let mut response = see_other(&login.url);
        response.headers_mut().extend(cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)));
        Ok(Some(response))
    }

    /// What the login is to be like, or why there will be none: somebody else's provider asks for it (OpenID Connect
    /// Core section 4), or it asks for too much.
    fn wishes<'v>(&self, visit: &'v Visit) -> Result<Wishes<'v>, &'static str> {
        let query = &visit.query;
        if query.one("iss")?.is_some_and(|issuer| issuer != self.provider.issuer()) {
            return Err("This login is for another provider than ours.");
        }
        let target = query.one("target_link_uri")?.and_then(|target| self.base.path_within(target));
        let return_to = query.one("return_to")?.map(str::to_owned).or(target);
        let return_to = self.base.way_back(return_to.as_deref());
        let acr_values = query.one("acr_values")?.unwrap_or_default();
        if acr_values.len() > MOST_LEVEL_BYTES {
            return Err("This login asks for too many levels.");
        }
        let acr_values = acr_values.split(' ').filter(|level| !level.is_empty());
        Ok(Wishes {
            return_to,
            acr_values: acr_values.map(str::to_owned).collect(),
            max_age: query.one("max_age")?.and_then(|seconds| seconds.parse().ok()),
            login_hint: query.one("login_hint")?.filter(|hint| hint.len() <= 256),
        })
    }

    fn not_possible(&self, text: &str) -> Response<Bytes> {
        let page = Page {
            code: WebPageCode::LoginNotPossible,
            status: StatusCode::BAD_REQUEST,
            title: "Signing in cannot start",
            text,
            link: Some((&self.base.home(), "Back to the start")),
        };
        page.into_response()
    }

    /// The provider, or a store, cannot be asked: nothing is lost, the user tries again.
    pub(super) fn unavailable_page(&self) -> Response<Bytes> {
        let page = Page {
            code: WebPageCode::Unavailable,
            status: StatusCode::SERVICE_UNAVAILABLE,
            title: "Signing in is not possible right now",
            text: "The service that knows who you are cannot be reached. Please try again in a moment.",
            link: Some((&self.base.home(), "Back to the start")),
        };
        page.into_response()
    }
}

impl From<Doubled> for &'static str {
    fn from(_: Doubled) -> Self {
        "A parameter of the login came twice."
    }
}
