//! Two guards in one state: axum could not tell which is meant. Nest a router with its own state instead.
//~ check: conflicting implementations of trait `FromRef<App>` for type

use axum::extract::FromRef;
use portcullis_axum::prelude::*;

#[derive(Clone, FromRef)]
struct App {
    users: Guard,
    admins: Guard,
}

fn main() {}
