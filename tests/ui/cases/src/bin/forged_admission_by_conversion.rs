//! Nor by a conversion.
//~ check: the trait bound
//~ check: user.into()

use portcullis_axum::prelude::*;

fn forge(user: UserInfo) -> CurrentUser {
    user.into()
}

fn main() {
    let _ = forge;
}
