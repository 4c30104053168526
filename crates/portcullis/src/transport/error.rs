//! Why there was no answer.

use std::error::Error as StdError;
use std::fmt;

/// Why the provider gave no complete answer.
///
/// The message is for operators; it never contains the body of an answer, which may hold tokens.
#[derive(Debug)]
pub struct HttpError {
    kind: HttpErrorKind,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The ways a request can fail without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HttpErrorKind {
    /// No connection was made, so nothing was sent: sending again is safe for any request.
    Connect,
    /// The deadline passed. The provider may or may not have acted.
    Timeout,
    /// The answer is larger than [`HttpLimits::body`](super::HttpLimits::body).
    TooLarge,
    /// The answer has a `Content-Encoding`, though none was asked for.
    Encoded,
    /// The connection broke or what came was not HTTP.
    Broken,
    /// The request itself cannot be sent.
    Request,
}

impl HttpError {
    /// An error of this kind, with what caused it.
    pub fn new(kind: HttpErrorKind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind, source: Some(source.into()) }
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> HttpErrorKind {
        self.kind
    }
}

impl From<HttpErrorKind> for HttpError {
    fn from(kind: HttpErrorKind) -> Self {
        Self { kind, source: None }
    }
}

impl HttpErrorKind {
    /// A stable, short name for logs and status pages.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::TooLarge => "too_large",
            Self::Encoded => "content_encoding",
            Self::Broken => "broken_connection",
            Self::Request => "bad_request_value",
        }
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            HttpErrorKind::Connect => "no connection could be made",
            HttpErrorKind::Timeout => "no complete answer in time",
            HttpErrorKind::TooLarge => "the answer is larger than allowed",
            HttpErrorKind::Encoded => "the answer is compressed though no compression was asked for",
            HttpErrorKind::Broken => "the connection broke before the answer was complete",
            HttpErrorKind::Request => "the request cannot be sent",
        })
    }
}

impl StdError for HttpError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn StdError + 'static))
    }
}
