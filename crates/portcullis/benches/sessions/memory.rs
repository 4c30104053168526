//! What sessions take in memory.

use std::alloc::System;

use portcullis::{MemorySessionStore, SessionKey, SessionKind, SessionStore, StoredSession};
use stats_alloc::{Region, StatsAlloc};
use tokio::runtime::Builder;

use crate::login::Login;

const SESSIONS: usize = 10_000;

pub(crate) fn report(allocator: &'static StatsAlloc<System>) {
    let model = Login::new(SessionKind::Memory).stored();
    let runtime = Builder::new_current_thread().build().unwrap();
    let store = MemorySessionStore::new();
    let region = Region::new(allocator);
    for number in 0..SESSIONS {
        let indexes = (0..model.indexes().len()).map(|index| digest(&format!("{index}{number}"))).collect();
        let session = StoredSession::new(model.sealed().to_vec(), 1, model.expires_at(), indexes);
        runtime.block_on(store.insert(&digest::<SessionKey>(&number.to_string()), session)).unwrap();
    }
    let stats = region.change();
    let kept = stats.bytes_allocated as i64 - stats.bytes_deallocated as i64 + stats.bytes_reallocated as i64;
    println!(
        "\n{SESSIONS} sessions in memory: {:.0} bytes each, of which {} are the sealed record",
        kept as f64 / SESSIONS as f64,
        model.sealed().len()
    );
}

/// A key as a store would read it: 64 hex digits.
fn digest<T: serde::de::DeserializeOwned>(number: &str) -> T {
    serde_json::from_value(format!("{number:0>64}").into()).unwrap()
}
