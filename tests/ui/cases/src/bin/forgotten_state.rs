//! `with_state` is missing.
//~ check: Router<Guard>

use axum::{Router, routing::get};
use portcullis_axum::prelude::*;

async fn me(_: CurrentUser) {}

#[tokio::main]
async fn main() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await.unwrap();
    axum::serve(listener, Router::new().route("/me", get(me))).await.unwrap();
}
