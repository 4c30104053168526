//! Keys: what a provider publishes, which of it may verify a token, and when it is fetched.

mod budget;
mod client_secret;
mod engine;
mod material;
mod public_key;
mod refusal;
mod roca;
mod set;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
pub(crate) mod test_key;

pub(crate) use self::client_secret::{ClientSecret, HmacAlgorithm};
pub(crate) use self::engine::{Asker, KeyEngine, KeyFailure, RETRY_AFTER, unavailable};
pub(crate) use self::public_key::PublicKey;
pub(crate) use self::set::KeySet;
