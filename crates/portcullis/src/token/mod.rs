//! Tokens: how they are read and what makes one acceptable.

mod access_token;
mod algorithm;
mod cache;
mod claims;
mod id_token;
mod jws;
mod known_header;
mod logout_token;
mod texts;
mod validate;
mod validate_id_token;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod cookbook;
#[cfg(test)]
mod mutation;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod wycheproof;

pub use self::access_token::AccessToken;
pub(crate) use self::access_token::{Judgement, SessionContext};
pub use self::algorithm::{Algorithm, UnknownAlgorithm};
pub(crate) use self::cache::VerifiedTokens;
pub use self::id_token::IdToken;
#[cfg(test)]
pub(crate) use self::jws::JwsError;
pub(crate) use self::jws::{Jws, MAX_KEY_ID_BYTES, MAX_TOKEN_BYTES, SignatureAlgorithm};
pub(crate) use self::known_header::KnownHeader;
pub(crate) use self::logout_token::{LogoutTarget, LogoutToken};
pub(crate) use self::validate::TokenPolicy;
pub(crate) use self::validate_id_token::{Expected, IdTokenKeys, IdTokenPolicy, Nonce};
