mod access_token;
mod cache;
mod claims;
mod validate;
pub use self::access_token::AccessToken;
pub(crate) use self::access_token::Judgement;
pub(crate) use self::cache::VerifiedTokens;
pub(crate) use self::validate::TokenPolicy;
