//! The neutral view of a response: where an attempt writes what it has to say.

use http::{HeaderMap, HeaderName, HeaderValue};

/// The headers of a response, as a framework lets the core complete them.
///
/// Those of `http` 1 need nothing. Implement the trait for those of another framework, and give them to
/// [`Attempt::write_back`](crate::Attempt::write_back).
pub trait ResponseHeaders {
    /// Every value of this header, in order.
    fn values(&self, name: &HeaderName) -> impl Iterator<Item = &[u8]>;

    /// Puts this value in the place of all that there are.
    fn replace(&mut self, name: &HeaderName, value: &HeaderValue);

    /// Puts this value behind those that there are.
    fn add(&mut self, name: &HeaderName, value: &HeaderValue);
}

impl ResponseHeaders for HeaderMap {
    fn values(&self, name: &HeaderName) -> impl Iterator<Item = &[u8]> {
        self.get_all(name).into_iter().map(HeaderValue::as_bytes)
    }

    fn replace(&mut self, name: &HeaderName, value: &HeaderValue) {
        self.insert(name, value.clone());
    }

    fn add(&mut self, name: &HeaderName, value: &HeaderValue) {
        self.append(name, value.clone());
    }
}
