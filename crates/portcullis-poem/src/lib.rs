//! portcullis for poem: authentication and authorization as handler parameters.
//!
//! *Who is calling, and may they?* is the type of a parameter. A handler that names it cannot be reached without it.
//!
//! ```
//! use poem::{Endpoint, EndpointExt, Route, get, handler};
//! use portcullis_poem::prelude::*;
//!
//! requirements! {
//!     /// May look at castles.
//!     pub struct ReadCastles = scope("castles") & permission("castles:read");
//! }
//!
//! #[handler]
//! async fn me(user: CurrentUser) -> String {
//!     format!("hello {}", user.email().unwrap_or("stranger"))
//! }
//!
//! #[handler]
//! async fn castles(_token: Authenticated<ReadCastles>) -> &'static str {
//!     "Josselin" // 401 without a valid token, 403 without scope or permission
//! }
//!
//! let guard = Guard::api("https://id.example.com", "https://api.example.com").build()?; // issuer, audience
//! let app = Route::new()
//!     .at("/me", get(me))
//!     .at("/castles", get(castles))
//!     .with(portcullis_poem::attach(&guard)); // brings the guard to the handlers
//! # fn is_endpoint(_: impl Endpoint) {}
//! # is_endpoint(app);
//! # Ok::<(), BuildError>(())
//! ```
//!
//! # Words
//!
//! - A [`Guard`](portcullis::Guard) is configured once; [`attach`] brings it to a part of the application, or to all of
//!   it. The innermost one counts.
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
//! | bring a guard, keep authenticated answers out of shared caches | [`attach`] |
//! | log users in with a browser | [`Guard::web`](portcullis::Guard::web), [`routes`], [`attach`] |
//! | configure | [`Guard::api`](portcullis::Guard::api), [`GuardBuilder`](portcullis::GuardBuilder) |
//! | handle a refusal in the handler | `poem::Result<CurrentUser>`, or `Auth<Result<T, AuthError>>` |
//! | hand another type to handlers | [`FromAuth`](portcullis::FromAuth) |
//!
//! # `Option<CurrentUser>` is not `OptionalUser`
//!
//! poem makes `None` of whatever an extractor refuses, and no extractor can forbid it: to `Option<CurrentUser<Admin>>` a
//! user who may not, a provider that is down and a forgotten [`attach`] all look like nobody, and the handler runs.
//! [`OptionalUser<Admin>`](OptionalUser) takes only absent, invalid and expired credentials for nobody, and refuses the
//! rest; [`Auth<IfPresent<T>>`](portcullis::IfPresent) takes only absent ones for nobody.
//!
//! # What is poem's own
//!
//! - A poem extractor cannot leave anything with a request, so [`attach`] is the only wiring. A handler outside of it
//!   answers 500, with the fix in the log; `.data(guard)` is for handlers that ask for `Data<&Guard>`, no more.
//! - `#[handler]` makes a type of a function's name: in its module no parameter can have that name.
//! - A path `/*` takes `/` too, whatever else is there: `/:page` and `/:page/*` do not.
//!
//! # Tests of your application
//!
//! The testkit is a provider in a box: in memory it needs no socket, and its clock stands still until you move it.
//!
//! ```
//! use poem::{Endpoint, EndpointExt, Request, Route, handler};
//! use portcullis_poem::prelude::*;
//! use portcullis_testkit::TestProvider;
//!
//! #[handler]
//! async fn me(user: CurrentUser) -> String {
//!     user.subject().to_owned()
//! }
//!
//! #[tokio::main] // #[tokio::test] in your tests
//! async fn main() {
//!     let provider = TestProvider::in_memory();
//!     let guard = Guard::api(provider.issuer(), provider.audience())
//!         .http_client(provider.http_client())
//!         .clock(provider.clock())
//!         .build()
//!         .unwrap();
//!     let app = Route::new().at("/me", me).with(portcullis_poem::attach(&guard));
//!     let bearer = format!("Bearer {}", provider.token_for("alice"));
//!     let asked = Request::builder().uri_str("/me").header("authorization", bearer).finish();
//!     assert_eq!(app.get_response(asked).await.status(), 200);
//!     let nobody = Request::builder().uri_str("/me").finish();
//!     assert_eq!(app.get_response(nobody).await.status(), 401);
//! }
//! ```
//!
//! # What it does, and what not
//!
//! It validates bearer tokens that are JWTs ([what exactly](portcullis#what-it-validates-and-what-not)) and refuses
//! with the status and the challenge of RFC 6750 and RFC 9470. A handler without an extractor, outside of [`require`],
//! is public. A `CurrentUser` cannot be taken apart in the parameter list, `user.email()` works without that.
//! [`routes`] has the login, the callback and the logout of a web application; its sessions need [`attach`], which sets
//! their cookies.
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

/// What a handler's module needs: `use portcullis_poem::prelude::*;`.
pub mod prelude {
    pub use portcullis::{
        AccessToken, Acr, Admission, AuthError, BuildError, Fresh, FromAuth, Guard, IfPresent, UserInfo, requirements,
    };

    pub use crate::{Auth, AuthRejection, Authenticated, CurrentUser, OptionalUser};
}

pub use portcullis;

pub use self::extract::{Auth, Authenticated, CurrentUser, OptionalUser};
pub use self::middleware::{Attach, Guarded, Require, attach, require};
pub use self::response::AuthRejection;
pub use self::routes::routes;
