//! A value of the wrong type.
//~ check: mismatched types
//~ check: expected `&str`, found integer

use portcullis_axum::prelude::*;

requirements! {
    pub struct ReadCastles = scope(7);
}

fn main() {}
