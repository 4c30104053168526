//! The extractors.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use portcullis::{FromAuth, Guard, Refusal, Require};

use crate::request::attempt;
use crate::response::AuthRejection;

const NO_GUARD: &str = "an extractor found no Guard: add .app_data(guard.clone()) to the App";

portcullis::extractor!();

impl<T, R> FromRequest for Auth<T, R>
where
    T: FromAuth + 'static,
    R: Require,
{
    type Error = AuthRejection;
    type Future = Pin<Box<dyn Future<Output = Result<Self, AuthRejection>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let attempt = request.app_data::<Guard>().map(|guard| attempt(guard, request));
        Box::pin(async move {
            let attempt = attempt.ok_or_else(|| Refusal::wiring(NO_GUARD))?;
            Ok(Self::admitted(attempt.admit::<T, R>().await?))
        })
    }
}
