//! Taking tokens back (RFC 7009).

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use super::empty;
use super::problem::Problem;
use super::token::{authenticate, form};
use crate::page::private;
use crate::provider::State;

pub(super) fn answer(state: &State, request: &Request<Bytes>) -> Response<Bytes> {
    if let Err(problem) = revoke(state, request) {
        return problem.response();
    }
    let mut response = empty(StatusCode::OK);
    private(response.headers_mut());
    response
}

/// Revokes a refresh token with its whole grant, or one access token. A token that is not known is no error
/// (section 2.2): what the client wants is so already.
fn revoke(state: &State, request: &Request<Bytes>) -> Result<(), Problem> {
    let form = form(request)?;
    let client = authenticate(state, request, &form)?;
    let token = form.get("token").ok_or_else(|| Problem::new("invalid_request", "token is missing"))?;
    let foreign = || Err(Problem::new("invalid_grant", "the token belongs to another client"));
    let grant = state.grants().grant_of(token);
    if let Some(grant) = grant {
        if grant.client_id != client.id {
            return foreign();
        }
        state.grants().revoke(&grant.id);
        return Ok(());
    }
    let access_token = state.issued().find(token, state.clock.unix());
    if let Some((_, Some(holder))) = access_token
        && holder.client_id != client.id
    {
        return foreign();
    }
    state.issued().revoke(token);
    Ok(())
}
