//! What `wrap` takes.

use std::fmt;
use std::future::{Future, Ready, ready};
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;

use actix_web::body::EitherBody;
use actix_web::dev::{Extensions, Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::error::{Error, InternalError};
use portcullis::{Attempt, Guard};

use crate::request::attempt;
use crate::response::{AuthRejection, Headers};

type Response<B> = Pin<Box<dyn Future<Output = Result<ServiceResponse<B>, Error>>>>;

/// Guards a group of routes: `.wrap(require::<Admin>(&guard))` on a scope or a resource. A request that does not
/// satisfy `R` never reaches a handler.
///
/// The handler behind it may still ask for its own principal and requirement; the request is validated once.
/// A CORS preflight carries no credentials: answer it outside of this middleware, which is by a later `wrap`.
pub fn require<R: portcullis::Require>(guard: &Guard) -> Require<R> {
    Require { guard: guard.clone(), requirement: PhantomData }
}

/// Completes responses: `.wrap(attach(&guard))`, the last `wrap` of the application, which is the outermost.
/// Authenticated answers are kept out of shared caches, and sessions set their cookies, on refusals and errors too.
///
/// The extractors behind it use this guard, unless a scope or a resource further in has another one.
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

/// The service of [`require`].
pub struct RequireService<S, R> {
    inner: Rc<S>,
    guard: Guard,
    requirement: PhantomData<fn() -> R>,
}

/// The service of [`attach`].
#[derive(Debug)]
pub struct AttachService<S> {
    inner: S,
    guard: Guard,
    app_data: Rc<Extensions>,
}

impl<S, B, R> Transform<S, ServiceRequest> for Require<R>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
    R: portcullis::Require,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = RequireService<S, R>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        let inner = Rc::new(inner);
        ready(Ok(RequireService { inner, guard: self.guard.clone(), requirement: PhantomData }))
    }
}

impl<S, B, R> Service<ServiceRequest> for RequireService<S, R>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
    R: portcullis::Require,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Response<EitherBody<B>>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let attempt = attempt(&self.guard, request.request());
        let inner = Rc::clone(&self.inner);
        Box::pin(async move {
            match attempt.admit::<(), R>().await {
                Ok(()) => Ok(inner.call(request).await?.map_into_left_body()),
                Err(refusal) => Ok(request.error_response(AuthRejection::from(refusal)).map_into_right_body()),
            }
        })
    }
}

impl<S, B> Transform<S, ServiceRequest> for Attach
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = AttachService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        let mut app_data = Extensions::new();
        app_data.insert(self.guard.clone());
        ready(Ok(AttachService { inner, guard: self.guard.clone(), app_data: Rc::new(app_data) }))
    }
}

impl<S, B> Service<ServiceRequest> for AttachService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = Response<B>;

    forward_ready!(inner);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let attempt = attempt(&self.guard, request.request());
        attempt.promise_write_back();
        request.add_data_container(Rc::clone(&self.app_data));
        let response = self.inner.call(request);
        Box::pin(async move {
            let mut response = response.await.map_err(|error| completed(&attempt, error))?;
            attempt.write_back(&mut Headers(response.headers_mut()));
            Ok(response)
        })
    }
}

/// An error of a middleware further in has no headers yet: its response is made here, and goes with it.
fn completed(attempt: &Attempt, error: Error) -> Error {
    let mut response = error.error_response();
    attempt.write_back(&mut Headers(response.headers_mut()));
    InternalError::from_response(error, response).into()
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

impl<S: fmt::Debug, R> fmt::Debug for RequireService<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireService").field("inner", &self.inner).field("guard", &self.guard).finish_non_exhaustive()
    }
}
