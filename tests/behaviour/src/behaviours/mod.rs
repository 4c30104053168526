//! The behaviours, by subject.

pub mod discovery;
pub mod key_budget;
pub mod keys;
pub mod load;
pub mod outage;
pub mod requirements;
pub mod wire;
