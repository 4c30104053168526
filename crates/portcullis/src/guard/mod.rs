//! What an application configures once and clones into its state.

mod build;
mod build_web;
mod builder;
mod environment;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Response};
use serde::Serialize;

pub use self::builder::GuardBuilder;
use self::environment::Process;
use crate::error::{AuthError, BuildError, InvalidToken};
use crate::provider::document::Refresh;
use crate::provider::{IssuerStatus, Provider, ProviderBuilder};
use crate::reply::Refusal;
use crate::request::{Attempt, RequestFacts, RequestHead, b64token};
use crate::secret::Secret;
use crate::session::Live;
use crate::token::{AccessToken, Judgement, SessionContext, TokenPolicy, VerifiedTokens};
use crate::userinfo::UserInfoSource;
use crate::web::{BaseUrl, Found, Visit, Web, WebRoute, find};

/// Admits or refuses requests: configured once, then cloned into the application's state. A clone shares everything.
///
/// ```
/// use portcullis::Guard;
///
/// let guard = Guard::api("https://id.example.com", "https://api.example.com").build()?;
/// # Ok::<(), portcullis::BuildError>(())
/// ```
///
/// The provider is asked when a request first needs it: an application starts, and stays up, without it.
#[derive(Clone)]
pub struct Guard(Arc<Shared>);

struct Shared {
    provider: Provider,
    /// `None` for a web application without an audience: it accepts no bearer tokens.
    policy: Option<TokenPolicy>,
    judgement: Arc<Judgement>,
    web: Option<Web>,
    verified: VerifiedTokens,
    users: UserInfoSource,
    access_token_cookie: Option<AccessTokenCookie>,
    on_reject: Option<RejectHook>,
}

/// A cookie of the application's own that holds an access token, and whose pages may use it.
struct AccessTokenCookie {
    name: String,
    base: BaseUrl,
}

/// Changes the reply to a refused request: receives the error, a few facts, and the library's own reply.
pub(crate) type RejectHook = Box<dyn Fn(&AuthError, &RequestFacts, Response<Bytes>) -> Response<Bytes> + Send + Sync>;

/// What a status page may say about a guard. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct GuardStatus {
    /// One entry per issuer.
    pub issuers: Vec<IssuerStatus>,
}

impl Guard {
    /// Starts a guard for an API: requests bring bearer tokens of this issuer, made for this audience.
    ///
    /// The issuer is compared byte for byte. The audience is what a token's `aud` must contain.
    pub fn api(issuer: impl Into<String>, audience: impl Into<String>) -> GuardBuilder {
        GuardBuilder::default().issuer(issuer).audience(audience)
    }

    /// Starts a guard for a web application: browsers log in and have a session. `base_url` is the application's public
    /// address; the provider knows `<base_url>/auth/callback` and `<base_url>/auth/logged-out`.
    ///
    /// Bearer tokens are accepted too once [`GuardBuilder::audience`] is set.
    pub fn web(issuer: impl Into<String>, client_id: impl Into<String>, base_url: impl Into<String>) -> GuardBuilder {
        GuardBuilder::for_web().issuer(issuer).client_id(client_id).base_url(base_url)
    }

    /// Starts a guard for a web application from the `PORTCULLIS_*` environment variables. Everything may still be set
    /// or replaced in code before `build`.
    ///
    /// # Errors
    /// Returns every variable that cannot be read, together with what would be wrong at `build()`.
    pub fn web_from_env() -> Result<GuardBuilder, BuildError> {
        environment::read_web(&Process)
    }

    /// Starts a guard for an API from the `PORTCULLIS_*` environment variables. Everything may still be set or
    /// replaced in code before [`GuardBuilder::build`].
    ///
    /// # Errors
    /// Returns every variable that cannot be read, together with what would be wrong at `build()`.
    pub fn api_from_env() -> Result<GuardBuilder, BuildError> {
        environment::read(&Process)
    }

    /// The request's attempt to be admitted: resumes the one that the request carries for this guard, or begins one.
    /// Borrows the request only here, asks nobody, and needs no runtime.
    pub fn attempt(&self, head: &impl RequestHead) -> Attempt {
        Attempt::begin(self, head)
    }

    /// A request to one of the library's own routes, for an adapter to serve.
    pub fn visit(&self, route: WebRoute, head: &impl RequestHead, body: &Bytes) -> Visit {
        Visit::new(self, route, head, body)
    }

    /// Serves a request to one of the library's own routes. `body` reads its body, no further than
    /// [`Visit::MAX_BODY_BYTES`]: one that it fails to read, or takes too long for, is answered 413.
    pub async fn serve<E>(
        &self,
        route: WebRoute,
        head: &impl RequestHead,
        body: impl Future<Output = Result<Bytes, E>>,
    ) -> Response<Bytes> {
        let visit = match Visit::read(body).await {
            Some(body) => self.visit(route, head, &body),
            None => self.visit(route, head, &Bytes::new()).with_unread_body(),
        };
        visit.serve().await
    }

    /// The library's own routes of a web application, and where its router has them; none for an API. What else is
    /// below [`auth_path`](Self::auth_path) is [`WebRoute::Unknown`].
    pub fn web_routes(&self) -> impl Iterator<Item = (WebRoute, String)> {
        let routes = |web: &Web| WebRoute::ALL.iter().map(|&route| (route, web.base.route(route))).collect::<Vec<_>>();
        self.0.web.as_ref().map(routes).unwrap_or_default().into_iter()
    }

