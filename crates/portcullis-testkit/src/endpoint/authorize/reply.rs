//! The way back to the application.

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderValue, Response, StatusCode};

use super::super::empty;
use super::super::problem::Problem;
use crate::flow::ReplyTo;
use crate::form::encode;
use crate::page;
use crate::provider::State;

/// Answers the application, in the query or in a form.
pub(super) fn send(state: &State, reply_to: &ReplyTo, mut parameters: Vec<(String, String)>) -> Response<Bytes> {
    if let Some(value) = &reply_to.state {
        parameters.push(("state".to_owned(), value.clone()));
    }
    if state.published().response_iss {
        parameters.push(("iss".to_owned(), state.issuer.clone()));
    }
    let change = state.hooks().authorization_response();
    if let Some(change) = change {
        change(&mut parameters);
    }
    if reply_to.form_post {
        return page::form_post(&reply_to.redirect_uri, &parameters);
    }
    let query = encode(parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    redirect(&with_query(&reply_to.redirect_uri, &query))
}

pub(super) fn error(state: &State, reply_to: &ReplyTo, problem: &Problem) -> Response<Bytes> {
    refuse(state, reply_to, problem.error, &problem.description)
}

pub(super) fn refuse(state: &State, reply_to: &ReplyTo, error: &str, description: &str) -> Response<Bytes> {
    let parameter = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    send(state, reply_to, vec![parameter("error", error), parameter("error_description", description)])
}

/// A redirect that turns a POST into a GET, so that no form travels on.
pub(in crate::endpoint) fn redirect(location: &str) -> Response<Bytes> {
    let mut response = empty(StatusCode::SEE_OTHER);
    let location = HeaderValue::from_str(location).expect("a registered URI can stand in a header");
    response.headers_mut().insert(LOCATION, location);
    page::private(response.headers_mut());
    response
}

/// The URI as it was registered, with more query.
pub(in crate::endpoint) fn with_query(uri: &str, query: &str) -> String {
    match (uri.contains('?'), query) {
        (_, "") => uri.to_owned(),
        (true, query) => format!("{uri}&{query}"),
        (false, query) => format!("{uri}?{query}"),
    }
}
