//! The settings of a guard.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;

use super::RejectHook;
use crate::access::AcrLevels;
use crate::clock::Clock;
use crate::error::AuthError;
use crate::provider::{ClientAuth, IdTokenAlg, Profile, ProviderBuilder, ResponseMode};
use crate::request::RequestFacts;
use crate::secret::Secret;
use crate::session::{SessionKind, SessionStore};
use crate::token::Algorithm;
use crate::transport::HttpClient;
use crate::userinfo::UserInfoCache;
use crate::web::{PageHook, WebPage};

/// Sets up a [`Guard`](super::Guard). What [`Guard::api_from_env`](super::Guard::api_from_env) reads has the same name
/// here: `PORTCULLIS_ACR_VALUES` is `acr_values`. Parts of your own (cache, transport, clock, hooks), `auth_path` and the
/// durations `max_stale`, `user_info_ttl` and `session_limits` are set in code only.
#[derive(Default)]
#[must_use]
pub struct GuardBuilder {
    pub(super) provider: ProviderBuilder,
    pub(super) is_web: bool,
    pub(super) base_url: Option<String>,
    pub(super) sessions: Option<SessionKind>,
    pub(super) session_store: Option<Arc<dyn SessionStore>>,
    pub(super) cookie_keys: Option<Secret>,
    pub(super) asks_user_info: Option<bool>,
    pub(super) ends_session_by_post: bool,
    pub(super) session_limits: Option<(Duration, Duration)>,
    pub(super) response_mode: ResponseMode,
    pub(super) auth_path: Option<String>,
    pub(super) on_page: Option<PageHook>,
    pub(super) audience: Option<String>,
    pub(super) acr_values: Option<AcrLevels>,
    pub(super) algorithms: Option<Vec<Algorithm>>,
    pub(super) user_info_ttl: Option<Duration>,
    pub(super) user_info_cache: Option<Arc<dyn UserInfoCache>>,
    pub(super) access_token_cookie: Option<String>,
    pub(super) on_reject: Option<RejectHook>,
}

