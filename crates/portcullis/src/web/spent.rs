//! States that have been used.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};

/// More logins than this within their lifetime are answered with 503.
const CAPACITY: usize = 100_000;

/// The states of callbacks that were accepted, until their transactions end.
///
/// # Security
/// A state is good once: a callback that is sent again (from the history, from a log, by an attacker) is refused
/// before anything is asked. When it is full nothing is forgotten: the next login has to wait.
#[derive(Debug, Default)]
pub(super) struct SpentStates {
    until: Mutex<HashMap<[u8; 32], Duration>>,
}

/// What became of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spent {
    Now,
    Before,
    Full,
}

impl SpentStates {
    pub(super) fn spend(&self, state: &str, now: Duration, until: Duration) -> Spent {
        let mut key = [0u8; 32];
        key.copy_from_slice(digest(&SHA256, state.as_bytes()).as_ref());
        let mut states = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if states.get(&key).is_some_and(|end| now < *end) {
            return Spent::Before;
        }
        if states.len() >= CAPACITY {
            states.retain(|_, end| now < *end);
        }
        if states.len() >= CAPACITY {
            return Spent::Full;
        }
        states.insert(key, until);
        Spent::Now
    }
}
