//! What a handler has said about caching its answer.

use http::header::{CACHE_CONTROL, HeaderMap, HeaderName};

/// The handler's word stands where it is at least as strict, or where it says that only the browser may keep it. With
/// an argument `private` speaks of single headers, not of the answer (RFC 9111 section 5.2.2.7).
pub(super) fn has_own_cache_policy(headers: &HeaderMap) -> bool {
    directives(headers, CACHE_CONTROL)
        .any(|directive| directive.eq_ignore_ascii_case("private") || directive.eq_ignore_ascii_case("no-store"))
}

pub(super) fn directives(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
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
