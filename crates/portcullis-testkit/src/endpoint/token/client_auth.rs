//! Which client it is (RFC 6749 section 2.3).

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use http::header::AUTHORIZATION;

use super::super::problem::Problem;
use super::assertion;
use crate::client::{Client, ClientAuth};
use crate::form::Form;
use crate::provider::State;

/// The client, once it proved who it is in the way it is registered for.
pub(in crate::endpoint) fn authenticate(
    state: &State,
    request: &Request<Bytes>,
    form: &Form,
) -> Result<Client, Problem> {
    let basic = basic(request)?;
    let methods = [basic.is_some(), form.get("client_secret").is_some(), form.get("client_assertion").is_some()];
    if methods.into_iter().filter(|used| *used).count() > 1 {
        return Err(Problem::new("invalid_request", "there is more than one kind of client authentication"));
    }
    let named = match &basic {
        Some((id, _)) => Some(id.clone()),
        None => form.owned("client_id").or_else(|| assertion::issuer(form.get("client_assertion")?)),
    };
    let id = named.ok_or_else(|| Problem::invalid_client("the client does not say who it is"))?;
    if form.get("client_id").is_some_and(|other| other != id) {
        return Err(Problem::new("invalid_request", "client_id differs from the authenticated client"));
    }
    let client = state.clients().find(&id).ok_or_else(|| Problem::invalid_client("the client is not known"))?;
    let (used, proven) = match basic {
        Some((_, secret)) => (ClientAuth::SecretBasic, is_secret(&client, &secret)),
        None => by_form(state, &client, form)?,
    };
    if used != client.auth {
        let text = format!("the client is registered for {:?}, not for {used:?}", client.auth);
        return Err(Problem::invalid_client(text));
    }
    if proven { Ok(client) } else { Err(Problem::invalid_client("the secret is wrong")) }
}

fn by_form(state: &State, client: &Client, form: &Form) -> Result<(ClientAuth, bool), Problem> {
    if let Some(secret) = form.get("client_secret") {
        return Ok((ClientAuth::SecretPost, is_secret(client, secret)));
    }
    if form.get("client_assertion").is_some() {
        assertion::validate(state, client, form)?;
        return Ok((ClientAuth::PrivateKeyJwt, true));
    }
    Ok((ClientAuth::None, true))
}

fn is_secret(client: &Client, secret: &str) -> bool {
    let known = client.secret.as_deref().unwrap_or_default();
    !known.is_empty() && verify_slices_are_equal(known.as_bytes(), secret.as_bytes()).is_ok()
}

/// Id and secret of an `Authorization: Basic` header.
fn basic(request: &Request<Bytes>) -> Result<Option<(String, String)>, Problem> {
    let malformed =
        || Problem::invalid_client("the Authorization header is not Basic with a form-urlencoded id and secret");
    let mut values = request.headers().get_all(AUTHORIZATION).into_iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(malformed());
    }
    let decoded = || {
        let (scheme, credentials) = value.to_str().ok()?.split_once(' ')?;
        let credentials = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(credentials).ok())??;
        let credentials = String::from_utf8(credentials).ok()?;
        let (id, secret) = credentials.split_once(':')?;
        Some((form_decoded(id)?, form_decoded(secret)?))
    };
    decoded().map(Some).ok_or_else(malformed)
}

/// Strict: what a client should have encoded is refused, or nobody would notice that it did not.
fn form_decoded(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            b'*' | b'-' | b'.' | b'_' | b'~' => byte,
            _ if byte.is_ascii_alphanumeric() => byte,
            _ => return None,
        });
    }
    String::from_utf8(decoded).ok()
}
