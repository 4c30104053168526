//! A group guard for a struct that is no requirement.
//~ check: `Admin` is not a requirement
//~ check: declare it: `requirements! { pub struct Admin = scope("..."); }`

use portcullis_axum::prelude::*;
use portcullis_axum::require;

struct Admin;

fn group(guard: &Guard) -> axum::Router<Guard> {
    axum::Router::new().route("/", axum::routing::get(async || "in")).route_layer(require::<Admin>(guard))
}

fn main() {
    let _ = group;
}
