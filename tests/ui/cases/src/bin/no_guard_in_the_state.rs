//! A state of the application's own that has no guard in it.
//~ check: mismatched types
//~ check: expected `Guard`, found `App`

use axum::{Router, routing::get};
use portcullis_axum::prelude::*;

#[derive(Clone)]
struct App;

async fn me(_: CurrentUser) {}

fn main() {
    let _: Router = Router::new().route("/me", get(me)).with_state(App);
}
