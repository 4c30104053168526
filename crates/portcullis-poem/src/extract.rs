//! The extractors.

use poem::{FromRequest, Request, RequestBody};
use portcullis::{FromAuth, Refusal, Require};

use crate::middleware::Attached;
use crate::response::AuthRejection;

const NO_GUARD: &str = "no guard in this part of the application: add .with(portcullis_poem::attach(&guard)) around it";

portcullis::extractor!();

impl<'a, T: FromAuth, R: Require> FromRequest<'a> for Auth<T, R> {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let outcome = match request.data::<Attached>() {
            Some(Attached(attempt)) => attempt.admit::<T, R>().await,
            None => Err(Refusal::wiring(NO_GUARD)),
        };
        outcome.map(Self::admitted).map_err(|refusal| AuthRejection::from(refusal).into_error())
    }
}
