//! States that have been used.

use std::time::Duration;

pub(super) use crate::replay::Spent;
use crate::replay::{ReplayKey, ReplayMap};

/// The states of callbacks that were accepted, until their transactions end.
///
/// # Security
/// A state is good once: a callback that is sent again (from the history, from a log, by an attacker) is refused
/// before anything is asked. When it is full nothing is forgotten: the next login has to wait.
#[derive(Debug, Default)]
pub(super) struct SpentStates(ReplayMap);

impl SpentStates {
    pub(super) fn spend(&self, state: &str, now: Duration, until: Duration) -> Spent {
        self.0.spend(ReplayKey::of(&[state]), now, until)
    }
}
