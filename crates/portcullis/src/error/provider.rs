//! Why the provider could not be asked.

use std::fmt;

use super::InvalidToken;
use crate::transport::{HttpError, HttpErrorKind};

/// The provider gave no usable answer: which endpoint, and why. Holds nothing of the answer's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderError {
    endpoint: ProviderEndpoint,
    kind: ProviderErrorKind,
}

/// The endpoints of the provider that the library asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProviderEndpoint {
    /// The metadata document (OpenID Connect Discovery, RFC 8414).
    Discovery,
    /// The key set (RFC 7517 section 5).
    Jwks,
    /// The UserInfo endpoint (OpenID Connect Core section 5.3).
    UserInfo,
    /// The authorization endpoint, where browsers log in (OpenID Connect Core section 3.1.2).
    Authorization,
    /// The token endpoint (RFC 6749 section 3.2).
    Token,
    /// The end-session endpoint, where browsers log out (OpenID Connect RP-Initiated Logout 1.0).
    EndSession,
    /// The revocation endpoint (RFC 7009).
    Revocation,
}

/// The ways in which the provider gives no usable answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProviderErrorKind {
    /// No complete answer came.
    Transport(HttpErrorKind),
    /// An answer with this status.
    Status(u16),
    /// An answer that cannot be used; the code says why.
    Unusable(&'static str),
    /// The token endpoint (RFC 6749 section 5.2) or the revocation endpoint (RFC 7009 section 2.2.1) refused.
    Refused(OAuthError),
    /// The ID token does not validate.
    InvalidIdToken(InvalidToken),
}

/// What the token endpoint (RFC 6749 section 5.2) or the revocation endpoint (RFC 7009 section 2.2.1) says when it
/// refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OAuthError {
    /// The request is malformed.
    InvalidRequest,
    /// The client is not who it says: id, secret, key or method are wrong.
    InvalidClient,
    /// The code or refresh token is used, expired, revoked or somebody else's: the login starts again.
    InvalidGrant,
    /// The client may not use this grant.
    UnauthorizedClient,
    /// The provider does not know this grant.
    UnsupportedGrantType,
    /// A scope is unknown, malformed or too much.
    InvalidScope,
    /// Something is wrong on the provider's side (RFC 6749 section 4.1.2.1; some say so here too).
    ServerError,
    /// The provider has too much to do (as above).
    TemporarilyUnavailable,
    /// The provider takes back no token of this type.
    UnsupportedTokenType,
    /// Another code; its text is the provider's and stays out of logs.
    Other,
}

impl OAuthError {
    pub(crate) fn named(code: &str) -> Self {
        let known = [
            Self::InvalidRequest,
            Self::InvalidClient,
            Self::InvalidGrant,
            Self::UnauthorizedClient,
            Self::UnsupportedGrantType,
            Self::InvalidScope,
            Self::ServerError,
            Self::TemporarilyUnavailable,
            Self::UnsupportedTokenType,
        ];
        known.into_iter().find(|known| known.as_str() == code).unwrap_or(Self::Other)
    }

    /// The registered code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::Other => "other_oauth_error",
        }
    }
}

impl ProviderError {
    pub(crate) fn new(endpoint: ProviderEndpoint, kind: ProviderErrorKind) -> Self {
        Self { endpoint, kind }
    }

    pub(crate) fn unusable(endpoint: ProviderEndpoint, reason: &'static str) -> Self {
        Self::new(endpoint, ProviderErrorKind::Unusable(reason))
    }

    pub(crate) fn transport(endpoint: ProviderEndpoint, error: &HttpError) -> Self {
        Self::new(endpoint, ProviderErrorKind::Transport(error.kind()))
    }

    /// The endpoint that was asked.
    #[must_use]
    pub fn endpoint(&self) -> ProviderEndpoint {
        self.endpoint
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> ProviderErrorKind {
        self.kind
    }

    /// Whether asking again may help without anybody changing something.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.kind {
            ProviderErrorKind::Transport(kind) => !matches!(kind, HttpErrorKind::Request),
            ProviderErrorKind::Status(status) => status == 429 || status >= 500,
            ProviderErrorKind::Unusable(_) | ProviderErrorKind::Refused(_) | ProviderErrorKind::InvalidIdToken(_) => {
                false
            }
        }
    }

    /// A stable reason code for logs and status pages.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self.kind {
            ProviderErrorKind::Transport(kind) => kind.reason(),
            // Nothing was asked with a condition, so there is nothing that could be "not modified".
            ProviderErrorKind::Status(304) => "not_modified",
            ProviderErrorKind::Status(300..=399) => "redirect",
            ProviderErrorKind::Status(400..=499) => "client_error_status",
            ProviderErrorKind::Status(500..=599) => "server_error_status",
            ProviderErrorKind::Status(_) => "unexpected_status",
            ProviderErrorKind::Unusable(reason) => reason,
            ProviderErrorKind::Refused(error) => error.as_str(),
            ProviderErrorKind::InvalidIdToken(invalid) => invalid.reason(),
        }
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = match self.endpoint {
            ProviderEndpoint::Discovery => "discovery",
            ProviderEndpoint::Jwks => "the key set",
            ProviderEndpoint::UserInfo => "userinfo",
            ProviderEndpoint::Authorization => "the authorization endpoint",
            ProviderEndpoint::Token => "the token endpoint",
            ProviderEndpoint::EndSession => "the end-session endpoint",
            ProviderEndpoint::Revocation => "the revocation endpoint",
        };
        match self.kind {
            ProviderErrorKind::Transport(kind) => write!(f, "{endpoint}: {}", HttpError::from(kind)),
            ProviderErrorKind::Status(status) => write!(f, "{endpoint}: answered with status {status}"),
            ProviderErrorKind::Unusable(reason) => write!(f, "{endpoint}: the answer cannot be used: {reason}"),
            ProviderErrorKind::Refused(error) => write!(f, "{endpoint}: refused with {}", error.as_str()),
            ProviderErrorKind::InvalidIdToken(invalid) => write!(f, "{endpoint}: the ID token is invalid: {invalid}"),
        }
    }
}

impl std::error::Error for ProviderError {}
