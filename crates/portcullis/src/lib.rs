//! OAuth 2.0 and OpenID Connect authentication for Rust web frameworks: the framework-free core.

mod access;
mod claims_error;
mod clock;
mod error;
mod guard;
mod json;
mod keys;
mod macros;
mod principal;
mod provider;
mod reply;
mod request;
mod secret;
mod settings;
mod token;
pub mod transport;
mod userinfo;

pub use self::access::{Acr, AcrLevels, Alternative, Alternatives, Require, Requirement, requirement};
pub use self::claims_error::ClaimsError;
pub use self::clock::{Clock, SystemClock};
pub use self::error::{
    AuthError, BuildError, InvalidRequest, InvalidToken, OAuthError, Problem, ProviderEndpoint, ProviderError,
    ProviderErrorKind, Unavailable,
};
pub use self::guard::{Guard, GuardBuilder, GuardStatus};
pub use self::principal::{Admission, Fresh, FromAuth, IfPresent};
pub use self::provider::{
    Authorization, AuthorizeUrl, ClientAuth, EndSessionUrlBuilder, IdTokenAlg, IssuerState, IssuerStatus, Profile,
    Prompt, Provider, ProviderBuilder, Tokens, Transaction,
};
pub use self::reply::Refusal;
pub use self::request::{Attempt, Head, RequestFacts, RequestHead};
pub use self::secret::Secret;
pub use self::token::{AccessToken, Algorithm, IdToken, UnknownAlgorithm};
pub use self::userinfo::{CacheError, MemoryUserInfoCache, UserInfo, UserInfoCache, UserInfoEntry, UserInfoKey};
