//! Logging in with a browser: login, callback, session, logout.

mod backchannel;
mod base_url;
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
mod refused;
mod repost;
mod return_to;
mod seal;
mod session_cookie;
mod spent;
mod transactions;
mod visit;
mod web_page;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::header::RETRY_AFTER;

pub(crate) use self::base_url::BaseUrl;
pub(crate) use self::cookies::{CookieNames, Found, find, is_cookie_name};
pub(crate) use self::cross_site::may_use_cookie;
pub(crate) use self::navigation::is_navigation;
pub(crate) use self::seal::{CookieKeys, Sealer};
pub(crate) use self::session_cookie::SessionCookie;
pub use self::visit::{Visit, WebRoute};
pub(crate) use self::web_page::PageHook;
pub use self::web_page::{WebPage, WebPageCode};

use self::pages::Page;
use self::spent::SpentStates;
use crate::access::AcrLevels;
use crate::error::AuthError;
use crate::provider::{Provider, ResponseMode};
use crate::replay::ReplayMap;
use crate::request::RequestFacts;
use crate::session::Sessions;

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
    response_mode: ResponseMode,
    on_page: Option<PageHook>,
    logout_states: Sealer,
    used_logout_tokens: ReplayMap,
    ends_session_by_post: bool,
}

/// What the builder hands over.
pub(crate) struct WebSettings {
    pub(crate) provider: Provider,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) base: BaseUrl,
    pub(crate) levels: AcrLevels,
    pub(crate) names: CookieNames,
    /// Seals logins on their way.
    pub(crate) transactions: Sealer,
    pub(crate) asks_user_info: bool,
    pub(crate) response_mode: ResponseMode,
    pub(crate) on_page: Option<PageHook>,
    pub(crate) logout_states: Sealer,
    pub(crate) ends_session_by_post: bool,
}

impl Web {
    pub(crate) fn new(settings: WebSettings) -> Self {
        Self {
            provider: settings.provider,
            sessions: settings.sessions,
            base: settings.base,
            levels: settings.levels,
            names: settings.names,
            transactions: settings.transactions,
            asks_user_info: settings.asks_user_info,
            response_mode: settings.response_mode,
            on_page: settings.on_page,
            logout_states: settings.logout_states,
            ends_session_by_post: settings.ends_session_by_post,
            used_logout_tokens: ReplayMap::default(),
            spent: SpentStates::default(),
        }
    }

    /// Where to log in so as to come back to this request, and strongly or freshly enough.
    pub(crate) fn login_url(&self, error: &AuthError, facts: &RequestFacts) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("return_to", &self.base.public(facts.path_and_query()));
        if let AuthError::InsufficientUserAuthentication { acr_values, max_age } = error {
            if !acr_values.is_empty() {
                query.append_pair("acr_values", &acr_values.join(" "));
            }
            if let Some(age) = max_age {
                query.append_pair("max_age", &age.as_secs().to_string());
            }
        }
        format!("{}?{}", self.base.path_of(WebRoute::Login), query.finish())
    }

    /// What a person sees where nobody can be asked; asking again after as long as the other reply says.
    pub(crate) fn unavailable_reply(&self, reply: &Response<Bytes>) -> Response<Bytes> {
        let page = Page {
            code: WebPageCode::Unavailable,
            status: reply.status(),
            title: "This page cannot be shown right now",
            text: "The service that knows who you are cannot be reached. Nothing was changed; please try again in a moment.",
            link: Some((&self.base.home(), "Back to the start")),
        };
        let mut page = page.into_response();
        if let Some(seconds) = reply.headers().get(RETRY_AFTER) {
            page.headers_mut().insert(RETRY_AFTER, seconds.clone());
        }
        web_page::presented(self.on_page.as_ref(), page)
    }
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Web")
            .field("base", &self.base.origin())
            .field("sessions", &self.sessions)
            .finish_non_exhaustive()
    }
}
