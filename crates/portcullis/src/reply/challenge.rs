//! `WWW-Authenticate`, rendered once (RFC 6750 section 3, RFC 9470 section 3).

use std::fmt::Write;

use http::HeaderValue;

use crate::error::AuthError;

/// The challenge of a refusal; `None` where another token would not help.
pub(super) fn challenge(error: &AuthError) -> Option<HeaderValue> {
    let text = match error {
        AuthError::MissingCredentials => "Bearer".to_owned(),
        AuthError::InvalidRequest(_) | AuthError::InvalidToken(_) => with_error(error.code()),
        AuthError::InsufficientScope { required } => {
            let mut text = with_error(error.code());
            parameter(&mut text, "scope", &required.join(" "));
            text
        }
        AuthError::InsufficientUserAuthentication { acr_values, max_age } => {
            let mut text = with_error(error.code());
            if !acr_values.is_empty() {
                parameter(&mut text, "acr_values", &acr_values.join(" "));
            }
            if let Some(max_age) = max_age {
                parameter(&mut text, "max_age", &max_age.as_secs().to_string());
            }
            text
        }
        _ => return None,
    };
    HeaderValue::try_from(text).ok()
}

fn with_error(code: &str) -> String {
    format!("Bearer error=\"{code}\"")
}

/// Adds a parameter as a quoted string (RFC 9110 section 5.6.4).
///
/// # Security
/// Quotes and backslashes are escaped and everything outside printable ASCII is left out, so that a value from the
/// application cannot add a parameter or a header of its own.
fn parameter(text: &mut String, name: &str, value: &str) {
    let _ = write!(text, ", {name}=\"");
    for character in value.chars().filter(|character| (' '..='~').contains(character)) {
        if matches!(character, '"' | '\\') {
            text.push('\\');
        }
        text.push(character);
    }
    text.push('"');
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::error::{InvalidRequest, InvalidToken};

    #[test]
    fn challenges_by_error() {
        let rows = [
            (AuthError::MissingCredentials, Some("Bearer")),
            (AuthError::InvalidRequest(InvalidRequest::Grammar), Some(r#"Bearer error="invalid_request""#)),
            (InvalidToken::Expired.into(), Some(r#"Bearer error="invalid_token""#)),
            (
                AuthError::InsufficientScope { required: vec!["castles".into(), "openid".into()] },
                Some(r#"Bearer error="insufficient_scope", scope="castles openid""#),
            ),
            (
                AuthError::InsufficientUserAuthentication {
                    acr_values: vec!["1".into(), "2".into()],
                    max_age: Some(Duration::from_secs(300)),
                },
                Some(r#"Bearer error="insufficient_user_authentication", acr_values="1 2", max_age="300""#),
            ),
            (AuthError::MissingPermission { permission: "castles:read".into() }, None),
            (AuthError::UserRequired, None),
        ];
        for (error, expected) in rows {
            assert_eq!(challenge(&error).as_ref().map(|value| value.to_str().unwrap()), expected, "{error}");
        }
    }

    #[test]
    fn atk_a02_a_value_cannot_break_out_of_its_quotes() {
        let error = AuthError::InsufficientScope { required: vec!["a\", realm=\"evil\r\nX: y\\ü".into()] };
        let value = challenge(&error).unwrap();
        assert_eq!(value.to_str().unwrap(), r#"Bearer error="insufficient_scope", scope="a\", realm=\"evilX: y\\""#);
    }
}
