//! What a session's user may do.

use std::sync::Arc;

use crate::error::AuthError;
use crate::guard::Guard;
use crate::secret::Secret;
use crate::token::IdToken;
use crate::userinfo::UserInfo;

const PERMISSIONS: &str = "permissions";

/// What was found out about permissions.
pub(crate) enum Granted {
    /// These, and no others.
    Permissions(Vec<String>),
    /// Neither the tokens nor the claims say anything of permissions.
    Unsaid,
    /// Nobody can be asked for the keys now.
    Unknown,
}

/// The permissions from the access token if that is a JWT that validates for us, else from the ID token, else from the
/// user's claims.
pub(crate) async fn granted_permissions(
    guard: &Guard,
    access_token: &Secret,
    id_token: Option<&IdToken>,
    user_info: Option<&UserInfo>,
) -> Granted {
    if guard.accepts_bearer() {
        match guard.validate(&Arc::new(access_token.clone())).await {
            Ok(token) => return Granted::Permissions(token.permissions().map(str::to_owned).collect()),
            Err(AuthError::Unavailable(_)) => return Granted::Unknown,
            Err(_) => {}
        }
    }
    let claimed = id_token.and_then(claimed_by).or_else(|| user_info?.claim(PERMISSIONS));
    claimed.map_or(Granted::Unsaid, Granted::Permissions)
}

/// The permissions that an ID token claims.
pub(crate) fn claimed_by(id_token: &IdToken) -> Option<Vec<String>> {
    id_token.claim(PERMISSIONS)
}
