//! The tokens themselves.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::Client;
use crate::endpoint::claims::{of_scope, signed};
use crate::flow::{Grant, Holder, IdTokenFacts, TokenKind};
use crate::provider::State;
use crate::token::TokenBuilder;

/// What the tokens are given for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin<'a> {
    Code(&'a str),
    Refresh,
}

/// The answer to a successful token request on behalf of a user.
pub(super) fn tokens(
    state: &Arc<State>,
    client: &Client,
    grant: &Grant,
    scope: &[String],
    origin: Origin<'_>,
) -> Value {
    let has = |name: &str| scope.iter().any(|scope| scope == name);
    let rotate = state.hooks().take_rotation();
    if rotate {
        state.keys().rotate();
    }
    let acr = acr(client, grant, origin);
    let access_token = user_access_token(state, client, grant, scope, &acr);
    let mut answer = json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": client.lifetimes.access_token.as_secs(),
        "scope": scope.join(" "),
    });
    if has("openid") {
        answer["id_token"] = json!(id_token(state, client, grant, &acr, &access_token, origin));
    }
    let renews = matches!(origin, Origin::Code(_)) || client.rotates;
    if grant.scope.iter().any(|scope| scope == "offline_access") && renews {
        let expires = state.clock.unix() + client.lifetimes.refresh_token.as_secs();
        answer["refresh_token"] = json!(state.grants().add_refresh_token(&grant.id, expires));
    }
    answer
}

/// Fief calls every refreshed login weak; the others keep what it was.
fn acr(client: &Client, grant: &Grant, origin: Origin<'_>) -> String {
    match origin {
        Origin::Refresh if client.fief => client.level(false).to_owned(),
        _ => grant.acr.clone(),
    }
}

fn user_access_token(state: &Arc<State>, client: &Client, grant: &Grant, scope: &[String], acr: &str) -> String {
    let builder = TokenBuilder::new(Arc::clone(state)).user(&grant.subject).acr(acr).auth_time(grant.auth_time);
    let holder = Holder { client_id: client.id.clone(), scope: scope.to_vec(), grant: Some(grant.id.clone()) };
    access_token(state, client, builder, holder)
}

/// Mints an access token and notes who got it.
pub(super) fn access_token(state: &Arc<State>, client: &Client, builder: TokenBuilder, holder: Holder) -> String {
    let mut builder = builder.client_id(&client.id).expires_in(seconds(client.lifetimes.access_token));
    builder = match holder.scope.as_slice() {
        [] => builder.without("scope"),
        scope => builder.scope(scope.join(" ")),
    };
    for audience in &client.audiences {
        builder = builder.audience(audience);
    }
    if client.fief {
        builder = builder.fief();
    }
    let token = changed(state, TokenKind::AccessToken, builder).mint();
    state.issued().set_holder(&token, holder);
    token
}

fn id_token(
    state: &Arc<State>,
    client: &Client,
    grant: &Grant,
    acr: &str,
    access_token: &str,
    origin: Origin<'_>,
) -> String {
    let builder = said_of_user(state, client, grant).acr(acr).access_token(access_token);
    let (kind, builder) = match (origin, &grant.nonce) {
        (Origin::Refresh, _) => (TokenKind::RefreshedIdToken, builder.without("nonce").without("c_hash")),
        (Origin::Code(code), nonce) => {
            let builder = if client.code_hash { builder.code(code) } else { builder.without("c_hash") };
            let builder = match nonce {
                Some(nonce) => builder.nonce(nonce),
                None => builder.without("nonce"),
            };
            (TokenKind::IdToken, builder)
        }
    };
    let builder = signed(builder, client, client.id_token_alg.as_deref());
    let token = changed(state, kind, builder).mint();
    let facts = IdTokenFacts { client_id: client.id.clone(), subject: grant.subject.clone() };
    state.issued().add_id_token(&token, facts);
    token
}

/// What an ID token says whatever it is given for. A refreshed one has no `nonce` and no `c_hash` (Core 12.2): these
/// belong to the login.
fn said_of_user(state: &Arc<State>, client: &Client, grant: &Grant) -> TokenBuilder {
    let mut builder = TokenBuilder::new(Arc::clone(state)).id_token();
    if client.fief {
        builder = builder.fief();
    }
    builder = builder
        .subject(&grant.subject)
        .client_id(&client.id)
        .auth_time(grant.auth_time)
        .expires_in(seconds(client.lifetimes.id_token))
        .claim("azp", client.id.as_str())
        .claim("sid", grant.sid.as_str());
    if client.user_claims_in_id_token {
        for (name, value) in of_scope(state, &grant.subject, &grant.scope) {
            builder = builder.claim(name, value);
        }
    }
    builder
}

/// The token as the test wants it wrong.
pub(in crate::endpoint) fn changed(state: &State, kind: TokenKind, builder: TokenBuilder) -> TokenBuilder {
    let change = state.hooks().next(kind);
    match change {
        Some(change) => change(builder),
        None => builder,
    }
}

pub(in crate::endpoint) fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
