//! The behaviour suite: every behaviour that is visible over HTTP, written once and mounted for each framework.
//!
//! A behaviour is a `pub async fn name<A: TestApp>()` in a module below `behaviours`; its name stands in the list of
//! [`mount_behaviours!`], and a test of this crate fails for one that does not. A framework joins by implementing
//! [`TestApp`] and calling that macro.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test suite: names say what is tested, and a test may fail by panicking"
)]

mod app;
mod behaviours;
mod fixture;
mod list;
mod log;
mod observe;

pub use app::{
    AnyWay, Castles, CreateCastles, Everything, Never, ReadCastles, Recent, Seat, Silver, Strong, TestApp, own_words,
    token_facts,
};
pub use behaviours::*;
pub use fixture::{Answer, Fixture};
pub use log::LogCapture;
pub use observe::{at_rest, together, until};
