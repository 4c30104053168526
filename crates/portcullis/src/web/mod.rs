//! Logging in with a browser: login, callback, session, logout.

mod backchannel;
mod callback;
mod cookies;
mod cross_site;
mod end_session;
mod frontchannel;
mod login;
mod logout;
mod navigation;
mod pages;
mod parameters;
mod return_to;
mod seal;
mod spent;
mod transactions;
mod visit;

use std::fmt;
use std::sync::Arc;

use http::HeaderValue;
use url::Url;

pub(crate) use self::cookies::{Found, find};
pub(crate) use self::cross_site::may_use_cookie;
pub(crate) use self::navigation::is_navigation;
pub(crate) use self::seal::{CookieKeys, Sealer};
pub use self::visit::{Visit, WebRoute};

use self::cookies::CookieNames;
use self::spent::SpentStates;
use crate::access::AcrLevels;
use crate::error::AuthError;
use crate::provider::Provider;
use crate::replay::ReplayMap;
use crate::request::RequestFacts;
use crate::session::Sessions;

const LOGIN: &str = "/auth/login";
const CALLBACK: &str = "/auth/callback";
const LOGOUT: &str = "/auth/logout";
const LOGGED_OUT: &str = "/auth/logged-out";
const BACK_CHANNEL_LOGOUT: &str = "/auth/backchannel-logout";
const FRONT_CHANNEL_LOGOUT: &str = "/auth/frontchannel-logout";

/// What a guard of a web application has beside a guard of an API.
pub(crate) struct Web {
    pub(crate) provider: Provider,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) base: BaseUrl,
    pub(crate) levels: AcrLevels,
    names: CookieNames,
    transactions: Sealer,
    spent: SpentStates,
    asks_user_info: bool,
    logout_states: Sealer,
    used_logout_tokens: ReplayMap,
    ends_session_by_post: bool,
}

/// The public address of the application: where browsers find it, whatever a proxy says.
///
/// # Security
/// Cookie flags, origin checks and redirect URIs follow this setting. `Host` and `X-Forwarded-*` are never looked at:
/// whoever can set them could otherwise send the code of a login elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct BaseUrl {
    url: Url,
    origin: String,
}

impl BaseUrl {
    /// `None` for what is no base URL: neither https nor plain http on loopback, or with a query.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let url = crate::provider::address::parse(text).ok()?;
        let is_fit = url.scheme() == "https" || crate::provider::address::is_loopback(&url);
        (is_fit && url.query().is_none()).then(|| Self { origin: url.origin().ascii_serialization(), url })
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The absolute URL of one of our paths.
    pub(crate) fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.url.as_str().trim_end_matches('/'))
    }

    /// The path, query included, of an absolute URL within this application.
    fn path_within(&self, absolute: &str) -> Option<String> {
        let url = crate::provider::address::parse(absolute).ok()?;
        (url.origin() == self.url.origin()).then(|| url[url::Position::BeforePath..].to_owned())
    }
}

/// What the builder hands over.
pub(crate) struct WebSettings {
    pub(crate) provider: Provider,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) base: BaseUrl,
    pub(crate) levels: AcrLevels,
    pub(crate) keys: CookieKeys,
    pub(crate) application: String,
    pub(crate) asks_user_info: bool,
    pub(crate) ends_session_by_post: bool,
}

impl Web {
    pub(crate) fn new(settings: WebSettings) -> Option<Self> {
        let WebSettings { provider, sessions, base, levels, keys, application, asks_user_info, ends_session_by_post } =
            settings;
        Some(Self {
            names: CookieNames::new(base.is_secure(), &application),
            transactions: keys.sealer(&application, "login transaction")?,
            logout_states: keys.sealer(&application, "logout state")?,
            used_logout_tokens: ReplayMap::default(),
            ends_session_by_post,
            spent: SpentStates::default(),
            provider,
            sessions,
            base,
            levels,
            asks_user_info,
        })
    }

    pub(crate) fn session_cookie(&self) -> &str {
        self.names.session()
    }

    pub(crate) fn session_cookie_deletion(&self) -> HeaderValue {
        self.names.delete(self.names.session())
    }

    /// Where to log in so as to come back to this request, and strongly or freshly enough.
    pub(crate) fn login_url(&self, error: &AuthError, facts: &RequestFacts) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("return_to", facts.path_and_query());
        if let AuthError::InsufficientUserAuthentication { acr_values, max_age } = error {
            if !acr_values.is_empty() {
                query.append_pair("acr_values", &acr_values.join(" "));
            }
            if let Some(age) = max_age {
                query.append_pair("max_age", &age.as_secs().to_string());
            }
        }
        format!("{LOGIN}?{}", query.finish())
    }
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Web").field("base", &self.base.origin).field("sessions", &self.sessions).finish_non_exhaustive()
    }
}
