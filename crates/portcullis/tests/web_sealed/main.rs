//! Sessions that the browser keeps: what they look like, what does not open them, and how they end and change.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests: names say what is tested, and a test may fail by panicking"
)]

mod app;
mod changes;
mod cookies;
mod limits;
mod logout;
mod refresh;
mod settings;
