//! What an authorization request has to be.

use super::super::problem::Problem;
use crate::client::{Client, ClientAuth};
use crate::flow::{AuthorizationRequest, Prompt, ReplyTo};
use crate::form::Form;
use crate::provider::State;

/// Where a refusal may go.
pub(super) enum Rejected {
    /// To the user only: who asks, or where to answer, is in doubt (RFC 6749 section 4.1.2.1).
    Page(String),
    /// To the application.
    Reply(ReplyTo, Problem),
}

pub(super) fn validate(state: &State, form: &Form) -> Result<AuthorizationRequest, Rejected> {
    let (client, reply_to) = who_asks(state, form)?;
    let result = read(state, &client, form, &reply_to);
    result.map_err(|problem| Rejected::Reply(reply_to, problem))
}

fn who_asks(state: &State, form: &Form) -> Result<(Client, ReplyTo), Rejected> {
    for name in ["client_id", "redirect_uri"] {
        if form.is_repeated(name) {
            return Err(Rejected::Page(format!("The parameter {name} is there more than once.")));
        }
    }
    let client_id = form.get("client_id").unwrap_or_default();
    let client = state.clients().find(client_id);
    let client = client.ok_or_else(|| Rejected::Page(format!("The client {client_id:?} is not known here.")))?;
    let redirect_uri = form.get("redirect_uri").unwrap_or_default();
    if !client.redirect_uris.iter().any(|registered| registered == redirect_uri) {
        let text =
            format!("The redirect_uri {redirect_uri:?} is not registered for {client_id:?}, character by character.");
        return Err(Rejected::Page(text));
    }
    let reply_to = ReplyTo {
        redirect_uri: redirect_uri.to_owned(),
        form_post: form.get("response_mode") == Some("form_post"),
        state: if form.is_repeated("state") { None } else { form.owned("state") },
    };
    Ok((client, reply_to))
}

fn read(state: &State, client: &Client, form: &Form, reply_to: &ReplyTo) -> Result<AuthorizationRequest, Problem> {
    let invalid = |text: String| Problem::new("invalid_request", text);
    if let Some(name) = form.repeated() {
        return Err(invalid(format!("the parameter {name} is there more than once")));
    }
    refuse_unsupported(form)?;
    Ok(AuthorizationRequest {
        client_id: client.id.clone(),
        reply_to: reply_to.clone(),
        scope: scope(client, form)?,
        nonce: form.owned("nonce"),
        challenge: challenge(client, form)?,
        prompt: prompt(form)?,
        max_age: match form.get("max_age").map(str::parse) {
            None => None,
            Some(Ok(seconds)) => Some(seconds),
            Some(Err(_)) => return Err(invalid("max_age is not a number of seconds".to_owned())),
        },
        acr_values: form.words("acr_values"),
        login_hint: form.owned("login_hint"),
        expected: expected(state, form)?,
    })
}

fn refuse_unsupported(form: &Form) -> Result<(), Problem> {
    let unsupported = [
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ];
    for (name, error) in unsupported {
        if form.get(name).is_some() {
            return Err(Problem::new(error, format!("the parameter {name} is not supported")));
        }
    }
    match form.get("response_type") {
        Some("code") => {}
        None => return Err(Problem::new("invalid_request", "response_type is missing")),
        Some(_) => return Err(Problem::new("unsupported_response_type", "response_type has to be code")),
    }
    match form.get("response_mode") {
        None | Some("query" | "form_post") => Ok(()),
        Some(_) => Err(Problem::new("invalid_request", "response_mode has to be query or form_post")),
    }
}

fn scope(client: &Client, form: &Form) -> Result<Vec<String>, Problem> {
    let mut scope = form.words("scope");
    scope.sort();
    scope.dedup();
    if !scope.iter().any(|scope| scope == "openid") {
        return Err(Problem::new("invalid_scope", "the scope openid is missing"));
    }
    match client.unknown_scope(&scope) {
        Some(unknown) => Err(Problem::new("invalid_scope", format!("the client may not have the scope {unknown}"))),
        None => Ok(scope),
    }
}

/// PKCE (RFC 7636): S256 or nothing, and nothing only for clients that authenticate.
fn challenge(client: &Client, form: &Form) -> Result<Option<String>, Problem> {
    let invalid = |text: &str| Err(Problem::new("invalid_request", text));
    let Some(challenge) = form.get("code_challenge") else {
        return match client.auth {
            ClientAuth::None => invalid("code_challenge is missing: a public client needs PKCE"),
            _ if form.get("code_challenge_method").is_some() => invalid("code_challenge is missing"),
            _ => Ok(None),
        };
    };
    if form.get("code_challenge_method") != Some("S256") {
        return invalid("code_challenge_method has to be S256; without it, it is plain");
    }
    let base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if challenge.len() != 43 || !challenge.bytes().all(base64url) {
        return invalid("code_challenge is not a SHA-256 hash in base64url");
    }
    Ok(Some(challenge.to_owned()))
}

fn prompt(form: &Form) -> Result<Prompt, Problem> {
    let words = form.words("prompt");
    let mut prompt = Prompt::default();
    for word in &words {
        match word.as_str() {
            "none" if words.len() > 1 => return Err(Problem::new("invalid_request", "prompt=none stands alone")),
            "none" => prompt.none = true,
            "login" | "select_account" => prompt.login = true,
            "consent" => prompt.consent = true,
            _ => return Err(Problem::new("invalid_request", "prompt is none, login, consent or select_account")),
        }
    }
    Ok(prompt)
}

/// Whom the application expects: the user of an ID token that this provider made.
fn expected(state: &State, form: &Form) -> Result<Option<String>, Problem> {
    let Some(hint) = form.get("id_token_hint") else { return Ok(None) };
    let facts = state.issued().id_token(hint);
    let facts =
        facts.ok_or_else(|| Problem::new("invalid_request", "id_token_hint is no ID token of this provider"))?;
    Ok(Some(facts.subject))
}
