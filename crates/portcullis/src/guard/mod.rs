//! What an application configures once and clones into its state.

mod build;
mod builder;
mod environment;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use serde::Serialize;

pub use self::builder::GuardBuilder;
use self::environment::Process;
use crate::error::{AuthError, BuildError};
use crate::provider::document::Refresh;
use crate::provider::{IssuerStatus, Provider, ProviderBuilder};
use crate::reply::Refusal;
use crate::request::{Attempt, RequestFacts, RequestHead};
use crate::secret::Secret;
use crate::token::{AccessToken, TokenPolicy, VerifiedTokens};
use crate::userinfo::UserInfoSource;

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
    policy: TokenPolicy,
    verified: VerifiedTokens,
    users: UserInfoSource,
    on_reject: Option<RejectHook>,
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
        self.0.verified.find(token, self.0.provider.keys(), &self.0.policy)
    }

    pub(crate) fn refresh_keys_if_due(&self) {
        self.0.provider.keys().refresh_if_due();
    }

    pub(crate) async fn validate(&self, token: &Arc<Secret>) -> Result<AccessToken, AuthError> {
        let (validated, key) = self.0.policy.validate(self.0.provider.keys(), token).await?;
        self.0.verified.insert(&validated, key);
        Ok(validated)
    }

    pub(crate) fn users(&self) -> &UserInfoSource {
        &self.0.users
    }

    pub(crate) fn has_reject_hook(&self) -> bool {
        self.0.on_reject.is_some()
    }

    /// Makes the reply to a refused request and says in the log what the wire does not.
    pub(crate) fn refuse(&self, error: AuthError, facts: &RequestFacts) -> Refusal {
        log_refusal(&error);
        let reply = Refusal::default_reply(&error);
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
            .field("issuer", &self.0.policy.issuer)
            .field("audience", &self.0.policy.audience)
            .field("profile", &self.0.policy.profile.name())
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
