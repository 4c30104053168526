//! What the provider tells about a user to who holds that user's access token (OpenID Connect Core 5.3).

use std::sync::Arc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, Request, Response, StatusCode};
use serde_json::Value;

use super::claims::{all, of_scope, signed};
use super::token::changed;
use super::{empty, json as json_response};
use crate::client::Client;
use crate::flow::{Holder, TokenKind};
use crate::form::Form;
use crate::provider::State;
use crate::token::TokenBuilder;

pub(super) fn answer(state: &Arc<State>, request: &Request<Bytes>) -> Response<Bytes> {
    let Some(token) = bearer(request) else { return refused(StatusCode::UNAUTHORIZED, "Bearer") };
    let known = state.issued().find(&token, state.clock.unix());
    let known = known.filter(|(_, holder)| grant_lives(state, holder.as_ref()));
    let Some((subject, holder)) = known else {
        return refused(StatusCode::UNAUTHORIZED, "Bearer error=\"invalid_token\"");
    };
    let Some(holder) = holder else { return json_response(Value::Object(all(state, &subject)).to_string()) };
    if !holder.scope.iter().any(|scope| scope == "openid") {
        return refused(StatusCode::FORBIDDEN, "Bearer error=\"insufficient_scope\", scope=\"openid\"");
    }
    match state.clients().find(&holder.client_id) {
        Some(client) if client.userinfo_alg.is_some() => jwt(state, &client, &subject, &holder.scope),
        _ => json_response(Value::Object(of_scope(state, &subject, &holder.scope)).to_string()),
    }
}

fn grant_lives(state: &State, holder: Option<&Holder>) -> bool {
    let grant = holder.and_then(|holder| holder.grant.as_deref());
    grant.is_none_or(|grant| state.grants().is_alive(grant))
}

/// The claims as a JWT with `iss` and `aud` (Core 5.3.2).
fn jwt(state: &Arc<State>, client: &Client, subject: &str, scope: &[String]) -> Response<Bytes> {
    let mut builder = TokenBuilder::new(Arc::clone(state)).id_token().subject(subject).client_id(&client.id);
    for name in ["nonce", "at_hash", "auth_time", "exp"] {
        builder = builder.without(name);
    }
    for (name, value) in of_scope(state, subject, scope) {
        builder = builder.claim(name, value);
    }
    let builder = signed(builder, client, client.userinfo_alg.as_deref());
    let token = changed(state, TokenKind::UserInfo, builder).mint();
    // Made like an ID token, it must not pass for one at the end of the session.
    state.issued().revoke(&token);
    let mut response = Response::new(Bytes::from(token));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/jwt"));
    response
}

/// The token of the header, or of a posted form (RFC 6750 section 2.2); never that of a query.
fn bearer(request: &Request<Bytes>) -> Option<String> {
    let Some(value) = request.headers().get(AUTHORIZATION) else {
        return Form::of_body(request)?.owned("access_token");
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.to_owned())
}

fn refused(status: StatusCode, challenge: &'static str) -> Response<Bytes> {
    let mut response = empty(status);
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    response
}
