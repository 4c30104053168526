//! A whole login through the provider client, at the development provider.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod authorize;
mod client_auth;
mod end_session;
mod flow;
mod refresh;
#[path = "../support/mod.rs"]
mod support;
mod userinfo;
