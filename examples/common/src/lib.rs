//! What the example applications share, so that a difference between two of them is a difference between frameworks.

mod castles;
mod curl;
mod development;
mod process;

pub use castles::{Castle, Castles, NewCastle};
pub use development::{Development, api_guard};
pub use process::{listen, log_to_stderr, stopped};
