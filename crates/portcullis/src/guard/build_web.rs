//! What a web application's guard has beside an API's.

use std::sync::Arc;
use std::time::Duration;

use super::GuardBuilder;
use crate::access::AcrLevels;
use crate::error::Problem;
use crate::provider::{Provider, noted};
use crate::session::{MemorySessionStore, Sessions};
use crate::settings;
use crate::web::{BaseUrl, CookieKeys, Web, WebSettings};

/// As many as `MemorySessionStore::new` keeps.
const SESSIONS_IN_MEMORY: u64 = 100_000;
const DEFAULT_LIMITS: (Duration, Duration) = (Duration::from_secs(12 * 60 * 60), Duration::from_secs(7 * 24 * 60 * 60));

impl GuardBuilder {
    /// What a web application needs beside its provider; what is wrong goes on the list.
    pub(super) fn checked_web_parts(&self, problems: &mut Vec<Problem>) -> Option<(BaseUrl, CookieKeys)> {
        if !self.is_web {
            return None;
        }
        let base = noted(self.checked_base_url(), problems);
        let keys = noted(self.checked_cookie_keys(), problems);
        if self.provider.client_id.as_deref().is_none_or(str::is_empty) {
            problems
                .push(Problem::new(settings::CLIENT_ID, "is not set: use the id that the client is registered with"));
        }
        Some((base?, keys?))
    }

    /// The web part, once there is nothing to object to.
    pub(super) fn web(
        &self,
        provider: &Provider,
        levels: &AcrLevels,
        (base, keys): (BaseUrl, CookieKeys),
    ) -> Option<Web> {
        let client_id = provider.client_id().unwrap_or_default();
        let application = format!("{}\n{client_id}\n{}", provider.issuer(), base.absolute(""));
        let store = self.session_store.clone().unwrap_or_else(|| {
            Arc::new(MemorySessionStore::with_clock(SESSIONS_IN_MEMORY, Arc::clone(provider.clock())))
        });
        let limits = self.session_limits.unwrap_or(DEFAULT_LIMITS);
        let sessions = Arc::new(Sessions::new(store, provider.clone(), application.clone(), limits));
        Web::new(WebSettings {
            provider: provider.clone(),
            sessions,
            base,
            levels: levels.clone(),
            keys,
            application,
            asks_user_info: self.asks_user_info.unwrap_or(true),
            ends_session_by_post: self.ends_session_by_post,
        })
    }

    fn checked_base_url(&self) -> Result<BaseUrl, Problem> {
        let text = self.base_url.as_deref().unwrap_or_default();
        if text.is_empty() {
            return Err(Problem::new(settings::BASE_URL, "is not set: use the application's public address"));
        }
        BaseUrl::parse(text).ok_or_else(|| {
            Problem::new(
                settings::BASE_URL,
                "is no base URL: use https, or plain http on loopback, without query and fragment",
            )
        })
    }

    fn checked_cookie_keys(&self) -> Result<CookieKeys, Problem> {
        match &self.cookie_keys {
            Some(keys) => {
                CookieKeys::parse(keys.expose()).map_err(|reason| Problem::new(settings::COOKIE_KEYS, reason))
            }
            None => {
                tracing::warn!(
                    target: "portcullis::login",
                    "cookie keys are random: a login that is on its way ends with this process, and on another node; set PORTCULLIS_COOKIE_KEYS"
                );
                CookieKeys::random()
                    .ok_or_else(|| Problem::new(settings::COOKIE_KEYS, "cannot be made: the system has no randomness"))
            }
        }
    }
}
