//! The layers, told where axum keeps the URI that the client sent.

use axum::extract::OriginalUri;
use http::{Extensions, Uri};
use portcullis::{Guard, Require};
use portcullis_tower::{AttachLayer, RequireLayer};

/// Guards a group of routes: `.route_layer(require::<Admin>(&guard))`. A request that does not satisfy `R` never
/// reaches a handler.
pub fn require<R: Require>(guard: &Guard) -> RequireLayer<R> {
    portcullis_tower::require(guard).original_uri(original_uri)
}

/// Completes responses: `.layer(attach(&guard))`, outermost. Authenticated answers are kept out of shared caches, and
/// session cookies are set and deleted.
///
/// # Security
/// Without it a shared cache may keep what one user saw; sessions that are kept in cookies are refused with 500.
pub fn attach(guard: &Guard) -> AttachLayer {
    portcullis_tower::attach(guard).original_uri(original_uri)
}

/// A nested router sees a URI without its prefix; refusals and requirements concern the one that the client sent.
pub(crate) fn original_uri<'r>(uri: &'r Uri, extensions: &'r Extensions) -> &'r Uri {
    extensions.get::<OriginalUri>().map_or(uri, |original| &original.0)
}
