//! Which fault an endpoint shows next.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Fault;
use super::gate::Barrier;
use crate::endpoint::Endpoint;

#[derive(Debug, Default)]
pub(crate) struct Script(Mutex<BTreeMap<Endpoint, Scene>>);

#[derive(Debug, Default)]
struct Scene {
    lasting: Option<Fault>,
    counted: VecDeque<(usize, Fault)>,
    barrier: Option<Arc<Barrier>>,
}

impl Script {
    pub(crate) fn lasting(&self, endpoint: Endpoint, fault: Fault) {
        self.scenes().entry(endpoint).or_default().lasting = Some(fault);
    }

    pub(crate) fn counted(&self, endpoint: Endpoint, times: usize, fault: Fault) {
        self.scenes().entry(endpoint).or_default().counted.push_back((times, fault));
    }

    pub(crate) fn hold(&self, endpoint: Endpoint) -> Arc<Barrier> {
        let barrier = Arc::new(Barrier::closed());
        let replaced = self.scenes().entry(endpoint).or_default().barrier.replace(Arc::clone(&barrier));
        if let Some(replaced) = replaced {
            replaced.open();
        }
        barrier
    }

    pub(crate) fn heal(&self, endpoint: Endpoint) {
        let healed = self.scenes().remove(&endpoint);
        if let Some(barrier) = healed.and_then(|scene| scene.barrier) {
            barrier.open();
        }
    }

    pub(crate) fn barrier(&self, endpoint: Endpoint) -> Option<Arc<Barrier>> {
        self.scenes().get(&endpoint)?.barrier.clone()
    }

    /// The fault of the next answer; counted faults come before the lasting one.
    pub(crate) fn next(&self, endpoint: Endpoint) -> Option<Fault> {
        let mut scenes = self.scenes();
        let scene = scenes.get_mut(&endpoint)?;
        scene.counted.retain(|(times, _)| *times > 0);
        if let Some((times, fault)) = scene.counted.front_mut() {
            *times -= 1;
            return Some(fault.clone());
        }
        scene.lasting.clone()
    }

    fn scenes(&self) -> MutexGuard<'_, BTreeMap<Endpoint, Scene>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
