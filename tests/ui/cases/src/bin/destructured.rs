//! Taken apart like axum's own extractors. An alias cannot be: `user.email()` works, and `user.into_inner()`.
//~ check: expected tuple struct or tuple variant, found type alias `CurrentUser`

use portcullis_axum::prelude::*;

async fn me(CurrentUser(_user): CurrentUser) {}

fn main() {
    let _ = me;
}
