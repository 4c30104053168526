//! Only what the provider says can be asked anew: a token cannot.
//~ check: `Auth` cannot hand a `
//~ check: Fresh<UserInfo>

use portcullis_axum::prelude::*;

async fn me(_: Auth<Fresh<AccessToken>>) {}

fn main() {
    axum::Router::<Guard>::new().route("/me", axum::routing::get(me));
}
