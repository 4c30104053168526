//! What a refusal may be told about the request.

use std::fmt;

use http::Method;

use super::head::RequestHead;

/// The few facts of a request that a refusal may depend on.
#[derive(Clone)]
pub struct RequestFacts {
    method: Method,
    path_and_query: Box<str>,
    is_navigation: bool,
    has_bearer: bool,
}

impl RequestFacts {
    /// Copies the path only where somebody will read it: the warm path of an API allocates nothing for it.
    pub(crate) fn of(head: &impl RequestHead, with_path: bool) -> Self {
        let path_and_query = if with_path { head.path_and_query() } else { "" };
        Self {
            method: Method::from_bytes(head.method().as_bytes()).unwrap_or_default(),
            path_and_query: path_and_query.into(),
            is_navigation: false,
            has_bearer: true,
        }
    }

    pub(crate) fn without_bearer(self, is_navigation: bool) -> Self {
        Self { is_navigation, has_bearer: false, ..self }
    }

    /// Whether a login can help: who speaks with a bearer token needs another one.
    pub(crate) fn may_log_in(&self) -> bool {
        !self.has_bearer
    }

    /// Whether a person looks at the answer, and came without a bearer token: such a request to the guard of a web
    /// application is sent to the login where that helps (if it is a `GET`), and deserves a page where it does not.
    #[must_use]
    pub fn is_navigation(&self) -> bool {
        self.is_navigation
    }

    pub(crate) fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path as the client sent it, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.path_and_query.split('?').next().unwrap_or_default()
    }
}

impl fmt::Debug for RequestFacts {
    // A query may hold the code of a login, or a token that does not belong there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestFacts")
            .field("method", &self.method)
            .field("path", &self.path())
            .field("is_navigation", &self.is_navigation)
            .field("has_bearer", &self.has_bearer)
            .finish()
    }
}
