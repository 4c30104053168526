//! A bad requirement written by hand: `cargo check` does not evaluate it, `cargo build` does.
//~ build: this requirement has a value that no token can satisfy

use axum::{Router, routing::get};
use portcullis_axum::portcullis::{Require, Requirement, requirement};
use portcullis_axum::prelude::*;

struct ReadCastles;

impl Require for ReadCastles {
    const REQUIREMENT: Requirement<'static> = requirement::scope("castles openid");
}

async fn me(_: CurrentUser<ReadCastles>) {}

fn main() {
    let _ = Router::<Guard>::new().route("/me", get(me));
}
