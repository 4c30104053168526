//! The provider tells us that a session has ended (OpenID Connect Back-Channel Logout 1.0).

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};

use super::Web;
use super::visit::Visit;
use crate::error::AuthError;
use crate::guard::Guard;
use crate::keys::{KeyFailure, RETRY_AFTER as DEFAULT_RETRY_AFTER};
use crate::replay::{ReplayKey, Spent};
use crate::session::SessionIndex;
use crate::token::LogoutTarget;

/// Why the provider is not told that it is done.
enum NotDone {
    /// 400: not a token for us, or one that was used before. The code is for the log.
    Invalid(&'static str),
    /// 503: keys, store or memory are out of reach; the provider shall try again after this time.
    Unavailable(&'static str, Duration),
}

impl Web {
    /// `POST /auth/backchannel-logout` (section 2.5).
    ///
    /// A token is used up once its sessions are gone: one that met a store which was down is good for another try. Where
    /// no more used tokens can be remembered nothing ends at all, so that the provider's next try is as good as this.
    ///
    /// # Security
    /// Only the token counts, neither cookies nor origins. Whoever sends a bad one learns nothing and ends nothing.
    pub(super) async fn back_channel_logout(&self, visit: &Visit, guard: &Guard) -> Response<Bytes> {
        match self.end_named(visit, guard).await {
            Ok(()) => Response::new(Bytes::new()),
            Err(not_done) => not_done.into_response(),
        }
    }

    async fn end_named(&self, visit: &Visit, guard: &Guard) -> Result<(), NotDone> {
        let token = visit.form.one("logout_token").map_err(|_| NotDone::Invalid("doubled_parameter"))?;
        let token = token.ok_or(NotDone::Invalid("no_logout_token"))?;
        let logout = self.provider.validate_logout_token(token).await?;
        let used = ReplayKey::of(&[self.provider.issuer(), &logout.id]);
        let now = self.provider.clock().unix_time();
        NotDone::unless_new(self.used_logout_tokens.would_spend(used, now))?;
        self.sessions.end_all(&self.index_of(&logout.target)).await?;
        if let LogoutTarget::Subject(subject) | LogoutTarget::SessionOfSubject { subject, .. } = &logout.target {
            guard.users().forget(subject).await;
        }
        NotDone::unless_new(self.used_logout_tokens.spend(used, now, logout.acceptable_until))
    }

    fn index_of(&self, target: &LogoutTarget) -> SessionIndex {
        let issuer = self.provider.issuer();
        match target {
            LogoutTarget::Subject(subject) => SessionIndex::of_subject(issuer, subject),
            LogoutTarget::Session(sid) => SessionIndex::of_session(issuer, sid),
            LogoutTarget::SessionOfSubject { sid, subject } => {
                SessionIndex::of_session_and_subject(issuer, sid, subject)
            }
        }
    }
}

impl NotDone {
    fn unless_new(spent: Spent) -> Result<(), Self> {
        match spent {
            Spent::Now => Ok(()),
            Spent::Before => Err(Self::Invalid("used_logout_token")),
            Spent::Full => Err(Self::Unavailable("too_many_logout_tokens", DEFAULT_RETRY_AFTER)),
        }
    }

    fn into_response(self) -> Response<Bytes> {
        let (status, body, wait): (_, &'static [u8], _) = match self {
            Self::Invalid(reason) => {
                tracing::info!(target: "portcullis::logout", reason, "a logout token is refused");
                (StatusCode::BAD_REQUEST, br#"{"error":"invalid_request"}"#, None)
            }
            Self::Unavailable(reason, wait) => {
                tracing::warn!(target: "portcullis::logout", reason, "a logout of the provider's has to wait");
                (StatusCode::SERVICE_UNAVAILABLE, br#"{"error":"temporarily_unavailable"}"#, Some(wait))
            }
        };
        let mut response = Response::new(Bytes::from_static(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(wait) = wait {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        response
    }
}

impl From<KeyFailure> for NotDone {
    fn from(failure: KeyFailure) -> Self {
        match failure {
            KeyFailure::Invalid(invalid) => Self::Invalid(invalid.reason()),
            KeyFailure::Budget(wait) => Self::Unavailable("key_refetch_budget", wait),
            KeyFailure::Provider(error) => Self::Unavailable(error.reason(), DEFAULT_RETRY_AFTER),
        }
    }
}

/// Of the session store, which has said in the log what is wrong with it.
impl From<AuthError> for NotDone {
    fn from(error: AuthError) -> Self {
        Self::Unavailable(error.reason(), DEFAULT_RETRY_AFTER)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests;
