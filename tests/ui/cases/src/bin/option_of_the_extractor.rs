//! `Option` outside: it would have to guess what a forbidden user is. `OptionalUser` says it.
//~ check: async fn home(_: Option<CurrentUser>) {}
//~ check: FromRequest<Guard, _>` is not satisfied

use axum::{Router, routing::get};
use portcullis_axum::prelude::*;

#[axum::debug_handler(state = Guard)]
async fn home(_: Option<CurrentUser>) {}

fn main() {
    let _ = Router::<Guard>::new().route("/", get(home));
}
