//! A principal of the application's own that keeps something thread-bound across an await.
//~ check: future returned by `from_auth` is not `Send`
//~ check: await occurs here, with `note` maybe used later

use std::rc::Rc;

use portcullis_axum::prelude::*;

struct Badge(String);

impl FromAuth for Badge {
    async fn from_auth(admission: &Admission<'_>) -> Result<Self, AuthError> {
        let note = Rc::new(7);
        let user = admission.user_info().await?;
        Ok(Badge(format!("{note} {}", user.subject())))
    }
}

fn main() {
    let _ = |badge: Badge| badge.0;
}
