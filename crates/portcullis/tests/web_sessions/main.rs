//! Sessions of a web application, through the core alone: a login at the development provider, then requests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod app;
mod bearer;
mod cookies;
mod cross_site;
mod facts;
mod limits;
mod navigation;
mod races;
mod refresh;
mod refreshed_session;
mod settings;
mod store;
mod write_back;
