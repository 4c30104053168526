//! The provider as an HTTP client, without a socket.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::CONTENT_ENCODING;
use http::{Request, Response};
use portcullis::transport::{HttpClient, HttpError, HttpErrorKind, HttpLimits};

use crate::fault::WireFault;
use crate::provider::{Answer, State};

/// An [`HttpClient`] that a [`TestProvider`](crate::TestProvider) answers from memory, limits included.
#[derive(Clone)]
pub struct MemoryClient {
    state: Arc<State>,
}

impl MemoryClient {
    pub(crate) fn new(state: Arc<State>) -> Self {
        Self { state }
    }
}

#[async_trait]
impl HttpClient for MemoryClient {
    async fn send(&self, request: Request<Bytes>, limits: HttpLimits) -> Result<Response<Bytes>, HttpError> {
        if self.state.is_stopped() {
            return Err(HttpErrorKind::Connect.into());
        }
        if !is_ours(&self.state, &request) {
            self.state.traffic.record(None, &request, request.uri().to_string());
            return Err(HttpError::new(HttpErrorKind::Connect, "only the test provider can be reached from memory"));
        }
        let answer = tokio::time::timeout(limits.timeout, self.state.answer(request));
        let answer = answer.await.map_err(|_| HttpErrorKind::Timeout)?;
        received(answer, limits)
    }
}

fn is_ours(state: &State, request: &Request<Bytes>) -> bool {
    let uri = request.uri();
    match (uri.scheme_str(), uri.authority()) {
        (Some(scheme), Some(authority)) => state.base_url == format!("{scheme}://{authority}"),
        _ => false,
    }
}

/// What a client that keeps its promises makes of the answer.
fn received(answer: Answer, limits: HttpLimits) -> Result<Response<Bytes>, HttpError> {
    let Answer { mut response, wire } = answer;
    match wire.map(|fault| broken(fault, response.body().len())) {
        Some(Broken::Fails(kind)) => return Err(kind.into()),
        Some(Broken::Shortened(length)) => response.body_mut().truncate(length),
        None => {}
    }
    if response.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(HttpErrorKind::Encoded.into());
    }
    if response.body().len() > limits.body {
        return Err(HttpErrorKind::TooLarge.into());
    }
    Ok(response)
}

enum Broken {
    Fails(HttpErrorKind),
    Shortened(usize),
}

fn broken(fault: WireFault, body: usize) -> Broken {
    Broken::Fails(match fault {
        WireFault::Transport(kind) => kind,
        WireFault::Silence | WireFault::Trickle => HttpErrorKind::Timeout,
        WireFault::Endless => HttpErrorKind::TooLarge,
        WireFault::ContentLength(length) if length <= body => return Broken::Shortened(length),
        _ => HttpErrorKind::Broken,
    })
}

impl fmt::Debug for MemoryClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MemoryClient").field(&self.state.base_url).finish()
    }
}
