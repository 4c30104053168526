//! OAuth 2.0 and OpenID Connect authentication for Rust web frameworks: the framework-free core.

mod access;
mod clock;
mod secret;
pub mod transport;

pub use self::access::{Acr, AcrLevels, Alternative, Alternatives, Require, Requirement, requirement};
pub use self::clock::{Clock, SystemClock};
pub use self::secret::Secret;
