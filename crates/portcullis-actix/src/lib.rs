//! portcullis for actix-web: authentication and authorization as handler parameters.
//!
//! *Who is calling, and may they?* is the type of a parameter. A handler that names it cannot be reached without it.
//!
//! ```
//! use actix_web::{App, web};
//! use portcullis_actix::prelude::*;
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
//! let app = move || { // for HttpServer::new, which calls it once for each worker
//!     App::new()
//!         .app_data(guard.clone())
//!         .wrap(portcullis_actix::attach(&guard))
//!         .route("/me", web::get().to(me))
//!         .route("/castles", web::get().to(castles))
//! };
//! # app();
//! # Ok::<(), BuildError>(())
//! ```
//!
//! # Words
//!
//! - A [`Guard`](portcullis::Guard) is configured once and is the application's `app_data`, as it is: not in a
//!   `web::Data`. (actix-web has a `guard::Guard` of its own, a predicate of routes: import one of them by name.)
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
//! | keep authenticated answers out of shared caches | [`attach`] |
//! | log users in with a browser | [`Guard::web`](portcullis::Guard::web), [`routes`], [`attach`] |
//! | guard a part of the application by another guard | `.app_data(other.clone())` or [`attach`] on its scope |
//! | configure | [`Guard::api`](portcullis::Guard::api), [`GuardBuilder`](portcullis::GuardBuilder) |
//! | handle a refusal in the handler | `Result<CurrentUser, AuthRejection>`, or `Auth<Result<T, AuthError>>` |
//! | hand another type to handlers | [`FromAuth`](portcullis::FromAuth) |
//!
//! # `Option<CurrentUser>` is not `OptionalUser`
//!
//! actix-web makes `None` of every error of an extractor, so `Option<CurrentUser<Admin>>` is `None` for a user who may
//! not, while the provider is down, and without a guard: the handler runs for all of them, as if nobody had called. It
//! compiles, and nothing here can stop it. [`OptionalUser<Admin>`](OptionalUser) is `None` where there are no good
//! credentials, and refuses the others.
//!
//! # What it does, and what not
//!
//! It validates bearer tokens that are JWTs ([what exactly](portcullis#what-it-validates-and-what-not)) and refuses
//! with the status and the challenge of RFC 6750 and RFC 9470. A handler without an extractor, outside of [`require`],
//! is public. An extractor in an application without a guard answers 500, with the fix in the log. actix-web runs the
//! extractors of a handler side by side: a body that does not parse can be answered before the credentials are judged,
//! which [`require`] prevents. A `CurrentUser` cannot be taken apart in the parameter list, `user.email()` works
//! without that. [`routes`] has the login, the callback and the logout of a web application; its sessions need
//! [`attach`], which sets their cookies.
//!
//! # Features
//!
//! | feature | default | why |
//! |---|---|---|
//! | `reqwest` | yes | the transport that needs no setting up; without it bring an [`HttpClient`](portcullis::transport::HttpClient) |

mod extract;
mod middleware;
mod request;
mod response;
mod routes;

/// What a handler's module needs: `use portcullis_actix::prelude::*;`.
pub mod prelude {
    pub use portcullis::{
        AccessToken, Acr, Admission, AuthError, BuildError, Fresh, FromAuth, Guard, IfPresent, UserInfo, requirements,
    };

    pub use crate::{Auth, AuthRejection, Authenticated, CurrentUser, OptionalUser};
}

pub use portcullis;

pub use self::extract::{Auth, Authenticated, CurrentUser, OptionalUser};
pub use self::middleware::{Attach, AttachService, Require, RequireService, attach, require};
pub use self::response::AuthRejection;
pub use self::routes::routes;
