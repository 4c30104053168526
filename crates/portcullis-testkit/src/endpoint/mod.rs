//! The provider's endpoints, one file each.

mod discovery;
mod jwks;
mod userinfo;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};

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

const AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";

/// Which endpoint a path belongs to, whether it is served at present or not.
pub(crate) fn route(state: &State, path: &str) -> Option<Endpoint> {
    if path.strip_prefix(AUTHORIZATION_SERVER) == Some(&state.path) {
        return Some(Endpoint::AuthorizationServerMetadata);
    }
    match path.strip_prefix(state.path.as_str())? {
        "/.well-known/openid-configuration" => Some(Endpoint::Discovery),
        AUTHORIZATION_SERVER => Some(Endpoint::AuthorizationServerMetadata),
        "/jwks" => Some(Endpoint::Jwks),
        "/userinfo" => Some(Endpoint::UserInfo),
        _ => None,
    }
}

/// The proper answer.
pub(crate) fn handle(state: &State, endpoint: Endpoint, request: &Request<Bytes>) -> Response<Bytes> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let posts_to_userinfo = endpoint == Endpoint::UserInfo && request.method() == Method::POST;
    if !reads && !posts_to_userinfo {
        let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    match endpoint {
        Endpoint::Discovery => discovery::openid_configuration(state),
        Endpoint::AuthorizationServerMetadata => discovery::authorization_server(state, request.uri().path()),
        Endpoint::Jwks => jwks::answer(state),
        Endpoint::UserInfo => userinfo::answer(state, request),
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
