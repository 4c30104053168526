//! ID tokens that must not sign anybody in: the rows of the threat catalogue, one table each.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod audience;
mod binding;
mod claims;
mod login;
mod refreshed;
#[path = "../support/mod.rs"]
mod support;
mod table;
