//! What every answer of the library's own routes must look like.

use bytes::Bytes;
use http::Response;

use crate::app::{App, Browser, set_cookies};

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

fn header<'r>(response: &'r Response<Bytes>, name: &str) -> Option<&'r str> {
    let mut values = response.headers().get_all(name).iter();
    let value = values.next()?;
    assert!(values.next().is_none(), "{name} came twice");
    Some(value.to_str().unwrap())
}

/// F17: in no cache, and in no referrer.
fn is_private(response: &Response<Bytes>) {
    is_private_but_for_ourselves(response, "no-referrer");
}

fn is_private_but_for_ourselves(response: &Response<Bytes>, referrer: &str) {
    assert_eq!(header(response, "cache-control"), Some("no-store"));
    assert_eq!(header(response, "referrer-policy"), Some(referrer));
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
    assert_eq!(header(response, "content-security-policy"), Some(POLICY));
    assert_eq!(header(response, "x-frame-options"), Some("DENY"));
    is_passive(response, status, about);
}

/// X05: the same for what a provider's page has in a frame.
pub(crate) fn is_framed_page(response: &Response<Bytes>, status: u16, about: &str) {
    let policy = POLICY.strip_suffix("; frame-ancestors 'none'").unwrap();
    assert_eq!(header(response, "content-security-policy"), Some(policy));
    assert_eq!(header(response, "x-frame-options"), None);
    is_passive(response, status, about);
}

fn is_passive(response: &Response<Bytes>, status: u16, about: &str) {
    assert_eq!(response.status(), status, "{about}");
    is_private(response);
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

/// X05: the page that posts the provider's form once more from our own origin; what it will post.
pub(crate) fn is_repost_page(response: &Response<Bytes>, action: &str) -> String {
    assert_eq!(response.status(), 200);
    is_private_but_for_ourselves(response, "same-origin");
    assert_eq!(header(response, "content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(header(response, "x-frame-options"), Some("DENY"));
    assert!(set_cookies(response.headers()).is_empty() && header(response, "location").is_none());
    let policy = header(response, "content-security-policy").unwrap();
    let nonce = policy.strip_prefix(POLICY).unwrap().strip_prefix("; script-src 'nonce-").unwrap();
    let nonce = nonce.strip_suffix('\'').unwrap();
    assert!(nonce.len() == 22 && nonce.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    let html = std::str::from_utf8(response.body()).unwrap();
    let (head, form) = html.split_once(&format!("<form method=\"post\" action=\"{action}\">\n")).unwrap();
    let (form, rest) = form.split_once("<button>Continue</button>\n</form>\n</main>\n").unwrap();
    let submit = "HTMLFormElement.prototype.submit.call(document.forms[0])";
    assert_eq!(rest, format!("<script nonce=\"{nonce}\">{submit}</script>\n</html>\n"));
    assert!(!head.contains("<script") && !head.contains("<form"), "{head}");
    let mut fields = url::form_urlencoded::Serializer::new(String::new());
    for line in form.lines() {
        let field = line.strip_prefix("<input type=\"hidden\" name=\"").and_then(|rest| rest.strip_suffix("\">"));
        let (name, value) = field.and_then(|field| field.split_once("\" value=\"")).unwrap_or_else(|| panic!("{line}"));
        assert!(!format!("{name}{value}").contains(['<', '>', '"', '\'']), "{line}");
        fields.append_pair(&unescaped(name), &unescaped(value));
    }
    fields.finish()
}

fn unescaped(text: &str) -> String {
    let named = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    named.iter().fold(text.to_owned(), |text, (name, character)| text.replace(name, character))
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
