//! From a refresh token to new tokens (RFC 6749 section 6, OpenID Connect Core 12).

use std::sync::Arc;

use serde_json::Value;

use super::super::problem::Problem;
use super::issue::{self, Origin};
use crate::client::Client;
use crate::flow::{Grant, Spent};
use crate::form::Form;
use crate::provider::State;

pub(super) fn tokens(state: &Arc<State>, client: &Client, form: &Form) -> Result<Value, Problem> {
    let value = form.get("refresh_token").ok_or_else(|| Problem::new("invalid_request", "refresh_token is missing"))?;
    let now = state.clock.unix();
    let grant = state.grants().refreshable(value, &client.id, now).map_err(spent)?;
    if state.users().find(&grant.subject).is_none() {
        return Err(Problem::new("invalid_grant", "the user is gone"));
    }
    let scope = narrowed(&grant, form)?;
    if client.rotates && !state.grants().use_refresh_token(value) {
        state.grants().revoke(&grant.id);
        return Err(spent(Spent::Used));
    }
    Ok(issue::tokens(state, client, &grant, &scope, Origin::Refresh))
}

fn narrowed(grant: &Grant, form: &Form) -> Result<Vec<String>, Problem> {
    let wanted = form.words("scope");
    if wanted.is_empty() {
        return Ok(grant.scope.clone());
    }
    match wanted.iter().find(|scope| !grant.scope.contains(scope)) {
        Some(more) => Err(Problem::new("invalid_scope", format!("the user did not grant the scope {more}"))),
        None => Ok(wanted),
    }
}

fn spent(why: Spent) -> Problem {
    let text = match why {
        Spent::Unknown => "the refresh token is not known",
        Spent::Used => "the refresh token was used before; all tokens of its grant are revoked",
        Spent::Expired => "the refresh token has expired",
        Spent::Revoked => "the refresh token is revoked",
    };
    Problem::new("invalid_grant", text)
}
