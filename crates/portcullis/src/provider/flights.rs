//! Single flight: many ask, one fetches.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// Fetches that are under way, by key. Each runs in a task of its own: a waiter that goes away harms nobody, and
/// no lock is held across an await.
pub(crate) struct Flights<K, V> {
    running: Arc<Running<K, V>>,
}

type Running<K, V> = Mutex<HashMap<K, watch::Receiver<Option<V>>>>;

/// What a waiter got.
pub(crate) enum Landed<V> {
    /// The flight that this call started brought it.
    Own(V),
    /// A flight that was under way already brought it.
    Joined(V),
    /// The task died before it had an answer: its runtime was shut down, or it panicked.
    Lost,
}

impl<K, V> Flights<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(crate) fn new() -> Self {
        Self { running: Arc::default() }
    }

    /// Joins the flight of this key, or starts it with `fetch`.
    pub(crate) async fn join<F>(&self, key: K, fetch: impl FnOnce() -> F) -> Landed<V>
    where
        F: Future<Output = V> + Send + 'static,
    {
        let (mut receiver, own) = self.board(key, fetch);
        let landed = match receiver.wait_for(Option::is_some).await {
            Ok(value) => value.clone(),
            Err(_) => None,
        };
        match landed {
            Some(value) if own => Landed::Own(value),
            Some(value) => Landed::Joined(value),
            None => Landed::Lost,
        }
    }

    /// Starts the flight of this key unless it is under way; does not wait. Needs a runtime.
    pub(crate) fn board<F>(&self, key: K, fetch: impl FnOnce() -> F) -> (watch::Receiver<Option<V>>, bool)
    where
        F: Future<Output = V> + Send + 'static,
    {
        let mut running = lock(&self.running);
        if let Some(receiver) = running.get(&key) {
            return (receiver.clone(), false);
        }
        let (sender, receiver) = watch::channel(None);
        running.insert(key.clone(), receiver.clone());
        let landing = Landing { running: Arc::clone(&self.running), key };
        let flight = fetch();
        drop(running);
        tokio::spawn(async move {
            let value = flight.await;
            // Off the board first: who asks from now on starts a new flight, and never waits for one that has landed.
            drop(landing);
            sender.send_replace(Some(value));
        });
        (receiver, true)
    }

    pub(crate) fn is_running(&self, key: &K) -> bool {
        lock(&self.running).contains_key(key)
    }
}

/// Takes the flight off the board, also when its task panics or is dropped with its runtime.
struct Landing<K: Hash + Eq, V> {
    running: Arc<Running<K, V>>,
    key: K,
}

impl<K: Hash + Eq, V> Drop for Landing<K, V> {
    fn drop(&mut self) {
        lock(&self.running).remove(&self.key);
    }
}

fn lock<K, V>(running: &Running<K, V>) -> MutexGuard<'_, HashMap<K, watch::Receiver<Option<V>>>> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<K, V> fmt::Debug for Flights<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flights")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail by panicking")]
mod tests;
