//! The provider's login, token and logout endpoints, on loopback and in memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod app;
mod code;
#[path = "../support/mod.rs"]
mod support;
