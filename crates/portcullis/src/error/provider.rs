//! Why the provider could not be asked.

use std::fmt;

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
            ProviderErrorKind::Unusable(_) => false,
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
        }
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = match self.endpoint {
            ProviderEndpoint::Discovery => "discovery",
            ProviderEndpoint::Jwks => "the key set",
            ProviderEndpoint::UserInfo => "userinfo",
        };
        match self.kind {
            ProviderErrorKind::Transport(kind) => write!(f, "{endpoint}: {}", HttpError::from(kind)),
            ProviderErrorKind::Status(status) => write!(f, "{endpoint}: answered with status {status}"),
            ProviderErrorKind::Unusable(reason) => write!(f, "{endpoint}: the answer cannot be used: {reason}"),
        }
    }
}

impl std::error::Error for ProviderError {}
