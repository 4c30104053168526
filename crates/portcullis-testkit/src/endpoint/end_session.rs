//! The end of a session (OpenID Connect RP-Initiated Logout 1.0).

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response};

use super::authorize::{redirect, with_query};
use super::claims::signed;
use super::cookie;
use super::interaction::{self, Sent};
use super::token::changed;
use crate::flow::{Login, LogoutRequest, Purpose, TokenKind};
use crate::form::{Form, encode};
use crate::page;
use crate::provider::State;
use crate::token::TokenBuilder;

const SIGNED_OUT: &str = "You are signed out";

/// A request by an application, in the query or in a form.
pub(super) fn answer(state: &Arc<State>, request: &Request<Bytes>) -> Response<Bytes> {
    let form = match *request.method() {
        Method::POST => Form::of_body(request).unwrap_or_default(),
        _ => Form::of_query(request),
    };
    let (hinted, redirect_to) = match validate(state, &form) {
        Ok(valid) => valid,
        Err(text) => return page::problem("This sign-out cannot go on", &text),
    };
    let visitor = cookie::read(state, request);
    let login = visitor.as_deref().and_then(|visitor| Some((visitor, state.visitors().login(visitor)?)));
    match login {
        // Without proof of whose session is meant, any site could sign users out: they are asked (section 2).
        Some((visitor, login)) if hinted.as_ref() != Some(&login.subject) => {
            let purpose = Purpose::EndSession(LogoutRequest { redirect_to: redirect_to.clone() });
            let interaction = state.visitors().open(visitor, purpose, state.clock.unix());
            let action = format!("{}/end_session/confirm", state.path);
            page::end_session(&interaction, &action, &login.subject, redirect_to.as_deref())
        }
        _ => leave(state, visitor.as_deref(), redirect_to.as_deref()),
    }
}

/// What the page for the confirmation sends.
pub(super) fn confirm(state: &Arc<State>, request: &Request<Bytes>) -> Response<Bytes> {
    let Some(Sent { interaction, form }) = interaction::read(state, request) else { return interaction::expired() };
    let Purpose::EndSession(logout) = interaction.purpose else { return interaction::expired() };
    state.visitors().close(&interaction.id);
    if form.get("decision") != Some("leave") {
        return page::signed_out("You are still signed in");
    }
    leave(state, Some(&interaction.visitor), logout.redirect_to.as_deref())
}

/// Ends the provider's session. Grants for offline access outlive it.
fn leave(state: &Arc<State>, visitor: Option<&str>, redirect_to: Option<&str>) -> Response<Bytes> {
    let ended = visitor.and_then(|visitor| state.visitors().sign_out(visitor));
    let frames = ended.map(|login| tell(state, &login)).unwrap_or_default();
    let mut response = match redirect_to {
        _ if !frames.is_empty() => page::front_channel(&frames, redirect_to),
        Some(uri) => redirect(uri),
        None => page::signed_out(SIGNED_OUT),
    };
    cookie::clear(state, &mut response);
    response
}

/// Makes a logout token for every client that knows the session and wants one; returns what the browser has to load
/// in frames.
pub(crate) fn tell(state: &Arc<State>, login: &Login) -> Vec<String> {
    let mut frames = Vec::new();
    for client in login.clients.iter().filter_map(|id| state.clients().find(id)).collect::<Vec<_>>() {
        if let Some(uri) = &client.back_channel_logout_uri {
            let builder = TokenBuilder::new(Arc::clone(state)).logout_token();
            let builder = builder.subject(&login.subject).client_id(&client.id).sid(&login.sid);
            let builder = signed(builder, &client, client.id_token_alg.as_deref());
            let token = changed(state, TokenKind::LogoutToken, builder).mint();
            state.logouts().add(&client.id, uri, token);
        }
        if let Some(uri) = &client.front_channel_logout_uri {
            frames.push(with_query(uri, &encode([("iss", state.issuer.as_str()), ("sid", login.sid.as_str())])));
        }
    }
    frames
}

/// Whose session is meant, and where the browser goes afterwards.
fn validate(state: &State, form: &Form) -> Result<(Option<String>, Option<String>), String> {
    if let Some(name) = form.repeated() {
        return Err(format!("The parameter {name} is there more than once."));
    }
    let hint = match form.get("id_token_hint") {
        None => None,
        Some(hint) => {
            let facts = state.issued().id_token(hint);
            Some(facts.ok_or("The id_token_hint is no ID token of this provider.")?)
        }
    };
    let named = form.get("client_id");
    if let (Some(hint), Some(named)) = (&hint, named)
        && hint.client_id != named
    {
        return Err("The client_id is not that of the id_token_hint.".to_owned());
    }
    let client_id = named.or(hint.as_ref().map(|hint| hint.client_id.as_str()));
    let redirect_to = match form.get("post_logout_redirect_uri") {
        None => None,
        Some(uri) => Some(registered(state, client_id, uri, form.get("state"))?),
    };
    Ok((hint.map(|hint| hint.subject), redirect_to))
}

fn registered(state: &State, client_id: Option<&str>, uri: &str, value: Option<&str>) -> Result<String, String> {
    let client = client_id.and_then(|id| state.clients().find(id));
    let client =
        client.ok_or("Without id_token_hint or client_id nobody knows whose post_logout_redirect_uri it is.")?;
    if !client.post_logout_redirect_uris.iter().any(|registered| registered == uri) {
        return Err(format!("The post_logout_redirect_uri {uri:?} is not registered for {:?}.", client.id));
    }
    let query = value.map_or_else(String::new, |value| encode([("state", value)]));
    Ok(with_query(uri, &query))
}
