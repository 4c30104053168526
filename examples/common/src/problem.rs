//! A refusal in the application's own words.

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use portcullis::{AuthError, RequestFacts};

/// For `on_reject`: other words for one route that is forbidden; everything else keeps the library's reply.
pub fn custom_refusal<B: From<String>>(error: &AuthError, facts: &RequestFacts, reply: Response<B>) -> Response<B> {
    if facts.path() != "/custom-refusal" || error.status() != StatusCode::FORBIDDEN {
        return reply;
    }
    let problem = format!(r#"{{"title":"The gate stays shut","code":"{}"}}"#, error.code());
    let mut reply = reply.map(|_| problem.into());
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    reply
}
