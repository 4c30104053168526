//! A whole login of a web application, without a framework, at the development provider.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod answer;
mod app;
mod callback;
mod dropped;
mod fixation;
mod form_body;
mod form_post;
mod happy;
mod level;
mod logout;
mod logout_faults;
mod pages;
mod place;
mod provider_faults;
mod secrecy;
mod start;
mod state;
mod store;
mod strangers;
mod tabs;
