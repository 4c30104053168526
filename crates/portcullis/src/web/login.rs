//! Starting a login.

use std::time::Duration;

use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{Response, StatusCode};

use super::pages::{Page, see_other};
use super::parameters::Doubled;
use super::return_to::local_path;
use super::transactions::Pending;
use super::visit::Visit;
use super::{CALLBACK, Web};
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
            Err(text) => return bad_request(text),
        };
        match self.start(visit, &wishes).await {
            Ok(Some(response)) => response,
            Ok(None) => unavailable_page(),
            Err(error) => {
                tracing::warn!(target: "portcullis::login", reason = error.reason(), "{error}");
                unavailable_page()
            }
        }
    }

    async fn start(&self, visit: &Visit, wishes: &Wishes<'_>) -> Result<Option<Response<Bytes>>, ProviderError> {
        let mut request =
            self.provider.authorize_url(self.base.absolute(CALLBACK)).acr_values(wishes.acr_values.clone());
        if let Some(seconds) = wishes.max_age {
            request = request.max_age(Duration::from_secs(seconds));
        }
        if let Some(hint) = wishes.login_hint {
            request = request.login_hint(hint);
        }
        let login = request.build().await?;
        let now = self.provider.clock().unix_time();
        let pending = Pending::new(&login.transaction, &wishes.return_to, wishes.acr_values.clone(), now);
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
        let return_to = return_to.as_deref().and_then(local_path).unwrap_or("/").to_owned();
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
}

impl From<Doubled> for &'static str {
    fn from(_: Doubled) -> Self {
        "A parameter of the login came twice."
    }
}

fn bad_request(text: &str) -> Response<Bytes> {
    let page = Page {
        status: StatusCode::BAD_REQUEST,
        title: "The login cannot start",
        text,
        link: Some(("/", "Back to the start")),
    };
    page.into_response()
}

/// The provider, or a store, cannot be asked: nothing is lost, the user tries again.
pub(super) fn unavailable_page() -> Response<Bytes> {
    let page = Page {
        status: StatusCode::SERVICE_UNAVAILABLE,
        title: "Logging in is not possible right now",
        text: "The service that knows who you are cannot be reached. Please try again in a moment.",
        link: Some(("/", "Back to the start")),
    };
    page.into_response()
}
