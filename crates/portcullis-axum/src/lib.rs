//! portcullis for axum: authentication and authorization as handler parameters.
//!
//! *Who is calling, and may they?* is the type of a parameter. A handler that names it cannot be reached without it.
//!
//! ```
//! use axum::{Router, routing::get};
//! use portcullis_axum::prelude::*;
//!
//! requirements! {
//!     /// May look at castles.
//!     pub struct ReadCastles = scope("castles") & permission("castles:read");
//! }
//!
//! async fn me(user: CurrentUser) -> String {
//!     format!("hello {}", user.email().unwrap_or("stranger"))
//! }
//!
//! async fn castles(_token: Authenticated<ReadCastles>) -> &'static str {
//!     "Josselin" // 401 without a valid token, 403 without scope or permission
//! }
//!
//! let guard = Guard::api("https://id.example.com", "https://api.example.com").build()?; // issuer, audience
//! let app: Router = Router::new()
//!     .route("/me", get(me))
//!     .route("/castles", get(castles))
//!     .layer(portcullis_axum::attach(&guard))
//!     .with_state(guard);
//! # Ok::<(), BuildError>(())
//! ```
//!
//! A web application signs people in with two more lines; its handlers are the same:
//!
//! ```
//! use axum::{Router, routing::get};
//! use portcullis_axum::prelude::*;
//!
//! async fn account(user: CurrentUser) -> String {
//!     format!("hello {}", user.name().unwrap_or("stranger")) // a browser without a session is sent to log in
//! }
//!
//! let guard = Guard::web("https://id.example.com", "castles", "https://castles.example.com")
//!     .client_secret("of the client at the provider")
//!     .build()?;
//! let app: Router = Router::new()
//!     .route("/account", get(account))
//!     .merge(portcullis_axum::routes(&guard)) // login, callback, logout
//!     .layer(portcullis_axum::attach(&guard)) // takes cookies to the browser
//!     .with_state(guard);
//! # Ok::<(), BuildError>(())
//! ```
//!
//! # Words
//!
//! - A [`Guard`](portcullis::Guard) is configured once and is the router's state, or a part of it (`FromRef`).
//! - [`Auth<T, R>`](Auth) is the one extractor: `T` is what the handler receives, `R` what the request must prove.
//! - [`Authenticated<R>`](Authenticated) yields a validated **token**, [`CurrentUser<R>`](CurrentUser) the user's
//!   claims, [`OptionalUser<R>`](OptionalUser) perhaps a user.
//! - A requirement is a type that [`requirements!`](portcullis::requirements) declares; a tuple of them demands all.
//! - A refusal is an [`AuthRejection`]: the finished response, and its [`AuthError`](portcullis::AuthError).
//!
//! # Map
//!
//! | to | see |
//! |---|---|
//! | protect one route | the extractors above |
//! | protect a group of routes | [`require`] |
//! | keep authenticated answers out of shared caches, and write session cookies | [`attach`] |
//! | log users in with a browser | [`Guard::web`](portcullis::Guard::web), [`routes`], [`attach`] |
//! | choose where sessions live | [`SessionKind`](portcullis::SessionKind), [`SessionStore`](portcullis::SessionStore) |
//! | refresh a session, or its user's claims | [`RefreshedSession`](portcullis::RefreshedSession), [`Fresh`](portcullis::Fresh) |
//! | show pages of your own | [`on_page`](portcullis::GuardBuilder::on_page), [`on_reject`](portcullis::GuardBuilder::on_reject) |
//! | configure | [`Guard::api`](portcullis::Guard::api), [`GuardBuilder`](portcullis::GuardBuilder) |
//! | handle a refusal in the handler | `Result<CurrentUser, AuthRejection>`, or `Auth<Result<T, AuthError>>` |
//! | hand another type to handlers | [`FromAuth`](portcullis::FromAuth) |
//! | read on, with an example for each | [the guide](_guide) |
//!
//! # What it does, and what not
//!
//! It validates bearer tokens that are JWTs, logins and sessions ([what
//! exactly](portcullis#what-it-validates-and-what-not)) and refuses with the status and the challenge of RFC 6750 and
//! RFC 9470; a person who opens a page of a web application is sent to the login instead. A handler without an
//! extractor, outside of [`require`], is public. `Option<CurrentUser>` does not compile: [`OptionalUser`] says which of
//! three meanings is meant. A `CurrentUser` cannot be taken apart in the parameter list, `user.email()` works without
//! that. [`routes`] has the login, the callback and the logout of a web application, the provider's own logouts
//! included; its sessions need [`attach`], which renews and deletes their cookies. A web application refuses what other
//! sites make its users' browsers send, but a `GET`: let that change nothing.
//!
//! # Features
//!
//! | feature | default | why |
//! |---|---|---|
//! | `reqwest` | yes | the transport that needs no setting up; without it bring an [`HttpClient`](portcullis::transport::HttpClient) |

mod extract;
mod middleware;
mod response;
mod routes;

/// What a handler's module needs: `use portcullis_axum::prelude::*;`.
pub mod prelude {
    pub use portcullis::{
        AccessToken, Acr, Admission, AuthError, BuildError, Fresh, FromAuth, Guard, IfPresent, UserInfo, requirements,
    };

    pub use crate::{Auth, AuthRejection, Authenticated, CurrentUser, OptionalUser};
}

pub use portcullis;

pub use self::extract::{Auth, Authenticated, CurrentUser, OptionalUser};
pub use self::middleware::{attach, require};
pub use self::response::AuthRejection;
pub use self::routes::routes;

#[cfg(doc)]
#[doc = include_str!("../guide.md")]
pub mod _guide {}

// Outside of this package: only its examples are compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}
