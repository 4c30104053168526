//! An access token that has been validated.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::ClaimsError;
use crate::access::{AcrLevels, Proof, Requirement, Rules, Unmet};
use crate::clock::Clock;
use crate::error::AuthError;
use crate::json;
use crate::secret::Secret;
use crate::session::Record;

const CONTRADICTION: &str = "no login has two acr values at once: name one, or put both among the guard's acr_values";

/// A **validated** access token. Only validation can make one, so holding one is proof that issuer, audience,
/// lifetime and signature were right when the request was admitted.
///
/// A clone is cheap.
#[derive(Clone)]
pub struct AccessToken(Arc<Facts>);

/// What a short name takes in memory: its place in the list, and the allocator's smallest piece.
const NAME_BYTES: usize = 48;

/// What validation found, and what later judgements need.
pub(crate) struct Facts {
    /// Shared with the attempt that brought it; empty where a session has not kept it.
    pub(crate) raw: Arc<Secret>,
    pub(crate) issuer: Arc<str>,
    pub(crate) subject: Box<str>,
    pub(crate) client_id: Option<Box<str>>,
    pub(crate) scopes: Box<[Box<str>]>,
    pub(crate) permissions: Box<[Box<str>]>,
    pub(crate) acr: Option<Box<str>>,
    pub(crate) auth_time: Option<u64>,
    pub(crate) expires_at: u64,
    /// The claims as JSON, from the strict reader's hands.
    pub(crate) claims: Box<[u8]>,
    pub(crate) judgement: Arc<Judgement>,
}

/// What a session's token needs beside the session.
pub(crate) struct SessionContext<'c> {
    pub(crate) issuer: &'c str,
    pub(crate) client_id: Option<&'c str>,
    pub(crate) ends_at: u64,
    pub(crate) judgement: &'c Arc<Judgement>,
}

/// What a requirement is judged by, beside the token.
#[derive(Debug)]
pub(crate) struct Judgement {
    pub(crate) levels: AcrLevels,
    pub(crate) leeway: Duration,
    pub(crate) clock: Arc<dyn Clock>,
}

impl AccessToken {
    pub(crate) fn new(facts: Facts) -> Self {
        Self(Arc::new(facts))
    }

    /// The facts of a login, as one value with those of a token: made only by a login that was validated.
    pub(crate) fn of_session(record: &Record, context: SessionContext<'_>) -> Self {
        let boxed = |names: &[String]| names.iter().map(|name| name.as_str().into()).collect();
        Self::new(Facts {
            raw: Arc::new(record.access_token.clone().unwrap_or_else(|| Secret::from(""))),
            issuer: context.issuer.into(),
            subject: record.subject.as_str().into(),
            client_id: context.client_id.map(Box::from),
            scopes: boxed(&record.scopes),
            permissions: boxed(&record.permissions),
            acr: record.acr.as_deref().map(Box::from),
            auth_time: record.auth_time,
            expires_at: record.access_expires_at.unwrap_or(context.ends_at),
            claims: record.id_token.payload().into(),
            judgement: Arc::clone(context.judgement),
        })
    }

    /// `iss`: who issued it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// `sub`: the user, or for a machine's token the client itself. Unique only together with the issuer.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The client the token was issued to, where the token says so.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.0.client_id.as_deref()
    }

    /// Whether no user stands behind the token: the client speaks for itself (RFC 9068 section 2.2, `sub` is the
    /// client).
    #[must_use]
    pub fn is_client(&self) -> bool {
        self.client_id() == Some(self.subject())
    }

    /// The granted scopes (RFC 8693 section 4.2).
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.0.scopes.iter().map(|scope| &**scope)
    }

    /// The permissions, from where the provider's profile says they are.
    pub fn permissions(&self) -> impl Iterator<Item = &str> {
        self.0.permissions.iter().map(|permission| &**permission)
    }

    /// Whether this very scope was granted: exact and case-sensitive.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().any(|granted| granted == scope)
    }

    /// Whether this very permission is there: exact and case-sensitive.
    #[must_use]
    pub fn has_permission(&self, permission: &str) -> bool {
        self.permissions().any(|held| held == permission)
    }

    /// `acr`: how strongly the user was authenticated (OpenID Connect Core section 2).
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        self.0.acr.as_deref()
    }

    /// `auth_time`: when the user was authenticated, in seconds since the Unix epoch.
    #[must_use]
    pub fn auth_time(&self) -> Option<u64> {
        self.0.auth_time
    }

    /// `exp`: when the token dies, in seconds since the Unix epoch.
    #[must_use]
    pub fn expires_at(&self) -> u64 {
        self.0.expires_at
    }

    /// The raw token, where there still is one. Forward it to nobody: a service that needs a token for another
    /// service exchanges it (RFC 8693).
    #[must_use]
    pub fn secret(&self) -> Option<&Secret> {
        Some(&*self.0.raw).filter(|raw| !raw.expose().is_empty())
    }

    /// One claim as the type you need; `None` where it is absent or of another type. Each call reads the claims
    /// anew: where you need several, take them at once with [`claims`](Self::claims).
    #[must_use]
    pub fn claim<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        json::member(&self.0.claims, name)
    }

    /// All claims as your own type.
    ///
    /// # Errors
    /// Returns serde's message when the claims do not fit the type. It may quote a value of the claims.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, ClaimsError> {
        serde_json::from_slice(&self.0.claims).map_err(ClaimsError::new)
    }

    /// Whether the token satisfies a requirement that is known only at run time.
    ///
    /// ```
    /// # use portcullis::{AccessToken, requirement::{all, permission, scope}};
    /// fn may_enter(token: &AccessToken, castle: &str) -> bool {
    ///     token.satisfies(&all(&[scope("castles"), permission(&format!("enter:{castle}"))]))
    /// }
    /// ```
    #[must_use]
    pub fn satisfies(&self, requirement: &Requirement<'_>) -> bool {
        self.judge(requirement).is_ok()
    }

    pub(crate) fn judge(&self, requirement: &Requirement<'_>) -> Result<(), AuthError> {
        let proof = Proof {
            scopes: &self.0.scopes,
            permissions: &self.0.permissions,
            acr: self.acr(),
            auth_time: self.0.auth_time,
        };
        let judgement = &self.0.judgement;
        let rules = Rules { levels: &judgement.levels, clock: &*judgement.clock, leeway: judgement.leeway.as_secs() };
        requirement.judge(&proof, &rules).map_err(|unmet| {
            let contradiction = (unmet == Unmet::NeverSatisfied).then_some(CONTRADICTION);
            if let Some(mistake) = requirement.mistake().or(contradiction) {
                tracing::error!(target: "portcullis::requirement", %requirement, "{mistake}");
            }
            AuthError::from(unmet)
        })
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn memory(&self) -> usize {
        let names = self.0.scopes.len() + self.0.permissions.len();
        self.raw().len() + self.0.claims.len() + names * NAME_BYTES
    }

    pub(crate) fn shared_raw(&self) -> &Arc<Secret> {
        &self.0.raw
    }

    pub(crate) fn raw(&self) -> &str {
        self.0.raw.expose()
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("issuer", &self.issuer())
            .field("subject", &self.subject())
            .field("client_id", &self.client_id())
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}
