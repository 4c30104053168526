//! The request's one attempt to be admitted.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::header::{AUTHORIZATION, CACHE_CONTROL, HeaderMap, HeaderValue, VARY};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::credentials::{b64token, bearer_token};
use super::facts::RequestFacts;
use super::head::RequestHead;
use crate::access::Require;
use crate::error::AuthError;
use crate::guard::Guard;
use crate::principal::{Admission, FromAuth};
use crate::provider::document::Refresh;
use crate::reply::Refusal;
use crate::secret::Secret;
use crate::token::AccessToken;
use crate::userinfo::UserInfo;

/// One request waits at most this long, in all, for discovery, keys and userinfo.
const PATIENCE: Duration = Duration::from_secs(5);

/// The request's one attempt to be admitted by a guard: what it brought, and what was found so far.
///
/// It lives in the request's extensions, so that one request means one validation and at most one question about the
/// user, however many extractors and layers ask. A clone is the same attempt.
#[derive(Clone)]
pub struct Attempt(Arc<State>);

struct State {
    guard: Guard,
    facts: RequestFacts,
    credentials: Result<Option<Arc<Secret>>, AuthError>,
    outcome: OnceCell<Result<AccessToken, AuthError>>,
    /// Of the keys, seen when a token was found that was verified before.
    refresh: Refresh,
    user_info: OnceCell<Result<UserInfo, AuthError>>,
    fresh_user_info: OnceCell<Result<UserInfo, AuthError>>,
    deadline: OnceLock<Instant>,
}

impl Attempt {
    /// Resumes the attempt that the request carries for this guard, or begins one. Borrows the request only here.
    pub(crate) fn begin(guard: &Guard, head: &impl RequestHead) -> Self {
        if let Some(attempt) = head.extension::<Self>().filter(|attempt| attempt.0.guard.is(guard)) {
            return attempt;
        }
        let facts = RequestFacts::of(head, guard.has_reject_hook());
        let (mut outcome, mut refresh) = (OnceCell::new(), Refresh::NotYet);
        let credentials = match bearer_token(head) {
            // A token that was verified before had its grammar looked at then.
            Ok(Some(token)) => match guard.verified_before(token) {
                Some((verified, seen)) => {
                    (outcome, refresh) = (OnceCell::new_with(Some(Ok(verified))), seen);
                    Ok(None)
                }
                None => b64token(token).map(|token| Some(Arc::new(Secret::from(token)))),
            },
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        Self(Arc::new(State {
            guard: guard.clone(),
            facts,
            credentials,
            outcome,
            refresh,
            user_info: OnceCell::new(),
            fresh_user_info: OnceCell::new(),
            deadline: OnceLock::new(),
        }))
    }

    /// Admits the request: validates its credentials, judges the requirement `R`, and makes the principal `T`.
    ///
    /// # Errors
    /// Returns the reply to send instead.
    pub async fn admit<T: FromAuth, R: Require>(&self) -> Result<T, Refusal> {
        const { assert!(R::REQUIREMENT.is_valid(), "this requirement has a value that no token can satisfy") };
        let outcome = match self.outcome().await {
            Ok(token) => token.judge(&R::REQUIREMENT).map(|()| token),
            Err(error) => Err(error.clone()),
        };
        match T::from_auth(&Admission::new(self, outcome)).await {
            Ok(principal) => Ok(principal),
            Err(error) => Err(self.refuse(error)),
        }
    }

    /// Makes another principal of an attempt that a layer has admitted already.
    ///
    /// # Errors
    /// Returns the reply to send instead.
    pub async fn principal<T: FromAuth>(&self) -> Result<T, Refusal> {
        self.admit::<T, ()>().await
    }

    /// What a refusal may be told about the request.
    #[must_use]
    pub fn facts(&self) -> &RequestFacts {
        &self.0.facts
    }

    /// Completes the headers of the response: what depends on credentials says so to caches (RFC 9111).
    ///
    /// # Security
    /// A shared cache that stores a user's page would serve it to others (CVE-2025-48947). `no-store` is added to
    /// the answers of an authenticated request unless the handler decided by itself; `Vary` to all that asked.
    pub fn write_back(&self, headers: &mut HeaderMap) {
        let Some(outcome) = self.0.outcome.get() else { return };
        if outcome.is_ok() && !has_own_cache_policy(headers) {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        headers.append(VARY, HeaderValue::from(AUTHORIZATION));
    }

    pub(crate) async fn user_info(&self, token: &AccessToken) -> Result<UserInfo, AuthError> {
        if let Some(fresh) = self.0.fresh_user_info.get() {
            return fresh.clone();
        }
        let cached_or_asked = async {
            match self.0.guard.users().cached(token).await {
                Some(user_info) => Ok(user_info),
                None => self.fresh_user_info(token).await,
            }
        };
        self.0.user_info.get_or_init(|| self.within_patience(cached_or_asked)).await.clone()
    }

    pub(crate) async fn fresh_user_info(&self, token: &AccessToken) -> Result<UserInfo, AuthError> {
        let asked = || self.within_patience(self.0.guard.users().asked(token));
        self.0.fresh_user_info.get_or_init(asked).await.clone()
    }

    async fn outcome(&self) -> &Result<AccessToken, AuthError> {
        if let Some(outcome) = self.0.outcome.get() {
            if self.0.refresh == Refresh::Due {
                self.0.guard.refresh_keys_if_due();
            }
            return outcome;
        }
        self.0.outcome.get_or_init(|| self.validate()).await
    }

    async fn validate(&self) -> Result<AccessToken, AuthError> {
        match &self.0.credentials {
            Err(error) => Err(error.clone()),
            Ok(None) => Err(AuthError::MissingCredentials),
            Ok(Some(token)) => self.within_patience(self.0.guard.validate(token)).await,
        }
    }

    async fn within_patience<T>(&self, work: impl Future<Output = Result<T, AuthError>>) -> Result<T, AuthError> {
        let deadline = *self.0.deadline.get_or_init(|| Instant::now() + PATIENCE);
        match tokio::time::timeout_at(deadline, work).await {
            Ok(result) => result,
            Err(_) => Err(AuthError::unavailable("request_deadline", crate::keys::RETRY_AFTER)),
        }
    }

    fn refuse(&self, error: AuthError) -> Refusal {
        self.0.guard.refuse(error, &self.0.facts)
    }
}

/// The handler's word stands where it is at least as strict, or where it says that only the browser may keep it.
fn has_own_cache_policy(headers: &HeaderMap) -> bool {
    let values = headers.get_all(CACHE_CONTROL).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|directive| {
        let name = directive.split('=').next().unwrap_or_default().trim();
        name.eq_ignore_ascii_case("private") || name.eq_ignore_ascii_case("no-store")
    })
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("facts", &self.0.facts)
            .field("decided", &self.0.outcome.initialized())
            .finish_non_exhaustive()
    }
}
