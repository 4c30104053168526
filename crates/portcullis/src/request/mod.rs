//! One request: what it brought, and its one attempt to be admitted.

mod attempt;
mod credentials;
mod facts;
mod head;
mod outbox;
mod response_headers;

pub use self::attempt::Attempt;
pub(crate) use self::credentials::b64token;
pub use self::facts::RequestFacts;
pub use self::head::{Head, RequestHead};
pub use self::response_headers::ResponseHeaders;
