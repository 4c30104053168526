//! What a refusal may be told about the request.

use http::Method;

use super::head::RequestHead;

/// The few facts of a request that a refusal may depend on.
#[derive(Debug, Clone)]
pub struct RequestFacts {
    method: Method,
    path: Box<str>,
}

impl RequestFacts {
    /// Copies the path only where somebody will read it: the warm path of an API allocates nothing for it.
    pub(crate) fn of(head: &impl RequestHead, with_path: bool) -> Self {
        let path = if with_path { path_of(head.path_and_query()) } else { "" };
        Self { method: Method::from_bytes(head.method().as_bytes()).unwrap_or_default(), path: path.into() }
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path as the client sent it, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

fn path_of(path_and_query: &str) -> &str {
    path_and_query.split('?').next().unwrap_or_default()
}
