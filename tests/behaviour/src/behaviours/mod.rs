//! The behaviours, by subject.

pub mod discovery;
pub mod key_budget;
pub mod keys;
pub mod outage;
pub mod requirements;
