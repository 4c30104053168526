//! Logged-in browsers: what their sessions hold, where they are kept, how they are refreshed and how they end.

mod begun;
mod digest;
mod keeper;
mod key;
mod live;
mod marks;
mod memory;
mod permissions;
mod record;
mod refresh;
mod sealed;
mod sessions;
mod store;
mod stored;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

pub(crate) use self::keeper::Keeper;
pub use self::key::{SessionIndex, SessionKey};
pub(crate) use self::live::Live;
pub use self::memory::MemorySessionStore;
pub(crate) use self::permissions::{Granted, claimed_by, granted_permissions};
pub(crate) use self::record::{KeptIdToken, Record, dates};
pub(crate) use self::sealed::MOST_CHARACTERS;
pub(crate) use self::sessions::{Renewal, Sessions};
pub use self::store::{SessionStore, StoreError, StoredSession};

use crate::bounded::Full;
use crate::error::AuthError;
use crate::keys::RETRY_AFTER;
use crate::secret::Secret;

/// Where login sessions are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SessionKind {
    /// On our side, behind a [`SessionStore`]; the browser has an id only. Without a store of your own they are in the
    /// memory of this process, and end with it.
    #[default]
    Memory,
    /// In the browser, sealed with the cookie keys (AES-256-GCM-SIV): any process that has these can serve it.
    ///
    /// # Security
    /// A browser can bring back a cookie that it had before. That a session has ended, or has newer tokens, is known to
    /// the process that did it, as long as it lives: a logout does not reach other processes, and is forgotten by a
    /// restart. A front-channel logout ends nothing. Who has the cookie keys can forge a session.
    ///
    /// What does not fit into two cookies (7 KiB) is not kept: the access token first, then claims beyond the
    /// standard's.
    Cookie,
}

fn new_id<const BYTES: usize>() -> Result<Secret, AuthError> {
    let mut id = Zeroizing::new([0u8; BYTES]);
    aws_lc_rs::rand::fill(id.as_mut()).map_err(|_| store_down("no_randomness"))?;
    Ok(Secret::from(BASE64_URL_SAFE_NO_PAD.encode(id.as_ref())))
}

fn marks_full(_: Full) -> AuthError {
    tracing::error!(target: "portcullis::session", "no more logouts, or refreshes of sessions in cookies, can be noted");
    store_down("session_marks_full")
}

fn store_down(reason: &'static str) -> AuthError {
    AuthError::unavailable(reason, RETRY_AFTER)
}
