//! An actix-web request as the core sees it: actix-web speaks `http` 0.2.

use actix_web::http::header::HeaderValue;
use actix_web::{HttpMessage, HttpRequest};
use portcullis::{Attempt, Guard, RequestHead};

pub(crate) struct Head<'r>(pub(crate) &'r HttpRequest);

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        self.0.method().as_str()
    }

    fn path_and_query(&self) -> &str {
        self.0.uri().path_and_query().map_or("", |both| both.as_str())
    }

    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.0.headers().get_all(name).map(HeaderValue::as_bytes)
    }

    fn extension<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        self.0.extensions().get::<T>().cloned()
    }
}

/// The request's attempt; whoever asks later finds it in the extensions.
pub(crate) fn attempt(guard: &Guard, request: &HttpRequest) -> Attempt {
    let attempt = guard.attempt(&Head(request));
    request.extensions_mut().insert(attempt.clone());
    attempt
}
