//! The same where the router names its state.
//~ check: the trait bound `Guard: FromRef<App>` is not satisfied
//~ check: async fn me(_: CurrentUser) {}

use axum::{Router, routing::get};
use portcullis_axum::prelude::*;

#[derive(Clone)]
struct App;

#[axum::debug_handler(state = App)]
async fn me(_: CurrentUser) {}

fn main() {
    let _ = Router::<App>::new().route("/me", get(me));
}
