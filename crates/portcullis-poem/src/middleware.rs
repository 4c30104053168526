//! The middlewares: the ones that bring a guard, because poem's extractors cannot leave anything with a request.

use std::fmt;
use std::marker::PhantomData;

use poem::{Endpoint, IntoResponse, Middleware, Request, Response};
use portcullis::{Attempt, Guard, Head};

use crate::response::AuthRejection;

/// Guards a group of routes: `.with(require::<Admin>(&guard))`. A request that does not satisfy `R` never reaches a
/// handler. What the extractors behind it need is [`attach`].
///
/// A CORS preflight carries no credentials: answer it outside of this middleware.
pub fn require<R: portcullis::Require>(guard: &Guard) -> Require<R> {
    Require { guard: guard.clone(), requirement: PhantomData }
}

/// Wires a guard to the application, or to a part of it: `.with(attach(&guard))`, outermost. The extractors inside find
/// the guard, and responses are completed: authenticated answers are kept out of shared caches, and sessions get their
/// cookies.
///
/// An error of poem's (a refusal, what a handler returned) has no headers. One that needs some leaves this middleware as
/// a response, with its [`AuthError`](portcullis::AuthError) among the data; so put `catch_error` for
/// [`AuthRejection`](crate::AuthRejection) inside. All others, such as `NotFoundError`, stay the errors they are.
pub fn attach(guard: &Guard) -> Attach {
    Attach { guard: guard.clone() }
}

/// The middleware of [`require`].
#[must_use]
pub struct Require<R> {
    guard: Guard,
    requirement: PhantomData<fn() -> R>,
}

/// The middleware of [`attach`].
#[derive(Debug, Clone)]
#[must_use]
pub struct Attach {
    guard: Guard,
}

/// The attempt that the extractors resume. [`require`] leaves none: where its guard is another one, both must admit.
#[derive(Clone)]
pub(crate) struct Attached(pub(crate) Attempt);

/// An endpoint behind [`require`] or [`attach`].
#[derive(Debug, Clone)]
pub struct Guarded<M, E> {
    middleware: M,
    inner: E,
}

impl<R: portcullis::Require, E: Endpoint> Middleware<E> for Require<R> {
    type Output = Guarded<Self, E>;

    fn transform(&self, inner: E) -> Self::Output {
        Guarded { middleware: self.clone(), inner }
    }
}

impl<E: Endpoint> Middleware<E> for Attach {
    type Output = Guarded<Self, E>;

    fn transform(&self, inner: E) -> Self::Output {
        Guarded { middleware: self.clone(), inner }
    }
}

impl<R: portcullis::Require, E: Endpoint> Endpoint for Guarded<Require<R>, E> {
    type Output = E::Output;

    async fn call(&self, mut request: Request) -> poem::Result<E::Output> {
        let attempt = begin(&self.middleware.guard, &mut request);
        attempt.admit::<(), R>().await.map_err(|refusal| AuthRejection::from(refusal).into_error())?;
        self.inner.call(request).await
    }
}

impl<E: Endpoint> Endpoint for Guarded<Attach, E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let attempt = begin(&self.middleware.guard, &mut request);
        attempt.promise_write_back();
        request.set_data(Attached(attempt.clone()));
        let mut response = match self.inner.call(request).await {
            Ok(response) => response.into_response(),
            Err(error) if !attempt.has_write_back() => return Err(error),
            Err(error) => error.into_response(),
        };
        attempt.write_back(response.headers_mut());
        Ok(response)
    }
}

/// The attempt, left with the request: every middleware of the same guard further in resumes it.
fn begin(guard: &Guard, request: &mut Request) -> Attempt {
    let attempt = guard.attempt(&head(request));
    request.set_data(attempt.clone());
    attempt
}

/// The head with the URI that the client sent: a nested route sees one without its prefix. Where a request has not come
/// from a server (`TestClient`), poem knows no other than its own.
pub(crate) fn head(request: &Request) -> Head<'_> {
    let original = request.original_uri();
    let uri = if original.path() == "/" { request.uri() } else { original };
    Head { method: request.method(), uri, headers: request.headers(), extensions: request.extensions() }
}

impl<R> Clone for Require<R> {
    fn clone(&self) -> Self {
        Self { guard: self.guard.clone(), requirement: PhantomData }
    }
}

impl<R> fmt::Debug for Require<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Require").field("guard", &self.guard).finish_non_exhaustive()
    }
}
