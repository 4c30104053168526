//! One request: what it brought, and its one attempt to be admitted.

mod attempt;
mod credentials;
mod facts;
mod head;

pub use self::attempt::Attempt;
pub use self::facts::RequestFacts;
pub use self::head::{Head, RequestHead};
