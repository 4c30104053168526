//! Logged-in browsers: where their records are kept.

mod digest;
mod key;
mod memory;
mod store;

pub use self::key::{SessionIndex, SessionKey};
pub use self::memory::MemorySessionStore;
pub use self::store::{SessionStore, StoreError, StoredSession};
