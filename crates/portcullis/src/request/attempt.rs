//! The request's one attempt to be admitted.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use std::time::Duration;

use http::header::{AUTHORIZATION, CACHE_CONTROL, COOKIE, HeaderMap, HeaderName, HeaderValue, SET_COOKIE, VARY};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::credentials::{b64token, bearer_token, unread_token};
use super::facts::RequestFacts;
use super::head::RequestHead;
use crate::access::Require;
use crate::error::AuthError;
use crate::guard::Guard;
use crate::principal::{Admission, FromAuth};
use crate::provider::document::Refresh;
use crate::reply::Refusal;
use crate::secret::Secret;
use crate::session::Live;
use crate::token::AccessToken;
use crate::userinfo::UserInfo;
use crate::web::{Found, find, is_navigation, may_use_cookie};

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
    credentials: Result<Presented, AuthError>,
    outcome: OnceCell<Result<AccessToken, AuthError>>,
    /// Another guard's attempt that the request carried when this one began: it belongs to a layer further out.
    outer: Option<Attempt>,
    /// Whether somebody wanted the outcome, of this attempt or of one further in: a token seen before brings an outcome
    /// to public routes too.
    asked: AtomicBool,
    /// Of the keys, seen when a token was found that was verified before.
    refresh: Refresh,
    /// Whether the credentials were good.
    admitted: AtomicBool,
    user_info: OnceCell<Result<UserInfo, AuthError>>,
    fresh_user_info: OnceCell<Result<UserInfo, AuthError>>,
    /// How long it has waited so far, in milliseconds.
    waited: AtomicU64,
    session: OnceLock<Box<Live>>,
    /// Cookies for the response; `attach` takes them there.
    outbox: Mutex<Vec<HeaderValue>>,
}

/// What the request brought.
enum Presented {
    Nothing,
    Bearer(Arc<Secret>),
    /// The value of our session cookie.
    Session(Secret),
}

