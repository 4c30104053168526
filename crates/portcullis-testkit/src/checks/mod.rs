//! Checks for those who implement portcullis' traits.

mod http_client;
mod raw_server;
mod session_store;
mod user_info_cache;

use std::error::Error as StdError;
use std::fmt;

pub use self::http_client::http_client;
pub use self::session_store::session_store;
pub use self::user_info_cache::user_info_cache;

/// The promises of a trait that an implementation does not keep.
pub struct BrokenPromises(Vec<String>);

impl BrokenPromises {
    /// One sentence for each broken promise.
    #[must_use]
    pub fn sentences(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for BrokenPromises {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} broken promise(s)", self.0.len())?;
        self.0.iter().try_for_each(|sentence| write!(f, "\n- {sentence}"))
    }
}

/// The same as `Display`, so that `unwrap` in a test says what is wrong line by line.
impl fmt::Debug for BrokenPromises {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for BrokenPromises {}
