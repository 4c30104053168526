//! The behaviour suite: every behaviour that is visible over HTTP, written once and mounted for each framework.
//!
//! A behaviour is a `pub async fn name<A: TestApp>()` in a module below `behaviours`; its name stands in the list of
//! [`mount_behaviours!`], and a test of this crate fails for one that does not. A behaviour of web applications is
//! `name<A: TestApp, K: SessionKind>()`, listed in [`web_behaviours!`] and mounted once for each kind of sessions; one of
//! the conformance mirror, `name<A, K, M: ResponseMode>()`, is listed in [`mirrored_behaviours!`] and mounted for each
//! response mode too. A framework joins by implementing [`TestApp`] and calling [`mount_behaviours!`].

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
mod list_web;
mod log;
mod module;
mod observe;
mod web;

pub use app::{
    AnyWay, Castles, CreateCastles, Everything, Mail, Never, ReadCastles, Recent, Seat, Silver, Strong, TestApp,
    own_words, refreshed, session_facts, token_facts,
};
pub use behaviours::*;
pub use fixture::{Answer, Fixture};
pub use log::LogCapture;
pub use observe::{at_rest, caught, together, until};
pub use web::*;
