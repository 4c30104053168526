//! Lets an attempt complete the response.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use portcullis::{Attempt, Guard, Head};
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
    S: Service<Request<B>, Response = Response<C>>,
{
    type Response = Response<C>;
    type Error = S::Error;
    type Future = AttachFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let uri = (self.layer.original_uri)(request.uri(), request.extensions());
        let attempt = self.layer.guard.attempt(&Head { uri, ..Head::of(&request) });
        attempt.promise_write_back();
        request.extensions_mut().insert(attempt.clone());
        AttachFuture { response: self.inner.call(request), attempt }
    }
}

pin_project! {
    /// The future of [`Attach`]: the inner service's response, completed.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct AttachFuture<F> {
        #[pin]
        response: F,
        attempt: Attempt,
    }
}

impl<F, C, E> Future for AttachFuture<F>
where
    F: Future<Output = Result<Response<C>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut response = ready!(this.response.poll(context))?;
        this.attempt.write_back(response.headers_mut());
        Poll::Ready(Ok(response))
    }
}
