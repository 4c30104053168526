//! OAuth 2.0 and OpenID Connect authentication for Rust web frameworks: the framework-free core.
//!
//! *Who is calling, and may they?* An application on axum depends on `portcullis-axum`, which re-exports this crate.
//! Depend on this crate itself to serve a framework that we do not know, or to implement one of its traits.
//!
//! ```
//! use portcullis::{Guard, Head, Refusal, UserInfo, requirements};
//!
//! requirements! {
//!     /// May look at castles.
//!     pub struct ReadCastles = scope("castles") & permission("castles:read");
//! }
//!
//! async fn greet(guard: &Guard, request: &http::Request<()>) -> Result<String, Refusal> {
//!     let user: UserInfo = guard.attempt(&Head::of(request)).admit::<_, ReadCastles>().await?;
//!     Ok(format!("hello {}", user.name().unwrap_or("stranger")))
//! }
//!
//! let guard = Guard::api("https://id.example.com", "https://api.example.com").build()?; // issuer, audience
//! # Ok::<(), portcullis::BuildError>(())
//! ```
//!
//! # Words
//!
//! - A [`Guard`] is configured once and admits or refuses requests.
//! - An [`Attempt`] is one request's attempt to be admitted. However many ask, it is validated once.
//! - A [`Requirement`] is what a request must prove; a type that implements [`Require`] holds one.
//! - A session is a logged-in browser: it has the facts of its login, and passes for a token with those facts.
//! - A principal is what a handler receives: an [`AccessToken`], a [`UserInfo`], any type that is [`FromAuth`].
//! - A [`Refusal`] is the reply to a request that is not admitted, and [`AuthError`] says why.
//!
//! # Map
//!
//! | to | see |
//! |---|---|
//! | protect an API | [`Guard::api`], [`Guard::api_from_env`], [`GuardBuilder`], [`Profile`] |
//! | log users in with a browser | [`Guard::web`], [`Guard::web_from_env`], [`SessionKind`], [`ResponseMode`] |
//! | talk to the provider yourself | [`Provider`], [`Tokens`], [`Revocable`] |
//! | say what a route demands | [`requirements!`], [`requirement`](mod@requirement), [`Acr`], [`AccessToken::satisfies`] |
//! | receive something else | [`FromAuth`], [`Admission`], [`Fresh`], [`IfPresent`], [`RefreshedSession`] |
//! | change refusals and pages | [`GuardBuilder::on_reject`], [`GuardBuilder::on_page`], [`WebPage`] |
//! | serve another framework | [`RequestHead`], [`Head`], [`Guard::attempt`], [`Attempt::write_back`], [`ResponseHeaders`]; for a web application also [`Attempt::promise_write_back`], [`Guard::web_routes`], [`Guard::visit`], [`Visit`] |
//! | bring your own parts | [`HttpClient`](transport::HttpClient), [`UserInfoCache`], [`SessionStore`], [`Clock`] |
//! | watch | [`Guard::status`], and the `tracing` targets `portcullis::refusal`, `portcullis::provider`, `portcullis::keys`, `portcullis::userinfo`, `portcullis::requirement`, `portcullis::login`, `portcullis::session`, `portcullis::logout` |
//! | know why | [the design](_design) |
//!
//! # What it validates, and what not
//!
//! Of a JWT access token: its form, algorithm and `typ`, issuer, audience, lifetime, the types of its claims, that it
//! is no ID token, that it is not bound to a key the caller has not shown, and its signature, with a key that the
//! issuer publishes now (RFC 7515, RFC 7519, RFC 8725, RFC 9068). Of a userinfo answer: that it is about the user of
//! the token (OpenID Connect Core 5.3.2). Of metadata: that it is the issuer's own, and that it sends no request to
//! where none should go.
//!
//! Of a login: that it comes back to the browser in which it began, once, within ten minutes and from our provider
//! (RFC 9700, RFC 9207); of its ID token all that OpenID Connect Core 3.1.3.7 demands, and the level and age that were
//! asked for. Of a logout token what OpenID Connect Back-Channel Logout 1.0 section 2.6 demands. Of a request with a
//! session: that no other site has made it, if it may change something.
//!
//! Not whether the provider has revoked a token that has not expired: a JWT is valid until it dies. Not who may call
//! which route: that is what requirements are for, and a handler without an extractor is public. Not, in another
//! process or after a restart, whether a session that is sealed into cookies has been logged out: see
//! [`SessionKind::Cookie`]. Opaque tokens are not there: settings of what is not there are refused, not ignored.
//!
//! # Features
//!
//! | feature | default | why |
//! |---|---|---|
//! | `reqwest` | yes | the transport that needs no setting up; without it bring an [`HttpClient`](transport::HttpClient), and neither hyper nor rustls is compiled |

mod access;
mod base64url;
mod bounded;
mod claims_error;
mod clock;
mod error;
mod guard;
mod json;
mod keys;
mod macros;
mod pieces;
mod principal;
mod provider;
mod replay;
mod reply;
mod request;
mod secret;
mod session;
mod settings;
#[cfg(test)]
mod test_support;
mod token;
pub mod transport;
mod userinfo;
mod web;

/// For implementing the traits of this crate that are held as `Arc<dyn …>`.
pub use async_trait::async_trait;

pub use self::access::{Acr, AcrLevels, Alternative, Alternatives, Require, Requirement, requirement};
pub use self::claims_error::ClaimsError;
pub use self::clock::{Clock, SystemClock};
pub use self::error::{
    AuthError, BuildError, InvalidRequest, InvalidToken, OAuthError, Problem, ProviderEndpoint, ProviderError,
    ProviderErrorKind, Unavailable,
};
pub use self::guard::{Guard, GuardBuilder, GuardStatus};
pub use self::principal::{Admission, Fresh, FromAuth, IfPresent, RefreshedSession};
pub use self::provider::{
    Authorization, AuthorizeUrl, ClientAuth, EndSessionUrlBuilder, IdTokenAlg, IssuerState, IssuerStatus, Profile,
    Prompt, Provider, ProviderBuilder, ResponseMode, Revocable, Tokens, Transaction,
};
pub use self::reply::Refusal;
pub use self::request::{Attempt, Head, RequestFacts, RequestHead, ResponseHeaders};
pub use self::secret::Secret;
pub use self::session::{
    MemorySessionStore, SessionIndex, SessionKey, SessionKind, SessionStore, StoreError, StoredSession,
};
pub use self::token::{AccessToken, Algorithm, IdToken, UnknownAlgorithm};
pub use self::userinfo::{CacheError, MemoryUserInfoCache, UserInfo, UserInfoCache, UserInfoEntry, UserInfoKey};
pub use self::web::{Visit, WebPage, WebPageCode, WebRoute};

#[cfg(doc)]
#[doc = include_str!("../DESIGN.md")]
pub mod _design {}
