//! Which credential of a request counts.

use crate::error::{AuthError, InvalidRequest, InvalidToken};
use crate::token::MAX_TOKEN_BYTES;

use super::head::RequestHead;

/// What the request calls its bearer token, its grammar not yet looked at; `None` where there is none that concerns us.
///
/// # Security
/// A request is never guessed at: two `Authorization` headers, or a token in the query beside one, could make a
/// proxy and this library see different callers, so they are malformed. The body is never read for a token.
pub(crate) fn bearer_token(head: &impl RequestHead) -> Result<Option<&[u8]>, AuthError> {
    if has_token_in_query(head.path_and_query()) {
        return Err(AuthError::InvalidRequest(InvalidRequest::TokenInQuery));
    }
    let mut values = head.header("authorization").map(trim).filter(|value| !value.is_empty());
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(AuthError::InvalidRequest(InvalidRequest::RepeatedHeader));
    }
    drop(values);
    let Some(rest) = after_bearer(value) else { return Ok(None) };
    let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
    if spaces == 0 { Err(GRAMMAR) } else { Ok(Some(&rest[spaces..])) }
}

const GRAMMAR: AuthError = AuthError::InvalidRequest(InvalidRequest::Grammar);

/// What follows the scheme `Bearer` (case-insensitive, RFC 9110 section 11.1); `None` for another scheme.
fn after_bearer(value: &[u8]) -> Option<&[u8]> {
    let end = value.iter().position(|byte| matches!(byte, b' ' | b'\t' | b',')).unwrap_or(value.len());
    let (scheme, rest) = value.split_at(end);
    scheme.eq_ignore_ascii_case(b"bearer").then_some(rest)
}

/// A token to be validated, as text. Whether it is a [`b64token`] is looked at where it is refused: what is validated
/// has only characters of those.
pub(crate) fn unread_token(token: &[u8]) -> Result<&str, AuthError> {
    match std::str::from_utf8(token) {
        Ok(text) if (1..=MAX_TOKEN_BYTES).contains(&text.len()) => Ok(text),
        _ => b64token(token),
    }
}

/// A `b64token` (RFC 6750 section 2.1) that is not too long.
pub(crate) fn b64token(token: &[u8]) -> Result<&str, AuthError> {
    let padding = token.iter().rev().take_while(|byte| **byte == b'=').count();
    let (body, _) = token.split_at(token.len() - padding);
    // Without an early end, so that the compiler takes many bytes at a time.
    let is_legal = body.iter().fold(true, |legal, byte| legal & is_b64token_byte(*byte));
    if body.is_empty() || !is_legal {
        return Err(GRAMMAR);
    }
    if token.len() > MAX_TOKEN_BYTES {
        return Err(InvalidToken::Malformed("too_long").into());
    }
    std::str::from_utf8(token).map_err(|_| GRAMMAR)
}

fn is_b64token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | (b'-'..=b'/').contains(&byte) | (byte == b'_') | (byte == b'~') | (byte == b'+')
}

/// Optional white space around a field value (RFC 9110 section 5.5).
fn trim(value: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = value.iter().position(|byte| !is_space(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last + 1);
    &value[start..end]
}

/// RFC 6750 section 2.3 lets a token travel in the query; RFC 9700 section 4.3.2 forbids it.
fn has_token_in_query(path_and_query: &str) -> bool {
    match path_and_query.split_once('?') {
        None | Some((_, "")) => false,
        Some((_, query)) => url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "access_token"),
    }
}
