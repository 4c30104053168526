//! What a session's user may do.

use std::sync::Arc;

use crate::error::AuthError;
use crate::guard::Guard;
use crate::secret::Secret;
use crate::token::IdToken;
use crate::userinfo::UserInfo;

/// The permissions from the access token if that is a JWT that validates for us, else from the ID token, else from the
/// user's claims; `None` where none of them says anything, or nobody can be asked for the keys now.
pub(crate) async fn granted_permissions(
    guard: &Guard,
    access_token: &Secret,
    id_token: Option<&IdToken>,
    user_info: Option<&UserInfo>,
) -> Option<Vec<String>> {
    if guard.accepts_bearer() {
        match guard.validate(&Arc::new(access_token.clone())).await {
            Ok(token) => return Some(token.permissions().map(str::to_owned).collect()),
            Err(AuthError::Unavailable(_)) => return None,
            Err(_) => {}
        }
    }
    let claimed = id_token.and_then(|id_token| id_token.claim("permissions"));
    claimed.or_else(|| user_info?.claim("permissions"))
}
