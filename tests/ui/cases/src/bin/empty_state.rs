//! No state at all, said aloud.
//~ check: expected `Guard`, found `()`

use axum::{Router, routing::get};
use portcullis_axum::prelude::*;

async fn me(_: CurrentUser) {}

fn main() {
    let _: Router = Router::new().route("/me", get(me)).with_state(());
}
