//! Logged-in browsers: where their records are kept.

mod digest;
mod key;
mod memory;
mod record;
mod sessions;
mod store;

pub use self::key::{SessionIndex, SessionKey};
pub use self::memory::MemorySessionStore;
pub(crate) use self::record::{KeptIdToken, Record};
pub(crate) use self::sessions::{Live, Sessions};
pub use self::store::{SessionStore, StoreError, StoredSession};
