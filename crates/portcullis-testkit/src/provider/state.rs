//! What a provider is, without how it is reached.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use serde_json::Value;

use crate::client::Clients;
use crate::clock::TestClock;
use crate::endpoint::{self, MetadataForm};
use crate::fault::{Script, WireFault};
use crate::flow::{Grants, Hooks, Issued, Logouts, Visitors};
use crate::key::KeySet;
use crate::traffic::Traffic;
use crate::transport::delivery;
use crate::user::Users;

pub(crate) struct State {
    pub(crate) issuer: String,
    /// Scheme and authority of where the provider is reached.
    pub(crate) base_url: String,
    /// The path in front of every endpoint, without a slash at the end.
    pub(crate) path: String,
    pub(crate) jwks_path: String,
    pub(crate) audience: String,
    pub(crate) clock: TestClock,
    pub(crate) traffic: Traffic,
    pub(crate) script: Script,
    pub(super) keys: Mutex<KeySet>,
    pub(super) users: Mutex<Users>,
    pub(super) clients: Mutex<Clients>,
    pub(super) visitors: Mutex<Visitors>,
    pub(super) grants: Mutex<Grants>,
    pub(super) issued: Mutex<Issued>,
    pub(super) logouts: Mutex<Logouts>,
    pub(super) hooks: Mutex<Hooks>,
    pub(super) published: Mutex<Published>,
    pub(super) stopped: AtomicBool,
    /// Whether logout tokens are posted; in memory a test delivers them itself.
    pub(super) delivers: bool,
}

pub(crate) type MetadataPatch = Arc<dyn Fn(&mut Value) + Send + Sync>;

pub(crate) struct Published {
    pub(crate) metadata_form: MetadataForm,
    pub(crate) metadata_patch: Option<MetadataPatch>,
    pub(crate) jwks_cache_control: Option<HeaderValue>,
    /// Whether authorization responses name the issuer (RFC 9207).
    pub(crate) response_iss: bool,
}

/// An answer, and what goes wrong on its way.
pub(crate) struct Answer {
    pub(crate) response: Response<Bytes>,
    pub(crate) wire: Option<WireFault>,
}

impl State {
    /// The one way to an answer, for loopback and memory alike.
    pub(crate) async fn answer(self: &Arc<Self>, request: Request<Bytes>) -> Answer {
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
        self.deliver_logouts().await;
        match self.script.next(endpoint) {
            Some(fault) => {
                let (response, wire) = fault.apply(response);
                Answer { response, wire }
            }
            None => Answer { response, wire: None },
        }
    }

    /// Tells the clients of ended sessions; the browser waits, so that a test need not.
    pub(crate) async fn deliver_logouts(&self) {
        if !self.delivers {
            return;
        }
        loop {
            let Some((number, message)) = self.logouts().take_unsent() else { break };
            let status = delivery::deliver(&message).await;
            self.logouts().answered(number, status);
        }
    }

    /// The URL of an endpoint.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{}{path}", self.base_url, self.path)
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

    pub(crate) fn logouts(&self) -> MutexGuard<'_, Logouts> {
        self.logouts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn clients(&self) -> MutexGuard<'_, Clients> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn visitors(&self) -> MutexGuard<'_, Visitors> {
        self.visitors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn grants(&self) -> MutexGuard<'_, Grants> {
        self.grants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn hooks(&self) -> MutexGuard<'_, Hooks> {
        self.hooks.lock().unwrap_or_else(PoisonError::into_inner)
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
