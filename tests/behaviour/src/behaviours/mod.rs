//! The behaviours, by subject.

pub mod requirements;
