//! A browser at the application: it keeps cookies, and says how it came to ask.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE};
use http::{HeaderMap, Method, Request};
use url::{Position, Url};

use crate::Answer;

/// `Sec-Fetch-Site` of an address that the user has typed.
pub const TYPED: &str = "none";
/// `Sec-Fetch-Site` of what our own pages ask.
pub const SAME_ORIGIN: &str = "same-origin";
/// `Sec-Fetch-Site` of what the provider, or anybody else, makes the browser ask.
pub const CROSS_SITE: &str = "cross-site";

/// Cookies by name; those with `Max-Age=0` are forgotten. It follows nothing by itself.
#[derive(Debug, Default)]
pub struct Browser(Mutex<BTreeMap<String, String>>);

impl Browser {
    pub fn get(&self, name: &str) -> Option<String> {
        self.cookies().get(name).cloned()
    }

    pub fn put(&self, name: &str, value: &str) {
        self.cookies().insert(name.to_owned(), value.to_owned());
    }

    /// What it sends as `Cookie`.
    pub fn cookie(&self) -> String {
        let pairs: Vec<_> = self.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    /// The names of its cookies that start so.
    pub fn names(&self, prefix: &str) -> Vec<String> {
        self.cookies().keys().filter(|name| name.starts_with(prefix)).cloned().collect()
    }

    /// The request with its cookies; all of ours are `SameSite=Lax`.
    pub(super) fn with_cookies(&self, mut request: Request<Bytes>) -> Request<Bytes> {
        let is_own = request.headers().get("sec-fetch-site").is_none_or(|site| site != CROSS_SITE);
        let cookie = self.cookie();
        if !cookie.is_empty() && (is_own || *request.method() == Method::GET) {
            request.headers_mut().insert(COOKIE, cookie.parse().expect("cookies can stand in a header"));
        }
        request
    }

    pub(super) fn keep(&self, answer: &Answer) {
        for cookie in answer.cookies() {
            let (name, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            match cookie.split("; ").any(|attribute| attribute == "Max-Age=0") {
                true => self.cookies().remove(name),
                false => self.cookies().insert(name.to_owned(), value.to_owned()),
            };
        }
    }

    fn cookies(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().expect("no test panics with it")
    }
}

/// A person goes to this address: as a server sees it, without scheme and host.
pub fn navigation(url: &str, site: &str) -> Request<Bytes> {
    let person = [
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
        ("sec-fetch-site", site),
        ("accept", "text/html,*/*"),
    ];
    request("GET", &path_of(url), &person)
}

/// A page posts this form.
pub(crate) fn form(url: &str, site: &str, body: &str) -> Request<Bytes> {
    let mut request = navigation(url, site);
    *request.method_mut() = Method::POST;
    request.headers_mut().insert(CONTENT_TYPE, "application/x-www-form-urlencoded".parse().expect("a header value"));
    *request.body_mut() = Bytes::copy_from_slice(body.as_bytes());
    request
}

/// A request with exactly these headers.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::new()).expect("a request")
}

fn path_of(url: &str) -> String {
    Url::parse(url).map_or_else(|_| url.to_owned(), |url| url[Position::BeforePath..].to_owned())
}

/// The cookies of an answer, as they are set.
pub(crate) fn set_cookies(headers: &HeaderMap) -> Vec<&str> {
    let cookies = headers.get_all(http::header::SET_COOKIE).iter();
    cookies.map(|value| value.to_str().expect("visible ASCII")).collect()
}
