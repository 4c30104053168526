//! portcullis for axum: authentication and authorization as handler parameters.

mod extract;
mod middleware;
mod response;

/// What a handler's module needs: `use portcullis_axum::prelude::*;`.
pub mod prelude {
    pub use portcullis::{
        AccessToken, Acr, AuthError, BuildError, Fresh, FromAuth, Guard, IfPresent, UserInfo, requirements,
    };

    pub use crate::{Auth, Authenticated, CurrentUser, OptionalUser};
}

pub use portcullis;

pub use self::extract::{Auth, Authenticated, CurrentUser, OptionalUser};
pub use self::middleware::{attach, require};
pub use self::response::AuthRejection;
