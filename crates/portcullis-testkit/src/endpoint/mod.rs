//! The provider's endpoints, one file each.

mod authorize;
mod claims;
mod cookie;
mod discovery;
mod end_session;
mod interaction;
mod jwks;
mod problem;
mod revocation;
mod token;
mod userinfo;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode};

pub(crate) use self::end_session::tell;
use crate::provider::State;

/// An endpoint of the provider: what is counted, and what faults are scripted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `/.well-known/openid-configuration` (OpenID Connect Discovery 1.0).
    Discovery,
    /// `/.well-known/oauth-authorization-server`, inserted or appended (RFC 8414).
    AuthorizationServerMetadata,
    /// The key set (RFC 7517).
    Jwks,
    /// UserInfo (OpenID Connect Core 5.3).
    UserInfo,
    /// Where an application sends a browser (OpenID Connect Core 3.1.2); it shows the login page.
    Authorize,
    /// What the login page sends.
    Login,
    /// What the consent page sends.
    Consent,
    /// Codes and refresh tokens for tokens (RFC 6749 section 3.2).
    Token,
    /// Taking tokens back (RFC 7009).
    Revocation,
    /// Where an application sends a browser to sign out (OpenID Connect RP-Initiated Logout 1.0), and what the
    /// page for the confirmation sends.
    EndSession,
}

/// Where the RFC 8414 document is served. Only an issuer with a path tells the forms apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum MetadataForm {
    /// Nowhere: 404.
    #[default]
    Absent,
    /// Between host and path of the issuer, as RFC 8414 section 3.1 says.
    Inserted,
    /// After the issuer, where OpenID Connect has its document.
    Appended,
    /// In both places.
    Both,
}

const CONFIRM: &str = "/confirm";
const AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";

/// Which endpoint a path belongs to, whether it is served at present or not.
pub(crate) fn route(state: &State, path: &str) -> Option<Endpoint> {
    if path.strip_prefix(AUTHORIZATION_SERVER) == Some(&state.path) {
        return Some(Endpoint::AuthorizationServerMetadata);
    }
    match path.strip_prefix(state.path.as_str())? {
        "/.well-known/openid-configuration" => Some(Endpoint::Discovery),
        AUTHORIZATION_SERVER => Some(Endpoint::AuthorizationServerMetadata),
        path if path == state.jwks_path => Some(Endpoint::Jwks),
        "/userinfo" => Some(Endpoint::UserInfo),
        "/authorize" => Some(Endpoint::Authorize),
        "/login" => Some(Endpoint::Login),
        "/consent" => Some(Endpoint::Consent),
        "/token" => Some(Endpoint::Token),
        "/revoke" => Some(Endpoint::Revocation),
        "/end_session" | "/end_session/confirm" => Some(Endpoint::EndSession),
        _ => None,
    }
}

/// The proper answer.
pub(crate) fn handle(state: &Arc<State>, endpoint: Endpoint, request: &Request<Bytes>) -> Response<Bytes> {
    let path = request.uri().path();
    let allowed = methods(endpoint, path);
    if !allowed.split(", ").any(|method| method == request.method().as_str()) {
        let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
        return response;
    }
    match endpoint {
        Endpoint::Discovery => discovery::openid_configuration(state),
        Endpoint::AuthorizationServerMetadata => discovery::authorization_server(state, path),
        Endpoint::Jwks => jwks::answer(state),
        Endpoint::UserInfo => userinfo::answer(state, request),
        Endpoint::Authorize => authorize::answer(state, request),
        Endpoint::Login => authorize::login(state, request),
        Endpoint::Consent => authorize::consent(state, request),
        Endpoint::Token => token::answer(state, request),
        Endpoint::Revocation => revocation::answer(state, request),
        Endpoint::EndSession if path.ends_with(CONFIRM) => end_session::confirm(state, request),
        Endpoint::EndSession => end_session::answer(state, request),
    }
}

/// What may be sent where; nothing with an effect answers HEAD.
fn methods(endpoint: Endpoint, path: &str) -> &'static str {
    match endpoint {
        Endpoint::Discovery | Endpoint::AuthorizationServerMetadata | Endpoint::Jwks => "GET, HEAD",
        Endpoint::UserInfo => "GET, HEAD, POST",
        Endpoint::EndSession if path.ends_with(CONFIRM) => "POST",
        Endpoint::Authorize | Endpoint::EndSession => "GET, POST",
        Endpoint::Login | Endpoint::Consent | Endpoint::Token | Endpoint::Revocation => "POST",
    }
}

pub(crate) fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

fn json(body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
