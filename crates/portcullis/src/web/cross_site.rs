//! Requests that another site makes with the user's cookie.

use http::Method;

use crate::request::RequestHead;

/// Whether the request may use the session cookie: a safe one always, any other only from our own origin.
///
/// # Security
/// A browser attaches the cookie to requests that other sites cause (CSRF), and to WebSocket handshakes, which are
/// `GET`s and know no same-origin policy. `SameSite=Lax` does not stop a sibling subdomain. Without `Sec-Fetch-Site`
/// and `Origin` the sender is no browser, and nobody's cookie is abused.
pub(crate) fn may_use_cookie(head: &impl RequestHead, origin: &str) -> bool {
    is_harmless(head) || is_same_origin(head, origin)
}

/// Whether the request comes from our own origin, or from no browser.
pub(crate) fn is_same_origin(head: &impl RequestHead, origin: &str) -> bool {
    let mut sites = head.header("sec-fetch-site");
    if let Some(site) = sites.next() {
        return sites.next().is_none() && matches!(site, b"same-origin" | b"none");
    }
    drop(sites);
    let mut origins = head.header("origin");
    match origins.next() {
        Some(from) => origins.next().is_none() && from == origin.as_bytes(),
        None => true,
    }
}

fn is_harmless(head: &impl RequestHead) -> bool {
    let is_safe = Method::from_bytes(head.method().as_bytes()).is_ok_and(|method| method.is_safe());
    let upgrades =
        head.header("upgrade").any(|value| value.to_ascii_lowercase().windows(9).any(|part| part == b"websocket"));
    is_safe && !upgrades
}
