//! The extractors.

use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use portcullis::{FromAuth, Guard, Head, Require};

use crate::middleware::original_uri;
use crate::response::AuthRejection;

portcullis::extractor!();

impl<S, T, R> FromRequestParts<S> for Auth<T, R>
where
    S: Send + Sync,
    Guard: FromRef<S>,
    T: FromAuth,
    R: Require,
{
    type Rejection = AuthRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AuthRejection> {
        let guard = Guard::from_ref(state);
        let uri = original_uri(&parts.uri, &parts.extensions);
        let attempt = guard.attempt(&Head { uri, ..Head::from(&*parts) });
        parts.extensions.insert(attempt.clone());
        Ok(Self::admitted(attempt.admit::<T, R>().await?))
    }
}
