//! What the token endpoint may do wrong, and what of ours it gets to see.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod answers;
mod assertions;
mod deliveries;
mod secrecy;
#[path = "../support/mod.rs"]
mod support;
