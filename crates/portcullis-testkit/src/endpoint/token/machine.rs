//! Tokens of a machine (RFC 6749 section 4.4, RFC 9068 section 2.2: `sub` is the client).

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::problem::Problem;
use super::issue;
use crate::client::{Client, ClientAuth};
use crate::flow::Holder;
use crate::form::Form;
use crate::provider::State;
use crate::token::TokenBuilder;

pub(super) fn tokens(state: &Arc<State>, client: &Client, form: &Form) -> Result<Value, Problem> {
    if client.auth == ClientAuth::None {
        return Err(Problem::new("unauthorized_client", "a public client is no machine that could be trusted"));
    }
    let scope = form.words("scope");
    if let Some(users) = scope.iter().find(|scope| matches!(scope.as_str(), "openid" | "offline_access")) {
        return Err(Problem::new("invalid_scope", format!("without a user there is no scope {users}")));
    }
    if let Some(unknown) = client.unknown_scope(&scope) {
        return Err(Problem::new("invalid_scope", format!("the client may not have the scope {unknown}")));
    }
    let builder = TokenBuilder::new(Arc::clone(state)).subject(&client.id).without("auth_time");
    let builder = builder.permissions(client.permissions.iter().cloned());
    let holder = Holder { client_id: client.id.clone(), scope: scope.clone(), grant: None };
    let access_token = issue::access_token(state, client, builder, holder);
    Ok(json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": client.lifetimes.access_token.as_secs(),
        "scope": scope.join(" "),
    }))
}
