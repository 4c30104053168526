//! x
mod extract;
mod middleware;
mod response;
mod routes;

/// What a handler's module needs: `use portcullis_poem::prelude::*;`.
pub mod prelude {
    pub use portcullis::{
        AccessToken, Acr, Admission, AuthError, BuildError, Fresh, FromAuth, Guard, IfPresent, UserInfo, requirements,
    };

    pub use crate::{Auth, AuthRejection, Authenticated, CurrentUser, OptionalUser};
}

pub use portcullis;

pub use self::extract::{Auth, Authenticated, CurrentUser, OptionalUser};
pub use self::middleware::{Attach, Guarded, Require, attach, require};
pub use self::response::AuthRejection;
pub use self::routes::routes;
