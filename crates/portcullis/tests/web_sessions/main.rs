//! Sessions of a web application, through the core alone: a login at the development provider, then requests. What can
//! be seen over HTTP is in `tests/behaviour`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod app;
mod races;
mod settings;
mod store;
mod write_back;
