//! The two ways to a provider.

mod body;
mod connection;
pub(crate) mod delivery;
pub(crate) mod loopback;
pub(crate) mod memory;
