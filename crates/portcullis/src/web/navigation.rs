//! Who can be sent to a login page.

use crate::request::RequestHead;

/// Whether a person is looking at the answer, having followed a link or sent a form: only then a page helps, or a
/// redirect to the login. Everything else, a script, an image, a prefetch, a frame, gets the status.
pub(crate) fn is_navigation(head: &impl RequestHead) -> bool {
    let is = |name: &str, wanted: &[&[u8]]| {
        let mut values = head.header(name);
        values.next().map(|value| wanted.contains(&value))
    };
    if !matches!(head.method(), "GET" | "POST")
        || head.header("sec-purpose").chain(head.header("purpose")).any(is_prefetch)
    {
        return false;
    }
    match (is("sec-fetch-mode", &[b"navigate"]), is("sec-fetch-dest", &[b"document"])) {
        (Some(navigates), Some(document)) => navigates && document,
        (Some(navigates), None) => navigates,
        (None, Some(document)) => document,
        (None, None) => head.header("accept").any(|accept| accept.windows(9).any(|part| part == b"text/html")),
    }
}

fn is_prefetch(purpose: &[u8]) -> bool {
    purpose.windows(8).any(|part| part.eq_ignore_ascii_case(b"prefetch") || part.eq_ignore_ascii_case(b"prerende"))
}
