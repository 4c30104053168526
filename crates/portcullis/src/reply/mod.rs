//! The reply to a request that is not admitted: decided and rendered here, once for all frameworks.

mod challenge;
mod refusal;

pub use self::refusal::Refusal;
