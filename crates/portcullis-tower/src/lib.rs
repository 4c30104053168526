//! portcullis for tower: guards for groups of routes, and the write-back of response headers, for every service that
//! speaks `http` 1 (axum, tonic, hyper).
//!
//! An application on axum has these layers from `portcullis-axum`, which knows where axum keeps the URI that the client
//! sent.
//!
//! ```
//! use portcullis::{Guard, requirements};
//! use portcullis_tower::{attach, require};
//! use tower_layer::Layer;
//!
//! requirements! { pub struct Admin = permission("admin"); }
//!
//! let guard = Guard::api("https://id.example.com", "https://api.example.com").build()?;
//! # let admin_service = ();
//! let service = attach(&guard).layer(require::<Admin>(&guard).layer(admin_service));
//! # Ok::<(), portcullis::BuildError>(())
//! ```
//!
//! # Words
//!
//! - [`require`] guards: a request that does not satisfy the requirement never reaches the service. It answers with a
//!   finished response, not with an error, so that layers further out see it as any other.
//! - [`attach`] completes responses: what depends on credentials says so to caches, and session cookies are set and
//!   deleted.
//! - Both leave the request's [`Attempt`](portcullis::Attempt) in its extensions, so that the service behind them
//!   resumes it: `request.extensions().get::<Attempt>()`, then
//!   [`principal::<UserInfo>()`](portcullis::Attempt::principal). The request is validated once.
//!
//! # What it does, and what not
//!
//! It guards whole services; what a single route demands is said where the route is. It answers no CORS preflight,
//! which carries no credentials: put that layer outside of [`require`].
//!
//! # Features
//!
//! None of its own; the transport is chosen by the features of `portcullis`.

mod attach;
mod require;

use http::{Extensions, Uri};

pub use self::attach::{Attach, AttachFuture, AttachLayer, attach};
pub use self::require::{Require, RequireLayer, require};

/// Finds the URI that the client sent, where a router keeps it after taking a prefix off.
pub type OriginalUri = for<'r> fn(&'r Uri, &'r Extensions) -> &'r Uri;

fn as_received<'r>(uri: &'r Uri, _: &'r Extensions) -> &'r Uri {
    uri
}
