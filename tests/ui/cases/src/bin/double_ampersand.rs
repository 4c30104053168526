//! `&&` between terms, as in an expression.
//~ check: no rules expected
//~ check: pub struct ReadCastles = scope("castles") && permission("castles:read");

use portcullis_axum::prelude::*;

requirements! {
    pub struct ReadCastles = scope("castles") && permission("castles:read");
}

fn main() {}
