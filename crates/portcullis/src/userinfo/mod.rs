//! The user's claims, and where they come from.

mod cache;
mod memory;
mod source;
mod user_info;

pub use self::cache::{CacheError, UserInfoCache, UserInfoEntry, UserInfoKey};
pub use self::memory::MemoryUserInfoCache;
pub(crate) use self::source::UserInfoSource;
pub use self::user_info::UserInfo;
