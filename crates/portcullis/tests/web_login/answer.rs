//! What every answer of the library's own routes must look like.

use bytes::Bytes;
use http::Response;

use crate::app::{App, Browser, set_cookies};

fn header<'r>(response: &'r Response<Bytes>, name: &str) -> Option<&'r str> {
    let mut values = response.headers().get_all(name).iter();
    let value = values.next()?;
    assert!(values.next().is_none(), "{name} came twice");
    Some(value.to_str().unwrap())
}

fn is_private(response: &Response<Bytes>) {
    assert_eq!(header(response, "cache-control"), Some("no-store"));
    assert_eq!(header(response, "referrer-policy"), Some("no-referrer"));
    assert_eq!(header(response, "x-content-type-options"), Some("nosniff"));
}

/// A redirect that no cache keeps and no referrer tells about.
pub(crate) fn is_redirect(response: &Response<Bytes>, to: &str) {
    assert_eq!(response.status(), 303);
    assert_eq!(header(response, "location"), Some(to));
    assert!(response.body().is_empty());
    is_private(response);
}

/// X05: a page with this status, and nothing on it that could run; no session begins with it.
pub(crate) fn is_page(response: &Response<Bytes>, status: u16, about: &str) {
    assert_eq!(response.status(), status, "{about}");
    is_private(response);
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
    assert_eq!(header(response, "content-security-policy"), Some(policy));
    assert_eq!(header(response, "x-frame-options"), Some("DENY"));
    assert_eq!(header(response, "content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(header(response, "location"), None, "{about}: no page leads on by itself");
    assert_eq!(header(response, "retry-after").is_some(), status == 503, "{about}");
    let html = std::str::from_utf8(response.body()).unwrap();
    for active in ["<script", "http-equiv", "onerror", "javascript:", "alert(", "evil"] {
        assert!(!html.contains(active), "{about}: {active} in {html}");
    }
    assert!(html.len() < 2048, "{about}: {} bytes", html.len());
    for cookie in set_cookies(response.headers()) {
        assert!(cookie.contains("; Max-Age=0"), "{about}: {cookie}");
    }
}

/// This callback ends on a page, without a session; so often were token endpoint and userinfo asked.
pub(crate) async fn refused(app: &App, browser: &Browser, callback: &str, status: u16, asked: (usize, usize)) {
    let about = &callback[..callback.len().min(300)];
    let response = app.callback(browser, callback).await;
    is_page(&response, status, about);
    assert_eq!(app.asked(), asked, "{about}");
    assert_eq!(app.store.inserted(), 0, "{about}");
    assert_eq!(app.user(browser).await, None, "{about}");
}
