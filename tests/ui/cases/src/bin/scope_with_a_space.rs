//! Two scopes in one term.
//~ check: several scopes are several terms: `scope("a") & scope("b")`
//~ check: ReadCastles

use portcullis_axum::prelude::*;

requirements! {
    pub struct ReadCastles = scope("castles openid");
}

fn main() {}
