//! OAuth 2.0 and OpenID Connect authentication for Rust web frameworks: the framework-free core.

mod clock;
mod json;
mod keys;
mod secret;
mod token;
pub mod transport;

pub use self::clock::{Clock, SystemClock};
pub use self::secret::Secret;
pub use self::token::{Algorithm, UnknownAlgorithm};
