//! Guards a whole service or group of routes.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{Either, Full};
use portcullis::{Guard, Head};
use tower_layer::Layer;
use tower_service::Service;

use crate::{OriginalUri, as_received};

/// Guards a service: a request that does not satisfy `R` never reaches it.
///
/// The handler behind it may still ask for its own principal and requirement; the request is validated once.
/// A CORS preflight carries no credentials: answer it outside of this layer.
pub fn require<R: portcullis::Require>(guard: &Guard) -> RequireLayer<R> {
    RequireLayer { guard: guard.clone(), original_uri: as_received, requirement: PhantomData }
}

/// The layer of [`require`].
#[must_use]
pub struct RequireLayer<R> {
    guard: Guard,
    original_uri: OriginalUri,
    requirement: PhantomData<fn() -> R>,
}

/// The service of [`require`].
pub struct Require<S, R> {
    inner: S,
    layer: RequireLayer<R>,
}

impl<R> RequireLayer<R> {
    /// Tells where the router keeps the URI that the client sent.
    pub fn original_uri(mut self, original_uri: OriginalUri) -> Self {
        self.original_uri = original_uri;
        self
    }
}

impl<S, R> Layer<S> for RequireLayer<R> {
    type Service = Require<S, R>;

    fn layer(&self, inner: S) -> Require<S, R> {
        Require { inner, layer: self.clone() }
    }
}

impl<S, R, B, C> Service<Request<B>> for Require<S, R>
where
    S: Service<Request<B>, Response = Response<C>> + Clone + Send + 'static,
    S::Future: Send,
    R: portcullis::Require,
    B: Send + 'static,
{
    type Response = Response<Either<C, Full<Bytes>>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let uri = (self.layer.original_uri)(request.uri(), request.extensions());
        let attempt = self.layer.guard.attempt(&Head { uri, ..Head::of(&request) });
        request.extensions_mut().insert(attempt.clone());
        // The clone that was polled ready serves this request; the next one polls the other.
        let next = self.inner.clone();
        let mut ready = mem::replace(&mut self.inner, next);
        Box::pin(async move {
            match attempt.admit::<(), R>().await {
                Ok(()) => Ok(ready.call(request).await?.map(Either::Left)),
                Err(refusal) => Ok(refusal.into_response().map(|body| Either::Right(Full::new(body)))),
            }
        })
    }
}

impl<R> Clone for RequireLayer<R> {
    fn clone(&self) -> Self {
        Self { guard: self.guard.clone(), original_uri: self.original_uri, requirement: PhantomData }
    }
}

impl<S: Clone, R> Clone for Require<S, R> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: self.layer.clone() }
    }
}

impl<R> fmt::Debug for RequireLayer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireLayer").field("guard", &self.guard).finish_non_exhaustive()
    }
}

impl<S: fmt::Debug, R> fmt::Debug for Require<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Require").field("inner", &self.inner).field("layer", &self.layer).finish()
    }
}
