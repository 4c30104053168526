//! What the example applications share, so that a difference between two of them is a difference between frameworks.

mod castles;
pub mod checks;
mod curl;
mod development;
mod introduction;
pub mod page;
mod problem;
mod process;
mod running;

pub use castles::{Castle, Castles, NewCastle};
pub use development::{Development, api_guard, web_guard};
pub use page::{PAGE_HEADERS, refusal_page};
pub use problem::custom_refusal;
pub use process::{listen, log_to_stderr, stopped};
pub use running::Example;
