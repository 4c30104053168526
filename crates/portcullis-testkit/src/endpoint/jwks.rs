//! The published keys.

use bytes::Bytes;
use http::Response;
use http::header::CACHE_CONTROL;

use super::json;
use crate::provider::State;

pub(super) fn answer(state: &State) -> Response<Bytes> {
    let mut response = json(state.keys().document());
    if let Some(cache_control) = state.published().jwks_cache_control.clone() {
        response.headers_mut().insert(CACHE_CONTROL, cache_control);
    }
    response
}
