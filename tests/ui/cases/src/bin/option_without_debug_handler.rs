//! The same without `debug_handler`: less is said, but it does not compile either.
//~ check: Handler<_, _>
//~ check: get(home)

use axum::{Router, routing::get};
use portcullis_axum::prelude::*;

async fn home(_: Option<CurrentUser>) {}

fn main() {
    let _ = Router::<Guard>::new().route("/", get(home));
}
