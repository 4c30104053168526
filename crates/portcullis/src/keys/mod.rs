mod budget;
mod engine;
pub(crate) use self::engine::{KeyEngine, RETRY_AFTER, unavailable};
