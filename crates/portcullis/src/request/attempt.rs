//! The request's one attempt to be admitted.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::Duration;

use http::header::{AUTHORIZATION, CACHE_CONTROL, COOKIE, HeaderValue, SET_COOKIE, VARY};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::credentials::{b64token, bearer_token, unread_token};
use super::facts::RequestFacts;
use super::head::RequestHead;
use super::outbox::Outbox;
use super::response_headers::{ResponseHeaders, directives, has_own_cache_policy};
use crate::access::Require;
use crate::error::AuthError;
use crate::guard::Guard;
use crate::principal::{Admission, FromAuth};
use crate::provider::document::Refresh;
use crate::reply::Refusal;
use crate::secret::Secret;
use crate::session::{Granted, Live, claimed_by, granted_permissions};
use crate::token::AccessToken;
use crate::userinfo::UserInfo;
use crate::web::{SessionCookie, Web, is_navigation, may_use_cookie};

const NO_OUTLET: &str = "sessions are kept in cookies, and nothing takes cookies to the response: add attach(&guard) as \
                         the outermost layer, or call promise_write_back and write_back around your handler";

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
    outbox: Outbox,
}

/// What the request brought.
enum Presented {
    Nothing,
    Bearer(Arc<Secret>),
    /// The value of our session cookie.
    Session(Secret),
    /// Session cookies that do not count, and are deleted.
    Unusable,
}

