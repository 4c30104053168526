//! What a request must prove, and the judgement whether it did.

mod acr;
mod alternatives;
mod display;
mod judge;
mod macros;
#[cfg(test)]
mod oracle;
mod require;
pub mod requirement;
mod term;
mod unmet;

pub use self::acr::{Acr, AcrLevels};
pub use self::alternatives::{Alternative, Alternatives};
pub(crate) use self::judge::{Proof, Rules};
pub use self::require::Require;
pub use self::requirement::Requirement;
pub(crate) use self::unmet::Unmet;
