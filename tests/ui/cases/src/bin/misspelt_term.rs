//! A term that does not exist.
//~ check: cannot find function `scoep` in this scope
//~ check: a function with a similar name exists

use portcullis_axum::prelude::*;

requirements! {
    pub struct ReadCastles = scoep("castles");
}

fn main() {}
