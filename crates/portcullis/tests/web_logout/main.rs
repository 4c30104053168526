//! The end of sessions: ours, the provider's, and who tells whom.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod app;
mod backchannel;
mod cross_site;
mod end_session;
mod flood;
mod frontchannel;
mod log;
mod logout_token;
mod mirror;
mod on_its_way;
mod revocation;
mod store;
