//! What a handler receives: made from an admitted attempt.

mod admission;
mod optional;
mod principals;

pub use self::admission::{Admission, FromAuth};
pub use self::optional::IfPresent;
pub use self::principals::{Fresh, RefreshedSession};
