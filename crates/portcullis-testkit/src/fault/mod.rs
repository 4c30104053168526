//! Everything that can go wrong with an answer.

mod gate;
mod script;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Response, StatusCode};
use portcullis::transport::HttpErrorKind;
use serde_json::Value;

pub use self::gate::Gate;
pub(crate) use self::script::Script;

type Patch = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// What the provider does instead of answering properly.
///
/// Script one with [`TestProvider::fault`](crate::TestProvider::fault). A fault means the same on loopback and in
/// memory, except where its documentation says what the other sees.
#[derive(Clone, Default)]
#[must_use]
pub struct Fault {
    status: Option<StatusCode>,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Option<(HeaderValue, Bytes)>,
    patch: Option<Patch>,
    wire: Option<WireFault>,
}

/// What goes wrong below HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WireFault {
    Transport(HttpErrorKind),
    Close,
    Reset,
    Silence,
    CutBody,
    ResetBody,
    CutChunkedBody,
    Trickle,
    Endless,
    ContentLength(usize),
}

impl Fault {
    /// Answers with this status and an empty body.
    ///
    /// # Panics
    /// Panics when it is not a status.
    pub fn status(status: u16) -> Self {
        let status = StatusCode::from_u16(status).expect("a status between 100 and 999");
        Self {
            status: Some(status),
            body: Some((HeaderValue::from_static("text/plain"), Bytes::new())),
            ..Self::default()
        }
    }

    /// Answers 200 with this content type and body.
    ///
    /// # Panics
    /// Panics when the content type is not a header value.
    pub fn body(content_type: &str, body: impl Into<Bytes>) -> Self {
        Self { body: Some((header_value(content_type), body.into())), ..Self::default() }
    }

    /// Answers 200 with a JSON body.
    pub fn json(body: &Value) -> Self {
        Self::body("application/json", body.to_string())
    }

    /// Answers 200 with a page, as a captive portal or a proxy does.
    pub fn html() -> Self {
        Self::body("text/html; charset=utf-8", "<!doctype html><title>Maintenance</title><h1>Back soon</h1>")
    }

    /// Answers 200 with an empty body.
    pub fn empty() -> Self {
        Self::body("application/json", Bytes::new())
    }

    /// Answers 200 with JSON that stops in the middle, though HTTP calls it complete.
    pub fn truncated() -> Self {
        Self::body("application/json", r#"{"issuer": "https://provi"#)
    }

    /// Answers 200 with well-formed JSON of about this many bytes.
    pub fn oversized(bytes: usize) -> Self {
        Self::body("application/json", format!(r#"{{"padding":"{}"}}"#, "x".repeat(bytes)))
    }

    /// Answers as usual, with one more header: `Cache-Control`, `Content-Encoding`.
    ///
    /// # Panics
    /// Panics when name or value cannot stand in a header.
    pub fn header(name: &str, value: &str) -> Self {
        Self::default().and_header(name, value)
    }

    /// Answers with a redirect to `location`.
    ///
    /// # Panics
    /// Panics when the location cannot stand in a header.
    pub fn redirect(location: &str) -> Self {
        Self::status(302).and_header("location", location)
    }

    /// Answers with the usual document, changed: another issuer, removed members, wrong types.
    pub fn patch(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self { patch: Some(Arc::new(change)), ..Self::default() }
    }

    /// Fails the in-memory client with this kind, at once.
    ///
    /// On loopback the nearest thing happens: [`Connect`](HttpErrorKind::Connect) resets the connection (a client
    /// reports it as broken: stop the provider to have connections refused), [`Timeout`](HttpErrorKind::Timeout) is
    /// [`silence`](Self::silence), [`TooLarge`](HttpErrorKind::TooLarge) is [`endless`](Self::endless).
    pub fn transport(kind: HttpErrorKind) -> Self {
        Self::wire(WireFault::Transport(kind))
    }

    /// Closes the connection without an answer. In memory: [`Broken`](HttpErrorKind::Broken).
    pub fn close() -> Self {
        Self::wire(WireFault::Close)
    }

    /// Resets the connection without an answer. In memory: [`Broken`](HttpErrorKind::Broken).
    pub fn reset() -> Self {
        Self::wire(WireFault::Reset)
    }

    /// Never answers, until the client leaves. In memory: [`Timeout`](HttpErrorKind::Timeout), at once.
    pub fn silence() -> Self {
        Self::wire(WireFault::Silence)
    }

    /// Announces the whole body, sends half of it and closes. In memory: [`Broken`](HttpErrorKind::Broken).
    pub fn cut_body() -> Self {
        Self::wire(WireFault::CutBody)
    }

    /// Announces the whole body, sends half of it and resets. In memory: [`Broken`](HttpErrorKind::Broken).
    pub fn reset_body() -> Self {
        Self::wire(WireFault::ResetBody)
    }

    /// Closes in the middle of a chunked body. In memory: [`Broken`](HttpErrorKind::Broken).
    pub fn cut_chunked_body() -> Self {
        Self::wire(WireFault::CutChunkedBody)
    }

    /// Sends a byte of the body now and then, for two minutes at most. In memory:
    /// [`Timeout`](HttpErrorKind::Timeout), at once.
    pub fn trickle() -> Self {
        Self::wire(WireFault::Trickle)
    }

    /// Sends a chunked body without an end (64 MiB, then it closes). In memory:
    /// [`TooLarge`](HttpErrorKind::TooLarge).
    pub fn endless() -> Self {
        Self::wire(WireFault::Endless)
    }

    /// Announces another length than the body has: what is missing never comes (in memory:
    /// [`Broken`](HttpErrorKind::Broken)), what is too much is cut off.
    pub fn content_length(length: usize) -> Self {
        Self::wire(WireFault::ContentLength(length))
    }

    /// Adds a header to this fault's answer.
    ///
    /// # Panics
    /// Panics when name or value cannot stand in a header.
    pub fn and_header(mut self, name: &str, value: &str) -> Self {
        let name = name.parse().expect("a header name");
        self.headers.push((name, header_value(value)));
        self
    }

    /// Gives this fault's answer another status.
    ///
    /// # Panics
    /// Panics when it is not a status.
    pub fn and_status(mut self, status: u16) -> Self {
        self.status = Some(StatusCode::from_u16(status).expect("a status between 100 and 999"));
        self
    }

    fn wire(fault: WireFault) -> Self {
        Self { wire: Some(fault), ..Self::default() }
    }

    /// Spoils a proper answer.
    pub(crate) fn apply(&self, mut response: Response<Bytes>) -> (Response<Bytes>, Option<WireFault>) {
        if let Some((content_type, body)) = &self.body {
            *response.status_mut() = StatusCode::OK;
            response.headers_mut().clear();
            response.headers_mut().insert(CONTENT_TYPE, content_type.clone());
            *response.body_mut() = body.clone();
        }
        if let Some(patch) = &self.patch
            && let Ok(mut document) = serde_json::from_slice::<Value>(response.body())
        {
            patch(&mut document);
            *response.body_mut() = Bytes::from(document.to_string());
        }
        if let Some(status) = self.status {
            *response.status_mut() = status;
        }
        for (name, value) in &self.headers {
            response.headers_mut().insert(name, value.clone());
        }
        (response, self.wire)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body", &self.body.as_ref().map(|(_, body)| body.len()))
            .field("patch", &self.patch.is_some())
            .field("wire", &self.wire)
            .finish()
    }
}

fn header_value(value: &str) -> HeaderValue {
    value.parse().expect("a header value")
}
