//! The neutral view of a request: what an adapter shows to the core.

use http::header::{AUTHORIZATION, COOKIE};
use http::request::Parts;
use http::{Extensions, HeaderMap, Method, Request, Uri};

/// The head of a request, as a framework shows it to the core.
///
/// [`Head`] serves every framework on `http` 1. Implement the trait for another one and the whole library works
/// there: `guard.attempt(&head).admit::<UserInfo, ReadCastles>().await`.
pub trait RequestHead {
    /// The method, in upper case as it came.
    fn method(&self) -> &str;

    /// Path and query as the client sent them, before any router took a prefix off.
    fn path_and_query(&self) -> &str;

    /// Every value of this header, in order; `name` is in lower case.
    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]>;

    /// A value that earlier layers have left with the request.
    fn extension<T: Clone + Send + Sync + 'static>(&self) -> Option<T>;
}

/// The head of a request on `http` 1.
#[derive(Debug, Clone, Copy)]
pub struct Head<'r> {
    /// The method.
    pub method: &'r Method,
    /// The URI as the client sent it.
    pub uri: &'r Uri,
    /// The headers.
    pub headers: &'r HeaderMap,
    /// What earlier layers have left.
    pub extensions: &'r Extensions,
}

impl<'r> Head<'r> {
    /// The head of a whole request.
    #[must_use]
    pub fn of<B>(request: &'r Request<B>) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            extensions: request.extensions(),
        }
    }
}

impl<'r> From<&'r Parts> for Head<'r> {
    fn from(parts: &'r Parts) -> Self {
        Self { method: &parts.method, uri: &parts.uri, headers: &parts.headers, extensions: &parts.extensions }
    }
}

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        self.method.as_str()
    }

    fn path_and_query(&self) -> &str {
        self.uri.path_and_query().map_or("", |both| both.as_str())
    }

    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        // The names that every request is asked for need not be read first.
        let values = match name {
            "authorization" => self.headers.get_all(AUTHORIZATION),
            "cookie" => self.headers.get_all(COOKIE),
            _ => self.headers.get_all(name),
        };
        values.into_iter().map(http::HeaderValue::as_bytes)
    }

    fn extension<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        self.extensions.get::<T>().cloned()
    }
}