    /// The path below which the library's own routes of a web application are: `/auth`, or what the setting says.
    #[must_use]
    pub fn auth_path(&self) -> Option<&str> {
        self.0.web.as_ref().map(|web| web.base.auth_path())
    }

    /// The provider that this guard trusts.
    #[must_use]
    pub fn provider(&self) -> &Provider {
        &self.0.provider
    }

    /// How current the keys of each issuer are.
    #[must_use]
    pub fn status(&self) -> GuardStatus {
        GuardStatus { issuers: vec![self.0.provider.status()] }
    }

    /// Whether this is the same guard: made by the same `build()`.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn verified_before(&self, token: &[u8]) -> Option<(AccessToken, Refresh)> {
        self.0.verified.find(token, self.0.provider.keys(), self.0.policy.as_ref()?)
    }

    pub(crate) fn refresh_keys_if_due(&self) {
        self.0.provider.keys().refresh_if_due();
    }

    pub(crate) async fn validate(&self, token: &Arc<Secret>) -> Result<AccessToken, AuthError> {
        let policy = self.0.policy.as_ref().ok_or(InvalidToken::Audience)?;
        let (validated, key) = policy.validate(self.0.provider.keys(), token).await?;
        self.0.verified.insert(&validated, key);
        Ok(validated)
    }

    pub(crate) fn users(&self) -> &UserInfoSource {
        &self.0.users
    }

    pub(crate) fn accepts_bearer(&self) -> bool {
        self.0.policy.is_some()
    }

    pub(crate) fn web_part(&self) -> Option<&Web> {
        self.0.web.as_ref()
    }

    /// The token and the user of a live session.
    pub(crate) fn token_of(&self, web: &Web, live: &Live) -> AccessToken {
        AccessToken::of_session(
            &live.record,
            SessionContext {
                issuer: self.0.provider.issuer(),
                client_id: self.0.provider.client_id(),
                ends_at: web.sessions.ends_at(&live.record),
                judgement: &self.0.judgement,
            },
        )
    }

    /// The access token in the application's own cookie, with the origin that may use it. Two of them are as none.
    pub(crate) fn access_token_cookie(&self, head: &impl RequestHead) -> Result<Option<(Secret, &str)>, AuthError> {
        let Some(cookie) = &self.0.access_token_cookie else { return Ok(None) };
        match find(head.header("cookie"), &cookie.name) {
            Found::Absent | Found::Several | Found::One("") => Ok(None),
            Found::One(token) => Ok(Some((Secret::from(b64token(token.as_bytes())?), cookie.base.origin()))),
        }
    }

    /// Whether answers depend on cookies.
    pub(crate) fn reads_cookies(&self) -> bool {
        self.0.web.is_some() || self.0.access_token_cookie.is_some()
    }

    /// Whether somebody will want to know the request's path: a hook, or the way back after a login.
    pub(crate) fn wants_path(&self) -> bool {
        self.0.on_reject.is_some() || self.0.web.is_some()
    }

    /// Makes the reply to a refused request and says in the log what the wire does not.
    pub(crate) fn refuse(&self, error: AuthError, facts: &RequestFacts) -> Refusal {
        log_refusal(&error);
        let reply = match &self.0.web {
            Some(web) if facts.may_log_in() && error.may_be_mended_by_login() => {
                // What a form has sent would be lost on the way round: only a `GET` is sent there.
                let leads_on = facts.is_navigation() && facts.method() == Method::GET;
                Refusal::login_reply(&error, &web.login_url(&error, facts), leads_on)
            }
            Some(web) if facts.is_navigation() && matches!(error, AuthError::Unavailable(_)) => {
                web.unavailable_reply(&Refusal::default_reply(&error))
            }
            _ => Refusal::default_reply(&error),
        };
        let reply = match &self.0.on_reject {
            Some(hook) => hook(&error, facts, reply),
            None => reply,
        };
        Refusal::new(error, reply)
    }
}

fn log_refusal(error: &AuthError) {
    let (code, reason) = (error.code(), error.reason());
    match error {
        AuthError::Wiring(_) => tracing::error!(target: "portcullis::refusal", code, reason, "{error}"),
        AuthError::Unavailable(_) | AuthError::AcrNotConfigured => {
            tracing::warn!(target: "portcullis::refusal", code, reason, "{error}");
        }
        AuthError::InvalidToken(invalid) => {
            let hint = invalid.hint();
            tracing::info!(target: "portcullis::refusal", code, reason, hint, "{error}");
        }
        AuthError::MissingCredentials => tracing::debug!(target: "portcullis::refusal", code, reason, "{error}"),
        _ => tracing::info!(target: "portcullis::refusal", code, reason, "{error}"),
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("provider", &self.0.provider)
            .field("audience", &self.0.policy.as_ref().map(|policy| &policy.audience))
            .field("web", &self.0.web)
            .finish_non_exhaustive()
    }
}

impl Provider {
    /// Starts a provider from the `PORTCULLIS_*` environment variables. Everything may still be set or replaced in
    /// code before `build()`.
    ///
    /// # Errors
    /// Returns every variable that cannot be read, together with what would be wrong at `build()`.
    pub fn from_env() -> Result<ProviderBuilder, BuildError> {
        environment::read_provider(&Process)
    }
}
