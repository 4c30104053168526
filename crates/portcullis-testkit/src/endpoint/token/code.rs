//! From a code to tokens (RFC 6749 section 4.1.3, RFC 7636 section 4.6).

use std::sync::Arc;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::super::problem::Problem;
use super::issue::{self, Origin};
use crate::client::Client;
use crate::flow::Code;
use crate::form::Form;
use crate::provider::State;

pub(super) fn tokens(state: &Arc<State>, client: &Client, form: &Form) -> Result<Value, Problem> {
    let refused = |text: &str| Problem::new("invalid_grant", text);
    let value = form.get("code").ok_or_else(|| Problem::new("invalid_request", "code is missing"))?;
    let code = state.grants().code(value).filter(|code| code.grant.client_id == client.id);
    let code = code.ok_or_else(|| refused("the code is not known"))?;
    if code.used {
        return Err(used_again(state, &code));
    }
    if code.expires <= state.clock.unix() {
        return Err(refused("the code has expired"));
    }
    if form.get("redirect_uri") != Some(&code.redirect_uri) {
        return Err(refused("redirect_uri is not that of the authorization request"));
    }
    proves_possession(&code, form)?;
    if !state.grants().use_code(value) {
        return Err(used_again(state, &code));
    }
    Ok(issue::tokens(state, client, &code.grant, &code.grant.scope, Origin::Code(value)))
}

/// Two have the code: whoever came first may have stolen it (RFC 6749 section 4.1.2).
fn used_again(state: &State, code: &Code) -> Problem {
    state.grants().revoke(&code.grant.id);
    Problem::new("invalid_grant", "the code was used before; its tokens are revoked")
}

fn proves_possession(code: &Code, form: &Form) -> Result<(), Problem> {
    let refused = |text: &str| Err(Problem::new("invalid_grant", text));
    match (&code.challenge, form.get("code_verifier")) {
        (None, None) => Ok(()),
        (None, Some(_)) => refused("code_verifier without a code_challenge"),
        (Some(_), None) => refused("code_verifier is missing"),
        (Some(_), Some(verifier)) if !is_verifier(verifier) => {
            refused("code_verifier is not 43 to 128 unreserved characters")
        }
        (Some(challenge), Some(verifier)) => {
            let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
            if URL_SAFE_NO_PAD.encode(hash) == *challenge { Ok(()) } else { refused("code_verifier does not fit") }
        }
    }
}

/// RFC 7636 section 4.1.
fn is_verifier(text: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&text.len()) && text.bytes().all(unreserved)
}
