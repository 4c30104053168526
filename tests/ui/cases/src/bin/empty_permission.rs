//! A permission that says nothing, hidden in an alternative.
//~ check: a permission must not be empty

use portcullis_axum::prelude::*;

requirements! {
    pub struct ReadCastles = any_of(&[scope("castles"), permission("")]);
}

fn main() {}
