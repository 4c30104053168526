//! What the provider tells about a user to who holds that user's access token.

use bytes::Bytes;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderValue, Request, Response, StatusCode};
use serde_json::{Value, json};

use super::{empty, json as json_response};
use crate::provider::State;

pub(super) fn answer(state: &State, request: &Request<Bytes>) -> Response<Bytes> {
    let Some(token) = bearer(request) else { return unauthorized("Bearer") };
    let Some(subject) = state.issued().subject(token, state.clock.unix()) else {
        return unauthorized("Bearer error=\"invalid_token\"");
    };
    let claims = state.users().find(&subject).map(|user| Value::Object(user.claims.clone()));
    json_response(claims.unwrap_or_else(|| json!({ "sub": subject })).to_string())
}

fn bearer(request: &Request<Bytes>) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn unauthorized(challenge: &'static str) -> Response<Bytes> {
    let mut response = empty(StatusCode::UNAUTHORIZED);
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    response
}
