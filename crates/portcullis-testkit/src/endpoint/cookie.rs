//! The cookie that tells browsers apart.

use bytes::Bytes;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderValue, Request, Response};
use url::Url;

use crate::provider::State;

/// The value of this provider's cookie.
pub(super) fn read(state: &State, request: &Request<Bytes>) -> Option<String> {
    let name = name(state);
    let values = request.headers().get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = values.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
}

pub(super) fn set(state: &State, response: &mut Response<Bytes>, value: &str) {
    write(state, response, value, "");
}

pub(super) fn clear(state: &State, response: &mut Response<Bytes>) {
    write(state, response, "", "; Max-Age=0");
}

fn write(state: &State, response: &mut Response<Bytes>, value: &str, more: &str) {
    let secure = if state.base_url.starts_with("https:") { "; Secure" } else { "" };
    let cookie = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}", name(state));
    let cookie = HeaderValue::from_str(&cookie).expect("a cookie can stand in a header");
    response.headers_mut().append(SET_COOKIE, cookie);
}

/// Cookies ignore ports: two providers on one machine must not log each other's users out.
fn name(state: &State) -> String {
    let port = Url::parse(&state.base_url).ok().and_then(|url| url.port_or_known_default()).unwrap_or(0);
    format!("development-provider-{port}")
}
