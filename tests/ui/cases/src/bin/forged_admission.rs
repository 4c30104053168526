//! Nobody but the library makes an `Auth`: holding one means that the request was admitted.
//~ check: associated function `admitted` is private

use portcullis_axum::prelude::*;

fn forge(user: UserInfo) -> CurrentUser {
    CurrentUser::admitted(user)
}

fn main() {
    let _ = forge;
}
