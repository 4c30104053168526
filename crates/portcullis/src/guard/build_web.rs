//! What a web application's guard has beside an API's.

use std::sync::Arc;
use std::time::Duration;

use super::GuardBuilder;
use crate::access::AcrLevels;
use crate::error::Problem;
use crate::provider::{Provider, noted};
use crate::session::{Keeper, MemorySessionStore, SessionKind, Sessions};
use crate::settings;
use crate::web::{BaseUrl, CookieKeys, CookieNames, Web, WebSettings};

/// As many as `MemorySessionStore::new` keeps.
const SESSIONS_IN_MEMORY: u64 = 100_000;
const DEFAULT_LIMITS: (Duration, Duration) = (Duration::from_secs(12 * 60 * 60), Duration::from_secs(7 * 24 * 60 * 60));

impl GuardBuilder {
    /// What a web application needs beside its provider; what is wrong goes on the list.
    pub(super) fn checked_web_parts(&self, problems: &mut Vec<Problem>) -> Option<(BaseUrl, CookieKeys)> {
        if !self.is_web {
            return None;
        }
        let base = noted(self.checked_base_url().and_then(|base| self.with_auth_path(base)), problems);
        let keys = noted(self.checked_cookie_keys(), problems);
        if self.session_store.is_some() && self.sessions == Some(SessionKind::Cookie) {
            let message = "is `cookie`, and there is a session store too: use one of them";
            problems.push(Problem::new(settings::SESSIONS, message));
        }
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
        let names = CookieNames::new(base.is_secure(), base.is_alone(), &application);
        let limits = self.session_limits.unwrap_or(DEFAULT_LIMITS);
        let transactions = keys.sealer(&application, "login transaction")?;
        let logout_states = keys.sealer(&application, "logout state")?;
        let keeper = match self.sessions.unwrap_or_default() {
            SessionKind::Memory => self.sessions_here(provider, application),
            SessionKind::Cookie => {
                warn_of_sealed_sessions(self.cookie_keys.is_some());
                let sealer = keys.sealer(&application, "session")?;
                Keeper::sealed(sealer, names.session(), limits.1, provider)
            }
        };
        Some(Web::new(WebSettings {
            sessions: Arc::new(Sessions::new(keeper, provider.clone(), limits)),
            provider: provider.clone(),
            base,
            levels: levels.clone(),
            names,
            transactions,
            asks_user_info: self.asks_user_info.unwrap_or(true),
            response_mode: self.response_mode,
            on_page: self.on_page.clone(),
            logout_states,
            ends_session_by_post: self.ends_session_by_post,
        }))
    }

    fn sessions_here(&self, provider: &Provider, application: String) -> Keeper {
        let store = self.session_store.clone().unwrap_or_else(|| {
            Arc::new(MemorySessionStore::with_clock(SESSIONS_IN_MEMORY, Arc::clone(provider.clock())))
        });
        Keeper::stored(store, application, provider)
    }

    pub(super) fn checked_base_url(&self) -> Result<BaseUrl, Problem> {
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

    fn with_auth_path(&self, base: BaseUrl) -> Result<BaseUrl, Problem> {
        let Some(path) = &self.auth_path else { return Ok(base) };
        base.with_auth_path(path).ok_or_else(|| {
            Problem::new(
                "auth_path",
                "is no path for the library's routes: use one such as `/auth`, of letters, digits and `-._~`, without a slash at its end",
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

fn warn_of_sealed_sessions(keys_are_set: bool) {
    tracing::warn!(
        target: "portcullis::session",
        "sessions are in cookies: a logout is known to this process only, and only as long as it lives"
    );
    if !keys_are_set {
        tracing::warn!(
            target: "portcullis::session",
            "and the cookie keys are random: every session ends with this process; set PORTCULLIS_COOKIE_KEYS"
        );
    }
}
