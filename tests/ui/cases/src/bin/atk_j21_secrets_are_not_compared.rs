//! Secrets are not compared with `==`, whose time tells how much of a guess is right (J21).
//~ check: binary operation `==` cannot be applied to type `&Secret`

use portcullis_axum::portcullis::Secret;

fn same(one: &Secret, other: &Secret) -> bool {
    one == other
}

fn main() {
    let _ = same;
}
