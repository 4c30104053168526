//! What a provider is, without how it is reached.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};

use crate::clock::TestClock;
use crate::endpoint::{self, MetadataForm};
use crate::fault::{Script, WireFault};
use crate::key::KeySet;
use crate::traffic::Traffic;
use crate::user::Users;

pub(crate) struct State {
    pub(crate) issuer: String,
    /// Scheme and authority of where the provider is reached.
    pub(crate) base_url: String,
    /// The path in front of every endpoint, without a slash at the end.
    pub(crate) path: String,
    pub(crate) audience: String,
    pub(crate) clock: TestClock,
    pub(crate) traffic: Traffic,
    pub(crate) script: Script,
    pub(super) keys: Mutex<KeySet>,
    pub(super) users: Mutex<Users>,
    pub(super) issued: Mutex<Issued>,
    pub(super) published: Mutex<Published>,
    pub(super) stopped: AtomicBool,
}

#[derive(Debug, Default)]
pub(crate) struct Published {
    pub(crate) metadata_form: MetadataForm,
    pub(crate) jwks_cache_control: Option<HeaderValue>,
}

/// The access tokens this provider gave out, by SHA-256: a test may mint a great many.
#[derive(Debug, Default)]
pub(crate) struct Issued(HashMap<Box<[u8]>, Grant>);

#[derive(Debug)]
struct Grant {
    subject: String,
    expires: f64,
}

/// An answer, and what goes wrong on its way.
pub(crate) struct Answer {
    pub(crate) response: Response<Bytes>,
    pub(crate) wire: Option<WireFault>,
}

impl State {
    /// The one way to an answer, for loopback and memory alike.
    pub(crate) async fn answer(&self, request: Request<Bytes>) -> Answer {
        let endpoint = endpoint::route(self, request.uri().path());
        let path = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
        self.traffic.record(endpoint, &request, path);
        let Some(endpoint) = endpoint else {
            return Answer { response: endpoint::empty(StatusCode::NOT_FOUND), wire: None };
        };
        if let Some(barrier) = self.script.barrier(endpoint) {
            barrier.pass().await;
        }
        let response = endpoint::handle(self, endpoint, &request);
        match self.script.next(endpoint) {
            Some(fault) => {
                let (response, wire) = fault.apply(response);
                Answer { response, wire }
            }
            None => Answer { response, wire: None },
        }
    }

    /// Whether connections in memory are refused; on loopback the socket itself is gone.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    pub(super) fn set_stopped(&self, stopped: bool) {
        self.stopped.store(stopped, Ordering::Relaxed);
    }

    pub(crate) fn keys(&self) -> MutexGuard<'_, KeySet> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn users(&self) -> MutexGuard<'_, Users> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn issued(&self) -> MutexGuard<'_, Issued> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn published(&self) -> MutexGuard<'_, Published> {
        self.published.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Only the name: a failing assertion that shows a provider should not show all its traffic.
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl Issued {
    pub(crate) fn add(&mut self, token: &str, subject: &str, expires: f64) {
        self.0.insert(fingerprint(token), Grant { subject: subject.to_owned(), expires });
    }

    /// Whose token this is, while it is alive.
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
    pub(crate) fn subject(&self, token: &str, now: u64) -> Option<String> {
        let grant = self.0.get(&fingerprint(token))?;
        (grant.expires > now as f64).then(|| grant.subject.clone())
    }

    pub(crate) fn revoke(&mut self, token: &str) {
        self.0.remove(&fingerprint(token));
    }
}

fn fingerprint(token: &str) -> Box<[u8]> {
    digest::digest(&digest::SHA256, token.as_bytes()).as_ref().into()
}
