//! An access token that has been validated.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::jws;
use super::texts::{Said, Texts};
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

/// What validation found, and what later judgements need.
pub(super) struct Facts {
    /// Shared with the attempt that brought it; empty where a session has not kept it.
    pub(super) raw: Arc<Secret>,
    pub(super) issuer: Arc<str>,
    pub(super) texts: Texts,
    pub(super) claims: Claims,
    pub(super) auth_time: Option<u64>,
    pub(super) expires_at: u64,
    pub(super) judgement: Arc<Judgement>,
}

/// Where the claims are, which were validated as JSON.
pub(super) enum Claims {
    /// In the raw token: few are asked for, so a second copy of each token's is not kept.
    InToken,
    Here(Box<[u8]>),
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
    pub(super) fn new(facts: Facts) -> Self {
        Self(Arc::new(facts))
    }

    /// The facts of a login, as one value with those of a token: made only by a login that was validated.
    pub(crate) fn of_session(record: &Record, context: SessionContext<'_>) -> Self {
        let texts = Texts::new(Said {
            subject: &record.subject,
            client_id: context.client_id,
            scopes: record.scopes.iter().map(String::as_str),
            permissions: record.permissions.iter().map(String::as_str),
            acr: record.acr.as_deref(),
        });
        Self::new(Facts {
            raw: Arc::new(record.access_token.clone().unwrap_or_else(|| Secret::from(""))),
            issuer: context.issuer.into(),
            texts,
            claims: Claims::Here(record.id_token.payload().into()),
            auth_time: record.auth_time,
            expires_at: record.access_expires_at.unwrap_or(context.ends_at),
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
        self.0.texts.subject()
    }

    /// The client the token was issued to, where the token says so.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.0.texts.client_id()
    }

    /// Whether no user stands behind the token: the client speaks for itself (RFC 9068 section 2.2, `sub` is the
    /// client).
    #[must_use]
    pub fn is_client(&self) -> bool {
        self.client_id() == Some(self.subject())
    }

    /// The granted scopes (RFC 8693 section 4.2).
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.0.texts.scopes().iter()
    }

    /// The permissions, from where the provider's profile says they are.
    pub fn permissions(&self) -> impl Iterator<Item = &str> {
        self.0.texts.permissions().iter()
    }

    /// Whether this very scope was granted: exact and case-sensitive.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.0.texts.scopes().contains(scope)
    }

    /// Whether this very permission is there: exact and case-sensitive.
    #[must_use]
    pub fn has_permission(&self, permission: &str) -> bool {
        self.0.texts.permissions().contains(permission)
    }

    /// `acr`: how strongly the user was authenticated (OpenID Connect Core section 2).
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        self.0.texts.acr()
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

    /// One claim as the type you need; `None` where it is absent or of another type. Each call decodes and
    /// reads the claims anew: where you need several, take them at once with [`claims`](Self::claims).
    #[must_use]
    pub fn claim<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        json::member(&self.all_claims(), name)
    }

    /// All claims as your own type.
    ///
    /// # Errors
    /// Returns serde's message when the claims do not fit the type. It may quote a value of the claims.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, ClaimsError> {
        serde_json::from_slice(&self.all_claims()).map_err(ClaimsError::new)
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
        if requirement.demands_nothing() {
            return Ok(());
        }
        let proof = Proof {
            scopes: self.0.texts.scopes(),
            permissions: self.0.texts.permissions(),
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

    /// The claims as JSON.
    fn all_claims(&self) -> Cow<'_, [u8]> {
        match &self.0.claims {
            Claims::InToken => jws::payload_of(self.raw()).into(),
            Claims::Here(claims) => (&**claims).into(),
        }
    }

    /// About how many bytes of memory a bearer token takes.
    pub(crate) fn memory(&self) -> usize {
        self.raw().len() + self.0.texts.memory()
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
