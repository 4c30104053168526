//! portcullis for tower: guards for groups of routes, and the write-back of response headers, for every service that
//! speaks `http` 1 (axum, tonic, hyper).
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

mod attach;
mod require;

use http::{Extensions, Uri};

pub use self::attach::{Attach, AttachLayer, attach};
pub use self::require::{Require, RequireLayer, require};

/// Finds the URI that the client sent, where a router keeps it after taking a prefix off.
pub type OriginalUri = for<'r> fn(&'r Uri, &'r Extensions) -> &'r Uri;

fn as_received<'r>(uri: &'r Uri, _: &'r Extensions) -> &'r Uri {
    uri
}
