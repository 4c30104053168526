//! Where sessions are kept between requests: a trait, so that it can be your own store.

use std::fmt;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{SessionIndex, SessionKey};

/// Keeps sessions: sealed bytes under a key, with a version and the indexes they are found by at logout.
///
/// What a store must guarantee:
///
/// - **One winner.** `insert`, `replace`, `remove` and `remove_all` are atomic for each session, between processes
///   too if these share the store. Of two requests that replace the same version, one is told `false`.
/// - **Logout wins.** A session that was removed is not brought back by `replace`, however late it comes, and a
///   session that can be loaded is found by `remove_all`: its indexes are there before it is, and go after it.
/// - **Failure is `Err`.** A store that cannot be reached, or a row that cannot be read, is never `None` or `false`:
///   the library answers 503, where `None` would make the caller anonymous or send the browser to log in again.
/// - **Every call returns.** Set your own time limit: a request waits for its store.
///
/// A session may be dropped from [`expires_at`](StoredSession::expires_at) on, to free memory and for no other
/// reason; the library looks at the instant itself, by its own clock. Expiry and eviction must take the session out
/// of its indexes too. `portcullis-testkit` has a check for implementors.
///
/// # Security
/// The bytes are sealed under a key derived from the session id, which the store never sees: reading the store
/// reveals no tokens. Who can write to it can remove a session or put an earlier copy of it back, but forge none.
#[async_trait]
pub trait SessionStore: fmt::Debug + Send + Sync + 'static {
    /// The session under this key, as it was stored, if there is one.
    ///
    /// # Errors
    /// Any failure of the store; the request is answered 503.
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StoreError>;

    /// Stores a new session. It replaces nothing.
    ///
    /// # Errors
    /// There is a session under this key already, which stays as it is; or any failure of the store. No cookie is
    /// issued then.
    async fn insert(&self, key: &SessionKey, session: StoredSession) -> Result<(), StoreError>;

    /// Stores the session, its expiry and its indexes in place of the one that is there, if that one has the
    /// expected version. `false`: another version is there, or none; nothing was changed.
    ///
    /// # Errors
    /// Any failure of the store.
    async fn replace(
        &self,
        key: &SessionKey,
        session: StoredSession,
        expected_version: u64,
    ) -> Result<bool, StoreError>;

    /// Removes the session; it is no error if there is none.
    ///
    /// # Errors
    /// Any failure of the store: the session may still be there, and the caller is told so.
    async fn remove(&self, key: &SessionKey) -> Result<(), StoreError>;

    /// Removes every session with this index, and says how many there were.
    ///
    /// # Errors
    /// Any failure of the store; some of the sessions may still be there, and another call must find those.
    async fn remove_all(&self, index: &SessionIndex) -> Result<usize, StoreError>;
}

/// What a store keeps of a session. Serde writes the sealed bytes as base64url text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSession {
    #[serde(serialize_with = "write_base64", deserialize_with = "read_base64")]
    sealed: Vec<u8>,
    version: u64,
    expires_at: u64,
    indexes: Vec<SessionIndex>,
}

impl StoredSession {
    /// Puts together what a store has read; `expires_at` is in seconds since the Unix epoch.
    #[must_use]
    pub fn new(sealed: Vec<u8>, version: u64, expires_at: u64, indexes: Vec<SessionIndex>) -> Self {
        Self { sealed, version, expires_at, indexes }
    }

    /// The sealed session.
    #[must_use]
    pub fn sealed(&self) -> &[u8] {
        &self.sealed
    }

    /// What [`SessionStore::replace`] compares.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// From when on the store may drop the session, in seconds since the Unix epoch.
    #[must_use]
    pub fn expires_at(&self) -> u64 {
        self.expires_at
    }

    /// By what [`SessionStore::remove_all`] finds the session.
    #[must_use]
    pub fn indexes(&self) -> &[SessionIndex] {
        &self.indexes
    }
}

impl fmt::Debug for StoredSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredSession")
            .field("version", &self.version)
            .field("expires_at", &self.expires_at)
            .field("indexes", &self.indexes)
            .finish_non_exhaustive()
    }
}

fn write_base64<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&URL_SAFE_NO_PAD.encode(bytes))
}

fn read_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| D::Error::custom("expected base64url without padding"))
}

/// The session store failed.
#[derive(Debug, thiserror::Error)]
#[error("the session store failed: {0}")]
pub struct StoreError(Box<dyn std::error::Error + Send + Sync>);

impl StoreError {
    /// Wraps the store's own error. Its text is logged: leave secrets out of it.
    pub fn new(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_session_is_text_as_json_and_hides_its_bytes_in_debug() {
        let index = SessionIndex::of_subject("https://id.example", "alice");
        let session = StoredSession::new(vec![0xca, 0xfe, 0xff], 3, u64::MAX, vec![index]);
        let json = serde_json::to_value(&session).unwrap();
        assert_eq!(json["sealed"], "yv7_");
        assert_eq!(json["indexes"][0], index.to_string());
        assert_eq!(serde_json::from_value::<StoredSession>(json).unwrap(), session);
        let debug = format!("{session:?}");
        assert!(debug.contains("version: 3") && !debug.contains("202") && !debug.contains("sealed"), "{debug}");
    }
}
