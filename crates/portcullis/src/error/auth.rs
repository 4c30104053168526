//! Why a request is not admitted.

use std::time::Duration;

use http::StatusCode;

use super::InvalidToken;
use crate::access::Unmet;

/// Why a request is not admitted.
///
/// `Display` is for operators and holds no token content; the caller of the API sees [`code`](Self::code) only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// The request brought no credentials: 401 with a bare challenge (RFC 6750 section 3).
    #[error("the request has no credentials")]
    MissingCredentials,
    /// The credentials break the grammar: 400.
    #[error("malformed credentials: {0}")]
    InvalidRequest(InvalidRequest),
    /// The token does not validate: 401.
    #[error("invalid token: {0}")]
    InvalidToken(InvalidToken),
    /// The token lacks a scope: 403 (RFC 6750 section 3.1).
    #[error("insufficient scope: needs {}", .required.join(" "))]
    InsufficientScope {
        /// Every scope the request needs.
        required: Vec<String>,
    },
    /// The user lacks a permission: 403, without a challenge, because another scope would not help.
    #[error("missing permission {}", if permission.is_empty() { "(nobody can satisfy this requirement)" } else { permission })]
    MissingPermission {
        /// The permission that is missing; empty where the requirement contradicts itself, so that nobody can have it.
        permission: String,
    },
    /// A machine's token where a user is needed: 403.
    #[error("no user stands behind this token")]
    UserRequired,
    /// The login behind the token is too weak or too old: 401 (RFC 9470).
    #[error("insufficient user authentication: acr {}, max_age {max_age:?}", .acr_values.join(" "))]
    InsufficientUserAuthentication {
        /// The levels that would do, weakest first; empty if the level is not the reason.
        acr_values: Vec<String>,
        /// How old the login may be.
        max_age: Option<Duration>,
    },
    /// Another site made the request, with the user's cookie: 403.
    #[error("a cross-site request with a session cookie")]
    CrossSite,
    /// `Acr::STRONG` is demanded, but no levels are configured: 503.
    #[error("Acr::STRONG needs levels: set PORTCULLIS_ACR_VALUES, or a profile that has them")]
    AcrNotConfigured,
    /// The provider, or a store, cannot be asked: 503, never "anonymous" and never "accepted".
    #[error("temporarily unavailable: {0}")]
    Unavailable(Unavailable),
    /// The application is put together wrongly: 500. The text says how to mend it.
    #[error("wiring: {0}")]
    Wiring(&'static str),
}

/// What is malformed in the credentials (RFC 6750 sections 2 and 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRequest {
    /// More than one `Authorization` header.
    #[error("more than one Authorization header")]
    RepeatedHeader,
    /// `Bearer` without a token, with more than one, or with characters that no token has.
    #[error("what follows Bearer is not one token")]
    Grammar,
    /// A token in the query, where logs and referrers see it.
    #[error("access_token in the query: send it in the Authorization header")]
    TokenInQuery,
}

/// Why the answer cannot be had now, and when asking again may help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Unavailable {
    pub(crate) reason: &'static str,
    pub(crate) retry_after: Duration,
}

impl Unavailable {
    /// A stable reason code, such as `connect` or `key_refetch_budget`.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.reason
    }

    /// When asking again may help: the `Retry-After` of the refusal.
    #[must_use]
    pub fn retry_after(&self) -> Duration {
        self.retry_after
    }
}

impl AuthError {
    /// The stable code that the refusal's body carries.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::MissingCredentials => "missing_credentials",
            Self::InvalidRequest(_) => "invalid_request",
            Self::InvalidToken(_) => "invalid_token",
            Self::InsufficientScope { .. } => "insufficient_scope",
            Self::MissingPermission { .. } => "missing_permission",
            Self::UserRequired => "user_required",
            Self::InsufficientUserAuthentication { .. } => "insufficient_user_authentication",
            Self::CrossSite => "cross_site",
            Self::AcrNotConfigured => "acr_not_configured",
            Self::Unavailable(_) => "temporarily_unavailable",
            Self::Wiring(_) => "wiring",
        }
    }

    /// The status of the refusal.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::InvalidRequest(_) => StatusCode::BAD_REQUEST,
            Self::MissingCredentials | Self::InvalidToken(_) | Self::InsufficientUserAuthentication { .. } => {
                StatusCode::UNAUTHORIZED
            }
            Self::InsufficientScope { .. } | Self::MissingPermission { .. } | Self::UserRequired | Self::CrossSite => {
                StatusCode::FORBIDDEN
            }
            Self::AcrNotConfigured | Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Wiring(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The reason code of the log: finer than [`code`](Self::code), which is all that the wire sees.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::InvalidRequest(InvalidRequest::RepeatedHeader) => "repeated_header",
            Self::InvalidRequest(InvalidRequest::Grammar) => "bearer_grammar",
            Self::InvalidRequest(InvalidRequest::TokenInQuery) => "token_in_query",
            Self::InvalidToken(invalid) => invalid.reason(),
            Self::Unavailable(unavailable) => unavailable.reason,
            other => other.code(),
        }
    }

    /// Whether the credentials are absent or do not validate: what an optional user may take as "nobody".
    pub(crate) fn is_unauthenticated(&self) -> bool {
        matches!(self, Self::MissingCredentials | Self::InvalidToken(_))
    }

    /// Whether a login, a stronger or a more recent one, opens what is refused.
    pub(crate) fn may_be_mended_by_login(&self) -> bool {
        matches!(self, Self::MissingCredentials | Self::InvalidToken(_) | Self::InsufficientUserAuthentication { .. })
    }

    pub(crate) fn unavailable(reason: &'static str, retry_after: Duration) -> Self {
        Self::Unavailable(Unavailable { reason, retry_after })
    }
}

impl From<InvalidToken> for AuthError {
    fn from(invalid: InvalidToken) -> Self {
        Self::InvalidToken(invalid)
    }
}

impl From<Unmet> for AuthError {
    fn from(unmet: Unmet) -> Self {
        match unmet {
            Unmet::Scope { required } => Self::InsufficientScope { required },
            Unmet::Permission { missing } => Self::MissingPermission { permission: missing },
            Unmet::Authentication { acr_values, max_age } => {
                Self::InsufficientUserAuthentication { acr_values, max_age: max_age.map(Duration::from_secs) }
            }
            Unmet::AcrNotConfigured => Self::AcrNotConfigured,
            // No login, scope or permission opens it: the requirement itself cannot be satisfied.
            Unmet::NeverSatisfied => Self::MissingPermission { permission: String::new() },
        }
    }
}
