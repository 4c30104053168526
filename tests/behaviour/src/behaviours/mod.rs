//! The behaviours, by subject.

pub mod keys;
pub mod requirements;
