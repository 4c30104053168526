//! Where an application sends a browser to have a user sign in (OpenID Connect Core 3.1.2).

mod consent;
mod login;
mod reply;
mod request;

use bytes::Bytes;
use http::{Method, Request, Response};

pub(super) use self::consent::answer as consent;
pub(super) use self::login::answer as login;
pub(super) use self::reply::{redirect, with_query};
use self::request::Rejected;
use super::cookie;
use crate::flow::{AuthorizationRequest, Code, Grant, Interaction, Login, Purpose};
use crate::form::Form;
use crate::page::{self, LoginPage};
use crate::provider::State;
use crate::random::unguessable;

pub(super) fn answer(state: &State, request: &Request<Bytes>) -> Response<Bytes> {
    let form = match *request.method() {
        Method::POST => Form::of_body(request).unwrap_or_default(),
        _ => Form::of_query(request),
    };
    let request_cookie = cookie::read(state, request);
    let asked = match request::validate(state, &form) {
        Ok(asked) => asked,
        Err(Rejected::Page(text)) => return page::problem("This sign-in cannot start", &text),
        Err(Rejected::Reply(reply_to, problem)) => return reply::error(state, &reply_to, &problem),
    };
    let visitor = state.visitors().visitor(request_cookie.as_deref());
    let login = state.visitors().login(&visitor).filter(|login| is_good_enough(state, login, &asked));
    let mut response = match login {
        Some(login) => proceed(state, &visitor, &login, asked, false),
        None if asked.prompt.none => reply::refuse(state, &asked.reply_to, "login_required", "the user has to sign in"),
        None => show_login(state, &visitor, asked),
    };
    cookie::set(state, &mut response, &visitor);
    response
}

/// Whether the session serves, or the request wants the user to sign in now.
fn is_good_enough(state: &State, login: &Login, asked: &AuthorizationRequest) -> bool {
    let client = state.clients().find(&asked.client_id);
    let age = state.clock.unix().saturating_sub(login.auth_time);
    let recent = asked.max_age.is_none_or(|max_age| age <= max_age && max_age > 0);
    // The first value that is known counts, as Fief reads it; unknown ones are voluntary (Core 3.1.2.1).
    let strong_wanted = client.is_some_and(|client| {
        let wanted = asked.acr_values.iter().find(|value| client.acr.contains(value));
        wanted.is_some_and(|wanted| wanted == client.level(true) && wanted != client.level(false))
    });
    let known = state.users().find(&login.subject).is_some();
    let expected = asked.expected.as_ref().is_none_or(|expected| *expected == login.subject);
    known && expected && recent && !strong_wanted && !asked.prompt.login
}

fn show_login(state: &State, visitor: &str, asked: AuthorizationRequest) -> Response<Bytes> {
    let name = asked.login_hint.clone().unwrap_or_default();
    let purpose = Purpose::Login(asked.clone());
    let interaction = state.visitors().open(visitor, purpose, state.clock.unix());
    login_page(state, &interaction, &asked, &name, None)
}

fn login_page(
    state: &State,
    interaction: &Interaction,
    asked: &AuthorizationRequest,
    name: &str,
    problem: Option<&str>,
) -> Response<Bytes> {
    let client = state.clients().find(&asked.client_id);
    let content = LoginPage {
        interaction,
        action: &format!("{}/login", state.path),
        client_name: client.as_ref().map_or(asked.client_id.as_str(), |client| &client.name),
        redirect_uri: &asked.reply_to.redirect_uri,
        name,
        problem,
    };
    page::login(&state.users(), &content)
}

/// Goes on with a user who signed in: asks for consent, or gives the code.
fn proceed(state: &State, visitor: &str, login: &Login, asked: AuthorizationRequest, fresh: bool) -> Response<Bytes> {
    let client = state.clients().find(&asked.client_id);
    let remembered = state.visitors().consented(&login.subject, &asked.client_id, &asked.scope);
    let asks = client.as_ref().is_some_and(|client| client.consent) && !remembered;
    if !asks && !asked.prompt.consent {
        return give_code(state, visitor, login, asked, fresh);
    }
    if asked.prompt.none {
        return reply::refuse(state, &asked.reply_to, "consent_required", "the user has to be asked");
    }
    let purpose = Purpose::Consent { request: asked.clone(), fresh };
    let interaction = state.visitors().open(visitor, purpose, state.clock.unix());
    let name = client.map_or_else(|| asked.client_id.clone(), |client| client.name);
    let action = format!("{}/consent", state.path);
    page::consent(&interaction, &action, &name, &login.subject, &asked)
}

fn give_code(state: &State, visitor: &str, login: &Login, asked: AuthorizationRequest, fresh: bool) -> Response<Bytes> {
    let Some(client) = state.clients().find(&asked.client_id) else {
        return reply::refuse(state, &asked.reply_to, "unauthorized_client", "the client is gone");
    };
    state.visitors().joined(visitor, &client.id);
    let grant = Grant {
        id: unguessable(),
        client_id: client.id.clone(),
        subject: login.subject.clone(),
        scope: asked.scope,
        nonce: asked.nonce,
        auth_time: login.auth_time,
        acr: client.level(fresh).to_owned(),
        sid: login.sid.clone(),
    };
    let code = state.grants().add_code(Code {
        grant,
        redirect_uri: asked.reply_to.redirect_uri.clone(),
        challenge: asked.challenge,
        expires: state.clock.unix() + client.lifetimes.code.as_secs(),
        used: false,
    });
    reply::send(state, &asked.reply_to, vec![("code".to_owned(), code)])
}
