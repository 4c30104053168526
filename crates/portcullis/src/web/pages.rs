//! The library's own pages: plain, short, and safe to show to anybody.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION, REFERRER_POLICY, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{Response, StatusCode};

/// What a page says, and where it leads.
pub(super) struct Page<'p> {
    pub(super) status: StatusCode,
    pub(super) title: &'p str,
    pub(super) text: &'p str,
    pub(super) link: Option<(&'p str, &'p str)>,
}

impl Page<'_> {
    pub(super) fn into_response(self) -> Response<Bytes> {
        let link = self.link.map_or_else(String::new, |(address, words)| {
            format!("<p><a href=\"{}\">{}</a></p>", escaped(address), escaped(words))
        });
        let html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
             <style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}}</style>\n\
             <h1>{title}</h1>\n<p>{text}</p>\n{link}\n",
            title = escaped(self.title),
            text = escaped(self.text),
        );
        let mut response = Response::new(Bytes::from(html));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(
                "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
            ),
        );
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from(crate::keys::RETRY_AFTER.as_secs()));
        }
        private(response)
    }
}

/// 303: whatever the method was, the browser goes on with a `GET` and without the body.
pub(super) fn see_other(location: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    // Every location is a path of ours or a URL that the URL parser has written: always visible ASCII.
    let location = HeaderValue::try_from(location).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, location);
    private(response)
}

/// Nothing of a login belongs into a cache or a referrer: the callback's URL holds the code.
pub(super) fn private(mut response: Response<Bytes>) -> Response<Bytes> {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Text for HTML, in elements and in quoted attributes.
///
/// # Security
/// What a provider or a browser sent is shown as text and never becomes markup (cross-site scripting).
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other if other.is_control() => out.push(' '),
            other => out.push(other),
        }
    }
    out
}
