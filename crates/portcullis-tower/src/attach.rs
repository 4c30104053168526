//! Lets an attempt complete the response.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use portcullis::{Guard, Head};
use tower_layer::Layer;
use tower_service::Service;

use crate::{OriginalUri, as_received};

/// Wires a guard to a service: the request gets its attempt, and the response what the attempt has to say: caching
/// rules, and the cookies of sessions.
///
/// It goes outermost, so that refusals and handlers that fail are completed too.
///
/// # Security
/// Without it a shared cache may keep what one user saw, dead session cookies are not deleted, and sessions that are
/// kept in cookies are refused with 500.
pub fn attach(guard: &Guard) -> AttachLayer {
    AttachLayer { guard: guard.clone(), original_uri: as_received }
}

/// The layer of [`attach`].
#[derive(Debug, Clone)]
#[must_use]
pub struct AttachLayer {
    guard: Guard,
    original_uri: OriginalUri,
}

/// The service of [`attach`].
#[derive(Debug, Clone)]
pub struct Attach<S> {
    inner: S,
    layer: AttachLayer,
}

impl AttachLayer {
    /// Tells where the router keeps the URI that the client sent.
    pub fn original_uri(mut self, original_uri: OriginalUri) -> Self {
        self.original_uri = original_uri;
        self
    }
}

impl<S> Layer<S> for AttachLayer {
    type Service = Attach<S>;

    fn layer(&self, inner: S) -> Attach<S> {
        Attach { inner, layer: self.clone() }
    }
}

impl<S, B, C> Service<Request<B>> for Attach<S>
where
    S: Service<Request<B>, Response = Response<C>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response<C>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let uri = (self.layer.original_uri)(request.uri(), request.extensions());
        let attempt = self.layer.guard.attempt(&Head { uri, ..Head::of(&request) });
        attempt.promise_write_back();
        request.extensions_mut().insert(attempt.clone());
        // The clone that was polled ready serves this request; the next one polls the other.
        let next = self.inner.clone();
        let mut ready = mem::replace(&mut self.inner, next);
        Box::pin(async move {
            let mut response = ready.call(request).await?;
            attempt.write_back(response.headers_mut());
            Ok(response)
        })
    }
}