impl Attempt {
    /// Resumes the attempt that the request carries for this guard, or begins one. Borrows the request only here.
    pub(crate) fn begin(guard: &Guard, head: &impl RequestHead) -> Self {
        let carried = head.extension::<Self>();
        if let Some(attempt) = carried.as_ref().and_then(|attempt| attempt.of(guard)) {
            return attempt.clone();
        }
        let mut facts = RequestFacts::of(head, guard.wants_path());
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
                facts = facts.without_bearer(guard.web_part().is_some() && is_navigation(head));
                cookie_credentials(guard, head)
            }
            Err(error) => Err(error),
        };
        let is_unusable = matches!(credentials, Ok(Presented::Unusable));
        let attempt = Self(Arc::new(State {
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
            outbox: Outbox::default(),
        }));
        if let (true, Some(web)) = (is_unusable, guard.web_part()) {
            attempt.forget_session(web);
        }
        attempt
    }

    /// Promises that [`write_back`](Self::write_back) will be called with the headers of the response: the attempt may
    /// then admit sessions that are kept in cookies, which change on the way. `attach` does this; only a framework
    /// without an adapter has to, before the attempt is asked. Without it such a session is a wiring error, 500.
    ///
    /// # Security
    /// A promise that is not kept leaves a browser with tokens that are used up, or with a cookie that should go.
    pub fn promise_write_back(&self) {
        self.0.outbox.open();
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

    /// Whether [`write_back`](Self::write_back) has anything to say: where an error has no headers it may stay one else.
    #[must_use]
    pub fn has_write_back(&self) -> bool {
        self.0.asked.load(Ordering::Relaxed)
    }

    /// What a refusal may be told about the request.
    #[must_use]
    pub fn facts(&self) -> &RequestFacts {
        &self.0.facts
    }

    /// Completes the headers of the response: what depends on credentials says so to caches (RFC 9111), and cookies
    /// that changed on the way are set or deleted. To be called once, for refusals and failed handlers too.
    ///
    /// # Security
    /// A shared cache that stores a user's page would serve it to others (CVE-2025-48947). `no-store` is added to
    /// the answers of an authenticated request unless the handler decided by itself; `Vary` to all that asked. It does
    /// not matter which guard asked: one that guards a part of the application counts here too.
    pub fn write_back(&self, headers: &mut impl ResponseHeaders) {
        self.0.outbox.close();
        if !self.0.asked.load(Ordering::Relaxed) {
            return;
        }
        if self.0.admitted.load(Ordering::Relaxed) && !has_own_cache_policy(headers) {
            headers.replace(&CACHE_CONTROL, &HeaderValue::from_static("no-store"));
        }
        let credentials = [Some(AUTHORIZATION), self.0.guard.reads_cookies().then_some(COOKIE)];
        for name in credentials.into_iter().flatten() {
            if !directives(headers, &VARY).any(|known| known.eq_ignore_ascii_case(name.as_str())) {
                headers.add(&VARY, &HeaderValue::from(name));
            }
        }
        for cookie in self.0.outbox.take() {
            headers.add(&SET_COOKIE, &cookie);
        }
    }

    /// Refreshes the session's tokens and the user's claims now; `None` if the provider has ended the login.
    pub(crate) async fn refresh_session(&self, token: &AccessToken) -> Result<Option<UserInfo>, AuthError> {
        let (Some(web), Some(live)) = (self.0.guard.web_part(), self.0.session.get()) else {
            return self.fresh_user_info(token).await.map(Some);
        };
        match self.within_patience(web.sessions.refresh(live, &self.0.guard)).await? {
            Some(live) => self.within_patience(self.asked_for_session(web, live)).await.map(Some),
            None => {
                self.forget_session(web);
                Ok(None)
            }
        }
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
        let asked = async {
            match (self.0.guard.web_part(), self.0.session.get()) {
                (Some(web), Some(live)) => {
                    let live = self.with_access_token(web, live).await?;
                    self.asked_for_session(web, live).await
                }
                _ => self.0.guard.users().asked(token).await,
            }
        };
        self.0.fresh_user_info.get_or_init(|| self.within_patience(asked)).await.clone()
    }

    /// The session with an access token to ask with: a refresh brings one where it was not kept.
    async fn with_access_token(&self, web: &Web, live: &Live) -> Result<Live, AuthError> {
        if live.record.access_token.is_some() {
            return Ok(live.clone());
        }
        let refreshed = web.sessions.refresh(live, &self.0.guard).await?;
        refreshed.ok_or_else(|| {
            self.forget_session(web);
            AuthError::MissingCredentials
        })
    }

    /// The claims of the session's user, asked anew; the session has them from then on.
    async fn asked_for_session(&self, web: &Web, mut live: Live) -> Result<UserInfo, AuthError> {
        let token = self.0.guard.token_of(web, &live);
        if token.secret().is_none() {
            return Err(AuthError::unavailable("access_token_not_kept", crate::keys::RETRY_AFTER));
        }
        let user_info = self.0.guard.users().asked(&token).await?;
        if live.record.user_info != user_info {
            live.record.user_info = user_info.clone();
            let granted = granted_permissions(&self.0.guard, &Secret::from(token.raw()), None, Some(&user_info)).await;
            live.record.permissions = match granted {
                Granted::Permissions(permissions) => permissions,
                Granted::Unsaid => claimed_by(&live.record.id_token.restore()).unwrap_or_default(),
                Granted::Unknown => live.record.permissions,
            };
            // Whoever has changed or ended the session meanwhile knows better.
            if let Some(saved) = web.sessions.save(&live).await? {
                live = saved;
            }
        }
        self.keep_session(live);
        Ok(user_info)
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
            Ok(Presented::Nothing | Presented::Unusable) => Err(AuthError::MissingCredentials),
            Ok(Presented::Bearer(token)) => {
                let validated = self.within_patience(self.0.guard.validate(token)).await;
                if validated.is_err() {
                    // What is no token at all is a malformed request, not a bad token.
                    b64token(token.expose().as_bytes())?;
                }
                validated
            }
            Ok(Presented::Session(session)) => self.within_patience(self.resume(session.expose())).await,
        }
    }

    /// The session of the cookie, if it is alive. The user's claims come with it.
    async fn resume(&self, value: &str) -> Result<AccessToken, AuthError> {
        let web = self.0.guard.web_part().ok_or(AuthError::MissingCredentials)?;
        if !web.sessions.are_kept_here() && self.outlet().is_none() {
            return Err(AuthError::Wiring(NO_OUTLET));
        }
        let Some(live) = web.sessions.open(value, &self.0.guard).await? else {
            self.forget_session(web);
            return Err(AuthError::MissingCredentials);
        };
        let token = self.0.guard.token_of(web, &live);
        // Both are set here alone, once: the outcome is decided once.
        let _ = self.0.user_info.set(Ok(live.record.user_info.clone()));
        self.keep_session(live.clone());
        let _ = self.0.session.set(Box::new(live));
        Ok(token)
    }

    fn forget_session(&self, web: &Web) {
        self.outlet().unwrap_or(self).0.outbox.forget_session(&self.0.guard, web);
    }

    /// The browser is told at the end what it has to keep then.
    fn keep_session(&self, live: Live) {
        if let Some(outlet) = self.outlet() {
            outlet.0.outbox.keep_session(&self.0.guard, live);
        }
    }

    /// The nearest attempt, this one or one further out, whose headers reach the response.
    fn outlet(&self) -> Option<&Self> {
        if self.0.outbox.is_open() { Some(self) } else { self.0.outer.as_ref()?.outlet() }
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

/// The cookie of a request that counts as its credentials: the session's, or one with an access token.
///
/// # Security
/// Two cookies of one name (one tossed in by a sibling subdomain) are as none. With a cookie, a request that another
/// site caused must not change anything.
fn cookie_credentials(guard: &Guard, head: &impl RequestHead) -> Result<Presented, AuthError> {
    let session = guard.web_part().map(|web| (web, web.presented_session(head.header("cookie"))));
    let (presented, origin) = match session {
        Some((web, SessionCookie::Value(session))) => (Presented::Session(session), web.base.origin()),
        Some((_, SessionCookie::Unusable)) => return Ok(Presented::Unusable),
        Some((_, SessionCookie::Absent)) | None => match guard.access_token_cookie(head)? {
            Some((token, origin)) => (Presented::Bearer(Arc::new(token)), origin),
            None => return Ok(Presented::Nothing),
        },
    };
    if may_use_cookie(head, origin) { Ok(presented) } else { Err(AuthError::CrossSite) }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("facts", &self.0.facts)
            .field("decided", &self.0.outcome.initialized())
            .finish_non_exhaustive()
    }
}
