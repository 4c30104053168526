//! The requirement is a struct that nobody declared to be one.
//~ check: `Admin` is not a requirement
//~ check: not a requirement
//~ check: declare it: `requirements! { pub struct Admin = scope("..."); }`
//~ check: several requirements are written as a tuple: `(A, B)`

use portcullis_axum::prelude::*;

struct Admin;

async fn me(_: CurrentUser<Admin>) {}

fn main() {
    axum::Router::<Guard>::new().route("/me", axum::routing::get(me));
}