impl GuardBuilder {
    /// The issuer identifier, compared byte for byte: `https://id.example.com` and `https://id.example.com/` differ.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.provider = self.provider.issuer(issuer);
        self
    }

    pub(super) fn for_web() -> Self {
        Self { is_web: true, ..Self::default() }
    }

    /// The public address of a web application: https, or plain http on loopback; with a path where the application has
    /// not the whole host.
    ///
    /// # Security
    /// Cookie flags, redirect URIs and the rule for requests of other sites follow it; `Host` and `X-Forwarded-*` are
    /// never read. All applications of a host get each other's cookies, whatever their paths: share one only with what
    /// you trust.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// Where sessions are kept: in memory if not set. With [`SessionKind::Cookie`] set `cookie_keys` too.
    ///
    /// # Security
    /// What a logout reaches depends on it: see [`SessionKind::Cookie`].
    pub fn sessions(mut self, kind: SessionKind) -> Self {
        self.sessions = Some(kind);
        self
    }

    /// A store of your own for sessions, such as one that several processes share. It goes with
    /// [`SessionKind::Memory`], and is a problem at `build()` with [`SessionKind::Cookie`].
    pub fn session_store(mut self, store: impl SessionStore) -> Self {
        self.session_store = Some(Arc::new(store));
        self
    }

    /// How long a session lives without a request, and at most: 12 hours and 7 days if not set. Use is noted in
    /// twentieths of the first, to save writes.
    pub fn session_limits(mut self, idle: Duration, absolute: Duration) -> Self {
        self.session_limits = Some((idle, absolute));
        self
    }

    /// The keys that seal cookies, newest first: base64url values of at least 32 bytes each, separated by spaces. Random
    /// at start if not set: logins that are on their way, and sessions in cookies, end with the process then.
    ///
    /// Every process of an application needs the same ones, since a login may end at another process than it began at.
    ///
    /// # Security
    /// Who has them can forge sessions that are kept in cookies. The newest seals, all of them open: a key that is
    /// taken out ends what it has sealed.
    pub fn cookie_keys(mut self, keys: impl Into<Secret>) -> Self {
        self.cookie_keys = Some(keys.into());
        self
    }

    /// Whether the user's claims are asked from the provider at login; if not, they are those of the ID token.
    pub fn user_info_at_login(mut self, asks: bool) -> Self {
        self.asks_user_info = Some(asks);
        self
    }

    /// The name of a cookie that holds an access token, for applications that keep one there by themselves. It is
    /// validated like a bearer token; `Authorization` and a session of ours go before it. Needs an audience, and the
    /// base URL for what follows.
    ///
    /// # Security
    /// Browsers attach cookies by themselves: an unsafe request with this one must come from the base URL's own origin
    /// (CSRF). Set the cookie `HttpOnly`, `Secure` and with a `__Host-` name.
    pub fn access_token_cookie(mut self, name: impl Into<String>) -> Self {
        self.access_token_cookie = Some(name.into());
        self
    }

    /// How the provider's answer to a login travels; in the query if not set. An answer that comes in another way is
    /// refused.
    pub fn response_mode(mut self, mode: ResponseMode) -> Self {
        self.response_mode = mode;
        self
    }

    /// Where the application has the library's routes; below `/auth` if not set. The redirect URIs that the provider
    /// knows follow: `<base_url><auth_path>/callback` and `<base_url><auth_path>/logged-out`.
    pub fn auth_path(mut self, path: impl Into<String>) -> Self {
        self.auth_path = Some(path.into());
        self
    }

    /// Puts pages of the application in the place of the library's own (signed out, login refused, and the like), once
    /// for all frameworks. The hook receives what the page says and the library's response, and returns the one to
    /// send; what it leaves alone, such as the status, stays right. Cookies and `no-store` stay whatever it returns.
    ///
    /// ```
    /// # use portcullis::Guard;
    /// let guard = Guard::web("https://id.example.com", "castles", "https://castles.example")
    ///     .on_page(|page, response| response.map(|_| format!("{}: {}", page.code().as_str(), page.text()).into()))
    ///     .build()?;
    /// # Ok::<(), portcullis::BuildError>(())
    /// ```
    pub fn on_page<F>(mut self, hook: F) -> Self
    where
        F: Fn(&WebPage, Response<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    {
        self.on_page = Some(Arc::new(hook));
        self
    }

    /// Whether a logout goes on to the provider by a form that the browser posts (OpenID Connect RP-Initiated Logout
    /// 1.0 section 2), instead of by a redirect: for ID tokens that are too long for a URL, or that no log of URLs
    /// shall see. Only where the provider's logout is the standard one; not if not set.
    ///
    /// A provider on another site whose own cookie is `SameSite=Lax` does not get it with a form: it then has to find
    /// the session by the `id_token_hint`, or asks its user once more.
    pub fn end_session_by_post(mut self, by_post: bool) -> Self {
        self.ends_session_by_post = by_post;
        self
    }

    /// What an access token's `aud` must contain.
    ///
    /// # Security
    /// Without it every token of the same provider would do, those made for other APIs included.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// The client id at the provider; the audience where the profile says so.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.provider = self.provider.client_id(client_id);
        self
    }

    /// The client secret; without one the client is public, or authenticates with a private key.
    pub fn client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.provider = self.provider.client_secret(secret);
        self
    }

    /// How the client authenticates; decided by what it has and what the provider lists if not set.
    pub fn client_auth(mut self, method: ClientAuth) -> Self {
        self.provider = self.provider.client_auth(method);
        self
    }

    /// The client's private keys, as a JWK set in JSON.
    pub fn client_keys(mut self, private_jwk_set: impl Into<Secret>) -> Self {
        self.provider = self.provider.client_keys(private_jwk_set);
        self
    }

    /// The scopes asked for at login.
    pub fn scopes<I>(mut self, scopes: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.provider = self.provider.scopes(scopes);
        self
    }

    /// The algorithm of ID tokens, as registered.
    pub fn id_token_alg(mut self, algorithm: IdTokenAlg) -> Self {
        self.provider = self.provider.id_token_alg(algorithm);
        self
    }

    /// The provider's profile; [`Profile::GENERIC`] if not set.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.provider = self.provider.profile(profile);
        self
    }

    /// The accepted authentication levels, weakest first; the profile's if not set. `Acr::STRONG` is the last one.
    pub fn acr_values<I>(mut self, levels: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.acr_values = Some(AcrLevels::new(levels));
        self
    }

    /// The signature algorithms of access tokens; all of [`Algorithm::ALL`] if not set.
    pub fn algorithms(mut self, algorithms: impl Into<Vec<Algorithm>>) -> Self {
        self.algorithms = Some(algorithms.into());
        self
    }

    /// How far the provider's clock may be off: 60 s if not set, at most 300 s.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.provider = self.provider.leeway(leeway);
        self
    }

    /// Where the provider is reached from here, if not at the issuer. Every request of ours then goes to its scheme
    /// and authority, with the path and query of the endpoint that the metadata announces.
    pub fn internal_url(mut self, url: impl Into<String>) -> Self {
        self.provider = self.provider.internal_url(url);
        self
    }

    /// The `Host` header of our requests to the provider, if it differs from the address.
    pub fn internal_host(mut self, host: impl Into<String>) -> Self {
        self.provider = self.provider.internal_host(host);
        self
    }

    /// Certificates to trust beside the system's, in PEM.
    pub fn ca(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.provider = self.provider.ca(pem);
        self
    }

    /// For how long past their lifetime keys are used while the provider cannot be reached: 1 h if not set; zero for
    /// never.
    pub fn max_stale(mut self, max_stale: Duration) -> Self {
        self.provider = self.provider.max_stale(max_stale);
        self
    }

    /// For how long a user's claims are good: 5 min if not set, and never longer than the token they were fetched
    /// with.
    pub fn user_info_ttl(mut self, ttl: Duration) -> Self {
        self.user_info_ttl = Some(ttl);
        self
    }

    /// The settings of the provider all at once, in place of what was set before: an application that logs users in
    /// and protects an API shares them.
    pub fn provider(mut self, provider: ProviderBuilder) -> Self {
        self.provider = provider;
        self
    }

    /// Where users' claims are kept; in memory if not set.
    pub fn user_info_cache(mut self, cache: impl UserInfoCache) -> Self {
        self.user_info_cache = Some(Arc::new(cache));
        self
    }

    /// The transport to the provider; `reqwest` if not set. `ca` is then the transport's own business.
    pub fn http_client(mut self, client: impl HttpClient) -> Self {
        self.provider = self.provider.http_client(client);
        self
    }

    /// The clock; the system's if not set.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.provider = self.provider.clock(clock);
        self
    }

    /// Changes the reply to refused requests, once for all frameworks. The hook receives the library's reply, with
    /// status, challenge and `Retry-After`, and returns the one to send; what it leaves alone stays right.
    ///
    /// ```
    /// # use portcullis::Guard;
    /// let guard = Guard::api("https://id.example.com", "https://api.example.com")
    ///     .on_reject(|error, _facts, reply| reply.map(|_| format!("refused: {}", error.code()).into()))
    ///     .build()?;
    /// # Ok::<(), portcullis::BuildError>(())
    /// ```
    pub fn on_reject<F>(mut self, hook: F) -> Self
    where
        F: Fn(&AuthError, &RequestFacts, Response<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    {
        self.on_reject = Some(Box::new(hook));
        self
    }

    /// Whether an issuer is set: an application may bring a development provider where it is not.
    #[must_use]
    pub fn has_issuer(&self) -> bool {
        self.provider.issuer.is_some()
    }

    /// Whether a base URL is set.
    #[must_use]
    pub fn has_base_url(&self) -> bool {
        self.base_url.is_some()
    }

    /// Whether authentication levels are configured, by the setting or by the profile.
    #[must_use]
    pub fn has_acr_values(&self) -> bool {
        self.acr_values.is_some() || !self.provider.chosen_profile().acr_values.is_empty()
    }
}

impl fmt::Debug for GuardBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardBuilder")
            .field("provider", &self.provider)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}
