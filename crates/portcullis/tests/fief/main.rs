//! The Python Fief client's checklist and its weaknesses: what no other test shows. `docs/parity.md` has every row.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod access_token;
mod api;
mod login;
mod page;
#[path = "../support/mod.rs"]
mod support;
mod weaknesses;
