//! A web application under test: its provider, its browser, its sessions.

mod browser;
mod expect;
mod fixture;
mod repost;
mod response_mode;
mod session_kind;
mod store;

pub(crate) use self::browser::form;
pub use self::browser::{Browser, CROSS_SITE, SAME_ORIGIN, TYPED, navigation, request};
pub use self::fixture::{AUDIENCE, BASE_URL, DELETED, LIFE, SESSION, WITH_REFRESH, WebFixture, parameter, seconds};
pub use self::response_mode::{FormPost, Query, ResponseMode};
pub use self::session_kind::{Cookie, Memory, SessionKind};
pub use self::store::CountingStore;
