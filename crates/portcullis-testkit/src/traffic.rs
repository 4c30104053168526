//! What was asked of the provider.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderValue, Method, Request};
use url::form_urlencoded;

use crate::endpoint::Endpoint;

/// One request that arrived at the provider.
///
/// `Debug` hides the credentials: a failing assertion may end up in a public log.
#[derive(Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The request's method.
    pub method: Method,
    /// The path and query, or the whole URL when it was meant for another host.
    pub path: String,
    /// The request's headers, credentials included.
    pub headers: HeaderMap,
    /// The request's body.
    pub body: Bytes,
}

impl RecordedRequest {
    /// The first value of this header, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The first value of this field, if the body is a form.
    #[must_use]
    pub fn form(&self, name: &str) -> Option<String> {
        let mut fields = form_urlencoded::parse(&self.body).into_owned();
        fields.find(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// The first value of this parameter of the query.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.path.split_once('?')?;
        let mut parameters = form_urlencoded::parse(query.as_bytes()).into_owned();
        parameters.find(|(found, _)| found == name).map(|(_, value)| value)
    }
}

impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut headers = self.headers.clone();
        for name in [AUTHORIZATION, COOKIE] {
            if let Some(value) = headers.get_mut(name) {
                *value = HeaderValue::from_static("..");
            }
        }
        f.debug_struct("RecordedRequest")
            .field("method", &self.method)
            .field("path", &shown(&self.path))
            .field("headers", &headers)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

/// Logout is the one request that has a token in its URL.
fn shown(path: &str) -> &str {
    let (before, query) = path.split_once('?').unwrap_or((path, ""));
    if query.contains("id_token_hint") || query.contains("access_token") { before } else { path }
}

#[derive(Debug, Default)]
pub(crate) struct Traffic(Mutex<Log>);

#[derive(Debug, Default)]
struct Log {
    received: BTreeMap<Endpoint, Vec<RecordedRequest>>,
    order: Vec<Endpoint>,
    unexpected: Vec<RecordedRequest>,
}

impl Traffic {
    pub(crate) fn record(&self, endpoint: Option<Endpoint>, request: &Request<Bytes>, path: String) {
        let recorded = RecordedRequest {
            method: request.method().clone(),
            path,
            headers: request.headers().clone(),
            body: request.body().clone(),
        };
        let mut log = self.log();
        match endpoint {
            Some(endpoint) => {
                log.order.push(endpoint);
                log.received.entry(endpoint).or_default().push(recorded);
            }
            None => log.unexpected.push(recorded),
        }
    }

    pub(crate) fn received(&self, endpoint: Endpoint) -> Vec<RecordedRequest> {
        self.log().received.get(&endpoint).cloned().unwrap_or_default()
    }

    pub(crate) fn count(&self, endpoint: Endpoint) -> usize {
        self.log().received.get(&endpoint).map_or(0, Vec::len)
    }

    pub(crate) fn order(&self) -> Vec<Endpoint> {
        self.log().order.clone()
    }

    pub(crate) fn unexpected(&self) -> Vec<RecordedRequest> {
        self.log().unexpected.clone()
    }

    pub(crate) fn reset(&self) {
        *self.log() = Log::default();
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