impl Attempt {
    /// Resumes the attempt that the request carries for this guard, or begins one. Borrows the request only here.
    pub(crate) fn begin(guard: &Guard, head: &impl RequestHead) -> Self {
        let carried = head.extension::<Self>();
        if let Some(attempt) = carried.as_ref().and_then(|attempt| attempt.of(guard)) {
            return attempt.clone();
        }
        let mut facts = RequestFacts::of(head, guard.wants_path());
        let mut outbox = Vec::new();
        let (mut outcome, mut refresh) = (OnceCell::new(), Refresh::NotYet);
        let credentials = match bearer_token(head) {
            // A token that was verified before had its grammar looked at then.
            Ok(Some(token)) => match guard.verified_before(token) {
                Some((verified, seen)) => {
                    (outcome, refresh) = (OnceCell::new_with(Some(Ok(verified))), seen);
                    Ok(Presented::Nothing)
                }
                None => unread_token(token).map(|token| Presented::Bearer(Arc::new(Secret::from(token)))),
            },
            Ok(None) => {
                facts = facts.with_navigation(guard.web_part().is_some() && is_navigation(head));
                session_cookie(guard, head, &mut outbox)
            }
            Err(error) => Err(error),
        };
        Self(Arc::new(State {
            guard: guard.clone(),
            facts,
            credentials,
            outcome,
            outer: carried,
            asked: AtomicBool::new(false),
            refresh,
            admitted: AtomicBool::new(false),
            user_info: OnceCell::new(),
            fresh_user_info: OnceCell::new(),
            waited: AtomicU64::new(0),
            session: OnceLock::new(),
            outbox: Mutex::new(outbox),
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
    /// the answers of an authenticated request unless the handler decided by itself; `Vary` to all that asked. It does
    /// not matter which guard asked: one that guards a part of the application counts here too.
    pub fn write_back(&self, headers: &mut HeaderMap) {
        if !self.0.asked.load(Ordering::Relaxed) {
            return;
        }
        if self.0.admitted.load(Ordering::Relaxed) && !has_own_cache_policy(headers) {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        let credentials = [Some(AUTHORIZATION), self.0.guard.web_part().map(|_| COOKIE)];
        for name in credentials.into_iter().flatten() {
            if !directives(headers, VARY).any(|known| known.eq_ignore_ascii_case(name.as_str())) {
                headers.append(VARY, HeaderValue::from(name));
            }
        }
        for cookie in self.outbox().drain(..) {
            headers.append(SET_COOKIE, cookie);
        }
    }

    /// Refreshes the session's tokens and the user's claims now; `None` if the provider has ended the login.
    pub(crate) async fn refresh_session(&self, token: &AccessToken) -> Result<Option<UserInfo>, AuthError> {
        let (Some(web), Some(live)) = (self.0.guard.web_part(), self.0.session.get()) else {
            return self.fresh_user_info(token).await.map(Some);
        };
        let Some(mut live) = self.within_patience(web.sessions.refresh(live, &self.0.guard)).await? else {
            self.outbox().push(web.session_cookie_deletion());
            return Ok(None);
        };
        let token = self.0.guard.token_of(web, &live);
        let user_info = self.within_patience(self.0.guard.users().asked(&token)).await?;
        live.record.user_info = user_info.clone();
        web.sessions.save(&live).await?;
        Ok(Some(user_info))
    }

    pub(crate) async fn user_info(&self, token: &AccessToken) -> Result<UserInfo, AuthError> {
        // What was asked in this request is the newest there is; where nobody could be asked, the cache is as good as ever.
        match self.0.fresh_user_info.get() {
            None | Some(Err(AuthError::Unavailable(_))) => {}
            Some(fresh) => return fresh.clone(),
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
        self.note(|state| &state.asked);
        let outcome = match self.0.outcome.get() {
            Some(outcome) => {
                if self.0.refresh == Refresh::Due {
                    self.0.guard.refresh_keys_if_due();
                }
                outcome
            }
            None => self.0.outcome.get_or_init(|| self.validate()).await,
        };
        if outcome.is_ok() {
            self.note(|state| &state.admitted);
        }
        outcome
    }

    /// This attempt, or the one further out, if it is this guard's.
    fn of(&self, guard: &Guard) -> Option<&Self> {
        if self.0.guard.is(guard) { Some(self) } else { self.0.outer.as_ref()?.of(guard) }
    }

    /// Leaves word for the layers further out too: theirs are the headers of the response.
    fn note(&self, flag: fn(&State) -> &AtomicBool) {
        let mut next = Some(self);
        while let Some(Self(state)) = next {
            flag(state).store(true, Ordering::Relaxed);
            next = state.outer.as_ref();
        }
    }

    async fn validate(&self) -> Result<AccessToken, AuthError> {
        match &self.0.credentials {
            Err(error) => Err(error.clone()),
            Ok(Presented::Nothing) => Err(AuthError::MissingCredentials),
            Ok(Presented::Bearer(token)) => {
                let validated = self.within_patience(self.0.guard.validate(token)).await;
                if validated.is_err() {
                    // What is no token at all is a malformed request, not a bad token.
                    b64token(token.expose().as_bytes())?;
                }
                validated
            }
            Ok(Presented::Session(id)) => self.within_patience(self.resume(id.expose())).await,
        }
    }

    /// The session of the cookie, if it is alive. The user's claims come with it.
    async fn resume(&self, id: &str) -> Result<AccessToken, AuthError> {
        let web = self.0.guard.web_part().ok_or(AuthError::MissingCredentials)?;
        let Some(live) = web.sessions.open(id, &self.0.guard).await? else {
            self.outbox().push(web.session_cookie_deletion());
            return Err(AuthError::MissingCredentials);
        };
        let token = self.0.guard.token_of(web, &live);
        // Both are set here alone, once: the outcome is decided once.
        let _ = self.0.user_info.set(Ok(live.record.user_info.clone()));
        let _ = self.0.session.set(Box::new(live));
        Ok(token)
    }

    fn outbox(&self) -> MutexGuard<'_, Vec<HeaderValue>> {
        self.0.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn within_patience<T>(&self, work: impl Future<Output = Result<T, AuthError>>) -> Result<T, AuthError> {
        let mut work = pin!(work);
        // Most work waits for nobody, and then no clock is looked at.
        if let Poll::Ready(result) = poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await {
            return result;
        }
        let began = Instant::now();
        let left = PATIENCE.saturating_sub(Duration::from_millis(self.0.waited.load(Ordering::Relaxed)));
        let result = tokio::time::timeout(left, work).await;
        let waited = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.waited.fetch_add(waited, Ordering::Relaxed);
        result.unwrap_or_else(|_| Err(AuthError::unavailable("request_deadline", crate::keys::RETRY_AFTER)))
    }

    fn refuse(&self, error: AuthError) -> Refusal {
        self.0.guard.refuse(error, &self.0.facts)
    }
}

/// The session cookie of a request to a web application.
///
/// # Security
/// Two cookies of our name (one tossed in by a sibling subdomain) are as none, and deleted. With one, a request that
/// another site caused must not change anything.
fn session_cookie(
    guard: &Guard,
    head: &impl RequestHead,
    outbox: &mut Vec<HeaderValue>,
) -> Result<Presented, AuthError> {
    let Some(web) = guard.web_part() else { return Ok(Presented::Nothing) };
    match find(head.header("cookie"), web.session_cookie()) {
        Found::Absent => Ok(Presented::Nothing),
        Found::Several => {
            outbox.push(web.session_cookie_deletion());
            Ok(Presented::Nothing)
        }
        Found::One(_) if !may_use_cookie(head, web.base.origin()) => Err(AuthError::CrossSite),
        Found::One(id) => Ok(Presented::Session(Secret::from(id))),
    }
}

/// The handler's word stands where it is at least as strict, or where it says that only the browser may keep it. With
/// an argument `private` speaks of single headers, not of the answer (RFC 9111 section 5.2.2.7).
fn has_own_cache_policy(headers: &HeaderMap) -> bool {
    directives(headers, CACHE_CONTROL)
        .any(|directive| directive.eq_ignore_ascii_case("private") || directive.eq_ignore_ascii_case("no-store"))
}

fn directives(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("facts", &self.0.facts)
            .field("decided", &self.0.outcome.initialized())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn atk_s07_only_a_stricter_word_of_the_handler_stands() {
        let rows = [
            ("private", true),
            ("max-age=60, Private", true),
            ("no-store", true),
            ("public, max-age=60", false),
            ("private=\"set-cookie\", public", false),
            ("no-cache", false),
            ("", false),
        ];
        for (value, expected) in rows {
            let headers = HeaderMap::from_iter([(CACHE_CONTROL, value.parse().unwrap())]);
            assert_eq!(has_own_cache_policy(&headers), expected, "{value}");
        }
    }
}
