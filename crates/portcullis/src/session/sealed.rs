//! Sessions that the browser keeps, sealed.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::begun::Begun;
use super::key::SessionIndex;
use super::live::Live;
use super::marks::SessionMarks;
use super::record::Record;
use super::{marks_full, new_id, store_down};
use crate::bounded::Full;
use crate::clock::Clock;
use crate::error::AuthError;
use crate::secret::Secret;
use crate::web::Sealer;

/// What two cookies hold: browsers keep 4 KiB of each, name and attributes included.
pub(crate) const MOST_CHARACTERS: usize = 7 * 1024;
const ID_BYTES: usize = 16;

#[derive(Debug)]
pub(crate) struct SealedSessions {
    sealer: Sealer,
    /// Authenticated with every session: the cookie that holds it.
    cookie_name: String,
    marks: SessionMarks,
    issuer: String,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Content<I, R> {
    #[serde(rename = "i")]
    id: I,
    #[serde(rename = "v")]
    version: u64,
    #[serde(rename = "b")]
    began: u64,
    #[serde(rename = "r")]
    record: R,
}

impl SealedSessions {
    pub(super) fn new(
        sealer: Sealer,
        cookie_name: String,
        session_life: Duration,
        clock: Arc<dyn Clock>,
        issuer: String,
    ) -> Self {
        let marks = SessionMarks::new(session_life, clock);
        Self { sealer: sealer.at_most(MOST_CHARACTERS), cookie_name, marks, issuer }
    }

    pub(super) fn marks(&self) -> &SessionMarks {
        &self.marks
    }

    /// Begins a session; `None` if the provider has ended it since its login began.
    pub(super) fn create(&self, record: &Record, began: u64) -> Result<Option<Begun>, AuthError> {
        let id = new_id::<ID_BYTES>()?;
        let live = Live { id, record: record.clone(), version: 1, began, cookie: None };
        let sealed = self.seal(&live)?;
        Ok(self.newest(&live).map(|_| Begun::in_cookie(sealed)))
    }

    /// The session as it is now: the browser may have sent the request before it was told of a change.
    pub(super) fn open(&self, sealed: &str) -> Option<Live> {
        let opened = self.sealer.open(&self.cookie_name, sealed)?;
        let content: Content<String, Record> = serde_json::from_slice(&opened).ok()?;
        let Content { id, version, began, record } = content;
        self.newest(&Live { id: id.into(), record, version, began, cookie: None })
    }

    pub(super) fn newest(&self, live: &Live) -> Option<Live> {
        self.marks.newest(live, &self.issuer)
    }

    /// Changes the session, unless somebody else has changed or ended it meanwhile.
    pub(super) fn write(&self, live: &Live) -> Result<Option<Live>, AuthError> {
        let mut changed = Live { version: live.version + 1, ..live.clone() };
        changed.cookie = Some(self.seal(&changed)?);
        let is_noted = self.marks.renew(live, changed.clone(), &self.issuer).map_err(marks_full)?;
        Ok(is_noted.then_some(changed))
    }

    /// Notes something that may be lost: the version stays.
    pub(super) fn touch(&self, live: &Live) -> Result<Live, AuthError> {
        Ok(Live { cookie: Some(self.seal(live)?), ..live.clone() })
    }

    /// Before tokens are used up that somebody else may still hold: whether what comes of it can be noted.
    pub(super) fn prepare_write(&self) -> Result<(), AuthError> {
        if self.marks.has_room() { Ok(()) } else { Err(marks_full(Full)) }
    }

    pub(super) fn end_unchanged(&self, live: &Live) -> Result<bool, AuthError> {
        self.marks.end_unchanged(live).map_err(marks_full)
    }

    /// Ends the session that this is; it is no error if it is none.
    pub(super) fn end(&self, sealed: &str) -> Result<(), AuthError> {
        match self.open(sealed) {
            Some(live) => self.marks.end(live.key()).map_err(marks_full),
            None => Ok(()),
        }
    }

    pub(super) fn end_all(&self, index: &SessionIndex) -> Result<(), AuthError> {
        self.marks.end_all(*index).map_err(marks_full)
    }

    /// What does not fit is left out: the access token first, then the claims beyond the standard's.
    fn seal(&self, live: &Live) -> Result<Secret, AuthError> {
        if let Some(sealed) = self.seal_whole(live) {
            return Ok(sealed);
        }
        let mut smaller = live.clone();
        smaller.record.access_token = None;
        if let Some(sealed) = self.seal_whole(&smaller) {
            tracing::debug!(target: "portcullis::session", "the access token does not fit into the session's cookie");
            return Ok(sealed);
        }
        smaller.record.user_info = smaller.record.user_info.standard_claims();
        tracing::warn!(target: "portcullis::session", "the user's claims do not fit into the session's cookie: keep sessions in memory or in a store");
        self.seal_whole(&smaller).ok_or_else(|| store_down("session_does_not_fit_into_cookies"))
    }

    fn seal_whole(&self, live: &Live) -> Option<Secret> {
        let Live { id, record, version, began, .. } = live;
        let content = Content { id: id.expose(), version: *version, began: *began, record };
        let text = Zeroizing::new(serde_json::to_vec(&content).ok()?);
        self.sealer.seal(&self.cookie_name, &text).map(Secret::from)
    }
}
