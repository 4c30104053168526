//! The neutral view of a response: where an attempt writes what it has to say.

use http::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue};

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

/// The handler's word stands where it is at least as strict, or where it says that only the browser may keep it. With
/// an argument `private` speaks of single headers, not of the answer (RFC 9111 section 5.2.2.7).
pub(super) fn has_own_cache_policy(headers: &impl ResponseHeaders) -> bool {
    directives(headers, &CACHE_CONTROL)
        .any(|directive| directive.eq_ignore_ascii_case("private") || directive.eq_ignore_ascii_case("no-store"))
}

pub(super) fn directives<'h>(headers: &'h impl ResponseHeaders, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    let values = headers.values(name).filter_map(|value| str::from_utf8(value).ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn atk_s07_only_a_stricter_word_of_the_handler_stands() {
        let rows = [
            ("private", true),
            ("max-age=60, Private", true),
            ("no-store", true),
            ("public, max-age=60", false),
            ("private=\"set-cookie\", public", false),
            ("no-cache", false),
            ("", false),
        ];
        for (value, expected) in rows {
            let headers = HeaderMap::from_iter([(CACHE_CONTROL, value.parse().unwrap())]);
            assert_eq!(has_own_cache_policy(&headers), expected, "{value}");
        }
    }
}
