//! What an answer to a browser must look like.

use serde_json::Value;

use super::browser::set_cookies;
use super::fixture::{DELETED, SESSION};
use crate::Answer;

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

impl Answer {
    /// The cookies it sets and deletes.
    pub fn cookies(&self) -> Vec<&str> {
        set_cookies(&self.headers)
    }

    /// The session cookies it sets.
    pub fn session_cookies(&self) -> Vec<&str> {
        let cookies = self.cookies().into_iter().filter(|cookie| cookie.starts_with(SESSION));
        cookies.filter(|cookie| !cookie.ends_with("; Max-Age=0")).collect()
    }

    /// Status and error code in a line: `200`, `401 missing_credentials`.
    pub fn outcome(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        match body["error"].as_str() {
            Some(code) => format!("{} {code}", self.status.as_u16()),
            None => self.status.as_u16().to_string(),
        }
    }

    /// A page of the library's own with this status: nothing on it could run, nothing leads on by itself, and no
    /// session begins with it.
    #[track_caller]
    pub fn assert_page(&self, what: &str, status: u16) {
        assert_eq!(self.status.as_u16(), status, "{what}: {self:?}");
        self.assert_private(what);
        assert_eq!(self.header("content-security-policy"), Some(POLICY), "{what}");
        assert_eq!(self.header("x-frame-options"), Some("DENY"), "{what}");
        assert_eq!(self.header("content-type"), Some("text/html; charset=utf-8"), "{what}");
        assert_eq!(self.header("location"), None, "{what}");
        assert_eq!(self.header("retry-after").is_some(), status == 503, "{what}");
        let html = String::from_utf8_lossy(&self.body);
        for active in ["<script", "http-equiv", "onerror", "javascript:", "<form"] {
            assert!(!html.contains(active), "{what}: {active} in {html}");
        }
        assert!(html.len() < 2048, "{what}: {} bytes", html.len());
        assert!(self.session_cookies().is_empty(), "{what}: {:?}", self.cookies());
    }

    /// The browser is told to forget its session, and nothing else.
    #[track_caller]
    pub fn assert_ends_session(&self, what: &str) {
        let (_, attributes) = DELETED.split_once('=').expect("a cookie");
        assert!(self.cookies().contains(&DELETED), "{what}: {:?}", self.cookies());
        for cookie in self.cookies() {
            assert!(cookie.starts_with(SESSION) && cookie.ends_with(attributes), "{what}: {cookie}");
        }
    }

    /// A redirect that no cache keeps and no referrer tells about.
    #[track_caller]
    pub fn assert_redirect(&self, what: &str, to: &str) {
        assert_eq!((self.outcome().as_str(), self.header("location")), ("303", Some(to)), "{what}: {self:?}");
        assert!(self.body.is_empty(), "{what}");
        self.assert_private(what);
    }

    #[track_caller]
    fn assert_private(&self, what: &str) {
        assert_eq!(self.header("cache-control"), Some("no-store"), "{what}");
        assert_eq!(self.header("referrer-policy"), Some("no-referrer"), "{what}");
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"), "{what}");
    }
}
