//! How requests reach the provider: a small trait, and its default implementation on `reqwest`.

mod error;
#[cfg(feature = "reqwest")]
mod own_thread;
#[cfg(feature = "reqwest")]
mod reqwest;

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

pub use self::error::{HttpError, HttpErrorKind};
#[cfg(feature = "reqwest")]
pub use self::reqwest::{ReqwestClient, ReqwestClientBuilder};

/// Sends one HTTP request to the provider.
///
/// The default implementation is [`ReqwestClient`] (feature `reqwest`). Implement this trait to go through your
/// own client, or to answer from memory in tests; `portcullis-testkit` has a check for implementors.
///
/// # Security
/// An implementation **must not follow redirects** (a redirected token request would carry the client's secret to
/// another host), must not ask for compression (a small answer could unpack into a large one), and must stop
/// reading at [`HttpLimits::body`]. The core enforces the deadline and checks the rest again.
#[async_trait]
pub trait HttpClient: Debug + Send + Sync + 'static {
    /// Sends `request` and returns the whole answer, whatever its status.
    ///
    /// # Errors
    /// Returns an [`HttpError`] when there is no complete answer within `limits`.
    async fn send(&self, request: http::Request<Bytes>, limits: HttpLimits)
    -> Result<http::Response<Bytes>, HttpError>;
}

/// What one request to the provider may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpLimits {
    /// The whole request, from connecting to the last byte of the body: a body that trickles ends with it too.
    pub timeout: Duration,
    /// The largest body that is read, in bytes.
    pub body: usize,
}

impl HttpLimits {
    /// Discovery documents and userinfo answers: 5 s, 64 KiB.
    pub const DOCUMENT: Self = Self { timeout: Duration::from_secs(5), body: 64 * 1024 };
    /// Key sets: 5 s, 256 KiB.
    pub const KEY_SET: Self = Self { timeout: Duration::from_secs(5), body: 256 * 1024 };
    /// Token endpoint answers: 10 s, 64 KiB.
    pub const TOKEN: Self = Self { timeout: Duration::from_secs(10), body: 64 * 1024 };
}
