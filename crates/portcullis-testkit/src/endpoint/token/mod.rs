//! The token endpoint (RFC 6749 section 3.2, OpenID Connect Core 3.1.3).

mod assertion;
mod client_auth;
mod code;
mod issue;
mod machine;
mod refresh;

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;

pub(super) use self::client_auth::authenticate;
pub(super) use self::issue::changed;
use super::json as json_response;
use super::problem::Problem;
use crate::form::Form;
use crate::page::private;
use crate::provider::State;

pub(super) fn answer(state: &Arc<State>, request: &Request<Bytes>) -> Response<Bytes> {
    match tokens(state, request) {
        Ok(tokens) => {
            let mut response = json_response(tokens.to_string());
            private(response.headers_mut());
            response
        }
        Err(problem) => problem.response(),
    }
}

fn tokens(state: &Arc<State>, request: &Request<Bytes>) -> Result<Value, Problem> {
    let form = form(request)?;
    let client = authenticate(state, request, &form)?;
    match form.get("grant_type") {
        Some("authorization_code") => code::tokens(state, &client, &form),
        Some("refresh_token") => refresh::tokens(state, &client, &form),
        Some("client_credentials") => machine::tokens(state, &client, &form),
        Some(other) => Err(Problem::new("unsupported_grant_type", format!("the grant {other} is not supported"))),
        None => Err(Problem::new("invalid_request", "grant_type is missing")),
    }
}

/// The form of a request to an endpoint for clients.
pub(super) fn form(request: &Request<Bytes>) -> Result<Form, Problem> {
    let form = Form::of_body(request);
    let form =
        form.ok_or_else(|| Problem::new("invalid_request", "the body is not application/x-www-form-urlencoded"))?;
    match form.repeated() {
        Some(name) => Err(Problem::new("invalid_request", format!("the parameter {name} is there more than once"))),
        None => Ok(form),
    }
}
