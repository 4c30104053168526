//! A type that no admission can be turned into.
//~ check: `Auth` cannot hand a `String` to a handler
//~ check: use `AccessToken`, `UserInfo`, `Fresh<UserInfo>`
//~ check: or implement `FromAuth` for your own type: `async fn from_auth(admission: &Admission<'_>) -> Result<Self, AuthError>`

use portcullis_axum::prelude::*;

async fn me(_: Auth<String>) {}

fn main() {
    axum::Router::<Guard>::new().route("/me", axum::routing::get(me));
}
