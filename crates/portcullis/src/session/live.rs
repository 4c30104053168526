//! A session that has been opened.

use super::key::{SessionIndex, SessionKey};
use super::record::Record;
use crate::secret::Secret;

/// A session that is there, alive, and has been opened.
#[derive(Clone)]
pub(crate) struct Live {
    pub(super) id: Secret,
    pub(crate) record: Record,
    /// Counts the writes; of two writers of one version the second has to look again.
    pub(super) version: u64,
    /// When a session in a cookie began, by the order of its marks.
    pub(super) began: u64,
    /// What the browser has to keep from now on, where the session is in its cookie and has changed.
    pub(super) cookie: Option<Secret>,
}

impl Live {
    pub(super) fn key(&self) -> SessionKey {
        SessionKey::of(self.id.expose().as_bytes())
    }

    /// Everything that a logout may name the session by.
    pub(super) fn indexes(&self, issuer: &str) -> Vec<SessionIndex> {
        SessionIndex::all_of(issuer, self.record.id_token.restore().session_id(), &self.record.subject)
    }
}
