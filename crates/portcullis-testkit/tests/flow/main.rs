//! The provider's login, token and logout endpoints, on loopback and in memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod app;
mod authorize;
mod client_auth;
mod code;
mod end_session;
mod endpoints;
mod logout;
mod metadata;
mod mirror;
mod pages;
mod refresh;
mod sessions;
#[path = "../support/mod.rs"]
mod support;
mod userinfo;
