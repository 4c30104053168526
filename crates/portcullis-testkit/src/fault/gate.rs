//! Answers that wait for the test.

use std::sync::Arc;

use tokio::sync::watch;

/// Holds back the answers of one endpoint, see [`TestProvider::hold`](crate::TestProvider::hold).
///
/// Requests arrive and are counted; their answers wait until [`release`](Self::release), or until the gate is
/// dropped or the endpoint healed, so that a failing test does not hang.
#[derive(Debug)]
#[must_use = "dropping the gate opens it"]
pub struct Gate {
    barrier: Arc<Barrier>,
}

#[derive(Debug)]
pub(crate) struct Barrier(watch::Sender<Progress>);

#[derive(Debug, Default)]
struct Progress {
    arrived: usize,
    open: bool,
}

impl Gate {
    pub(crate) fn new(barrier: Arc<Barrier>) -> Self {
        Self { barrier }
    }

    /// Waits until this many requests have arrived at the gate, those that gave up included.
    pub async fn waiting(&self, requests: usize) {
        let mut progress = self.barrier.0.subscribe();
        // The sender lives in `self`, so the channel cannot close while this waits.
        let _ = progress.wait_for(|progress| progress.arrived >= requests).await;
    }

    /// How many requests have arrived at the gate.
    #[must_use]
    pub fn arrived(&self) -> usize {
        self.barrier.0.borrow().arrived
    }

    /// Lets every answer go, those of later requests too.
    pub fn release(self) {
        self.barrier.open();
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.barrier.open();
    }
}

impl Barrier {
    pub(crate) fn closed() -> Self {
        Self(watch::Sender::new(Progress::default()))
    }

    pub(crate) fn open(&self) {
        self.0.send_modify(|progress| progress.open = true);
    }

    pub(crate) async fn pass(&self) {
        let mut progress = self.0.subscribe();
        self.0.send_modify(|progress| progress.arrived += 1);
        // The sender lives in `self`, so the channel cannot close while this waits.
        let _ = progress.wait_for(|progress| progress.open).await;
    }
}
