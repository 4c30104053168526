//! `build()` is missing.
//~ check: expected `Guard`, found `GuardBuilder`

use axum::{Router, routing::get};
use portcullis_axum::prelude::*;

async fn me(_: CurrentUser) {}

fn main() {
    let guard = Guard::api("https://id.example.com", "https://api.example.com");
    let _: Router = Router::new().route("/me", get(me)).with_state(guard);
}
