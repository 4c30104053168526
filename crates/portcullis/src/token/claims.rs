//! Reading claims strictly: the right type or an error, never a guess.

use std::time::Duration;

use crate::error::InvalidToken;
use crate::json::{Members, Node};

/// 9999-12-31T23:59:59Z: no honest date lies beyond, and everything below fits every integer used here.
const LAST_SECOND: f64 = 253_402_300_799.0;
/// OpenID Connect Core section 2: `sub` has at most 255 characters.
const MAX_SUBJECT_BYTES: usize = 255;
/// More scopes or permissions than any real token has.
const MAX_NAMES: usize = 1000;

/// A NumericDate (RFC 7519 section 2) in whole seconds; `None` if absent.
///
/// # Security
/// Text that looks like a number, `null`, negative, infinite and overflowing numbers are errors: a validator that
/// skips an `exp` it cannot read accepts the token for ever (CVE-2026-25537).
pub(crate) fn date(claims: &Members<'_>, name: &'static str) -> Result<Option<u64>, InvalidToken> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let Node::Number(value) = value else { return Err(InvalidToken::Claim(name)) };
    if let Some(seconds) = value.as_u64() {
        return if seconds as f64 <= LAST_SECOND { Ok(Some(seconds)) } else { Err(InvalidToken::Claim(name)) };
    }
    match value.as_f64() {
        // Fractions are allowed; the second that has begun counts.
        Some(seconds) if (0.0..=LAST_SECOND).contains(&seconds) => Ok(Some(seconds as u64)),
        _ => Err(InvalidToken::Claim(name)),
    }
}

/// `iss` is this issuer, byte for byte.
pub(crate) fn check_issuer(claims: &Members<'_>, issuer: &str) -> Result<(), InvalidToken> {
    match claims.get("iss") {
        Some(Node::Text(claimed)) if claimed == issuer => Ok(()),
        _ => Err(InvalidToken::Issuer),
    }
}

/// RFC 7519 sections 4.1.4 to 4.1.6, with `exp` and `iat` required, as RFC 9068 and OpenID Connect Core do; returns
/// `exp`.
pub(crate) fn check_lifetime(claims: &Members<'_>, now: Duration, leeway: Duration) -> Result<u64, InvalidToken> {
    let expires = date(claims, "exp")?.ok_or(InvalidToken::Claim("exp"))?;
    let issued = date(claims, "iat")?.ok_or(InvalidToken::Claim("iat"))?;
    let not_before = date(claims, "nbf")?.unwrap_or(0);
    if !is_alive(expires, now, leeway) {
        return Err(InvalidToken::Expired);
    }
    if Duration::from_secs(issued.max(not_before)) > now + leeway {
        return Err(InvalidToken::NotYetValid);
    }
    Ok(expires)
}

/// The same for a JWT that need not say how long it lives: what it says must hold.
pub(crate) fn check_stated_lifetime(claims: &Members<'_>, now: Duration, leeway: Duration) -> Result<(), InvalidToken> {
    if date(claims, "exp")?.is_some_and(|expires| !is_alive(expires, now, leeway)) {
        return Err(InvalidToken::Expired);
    }
    let (issued, not_before) = (date(claims, "iat")?, date(claims, "nbf")?);
    if issued.max(not_before).is_some_and(|from| Duration::from_secs(from) > now + leeway) {
        return Err(InvalidToken::NotYetValid);
    }
    Ok(())
}

/// Whether `exp` plus leeway still lies ahead.
pub(crate) fn is_alive(expires_at: u64, now: Duration, leeway: Duration) -> bool {
    now < Duration::from_secs(expires_at) + leeway
}

/// A text; `None` if absent.
pub(crate) fn text<'c>(claims: &'c Members<'_>, name: &'static str) -> Result<Option<&'c str>, InvalidToken> {
    match claims.get(name) {
        None => Ok(None),
        Some(Node::Text(text)) => Ok(Some(text)),
        Some(_) => Err(InvalidToken::Claim(name)),
    }
}

/// A text that must be there and must say something.
pub(crate) fn required_text<'c>(claims: &'c Members<'_>, name: &'static str) -> Result<&'c str, InvalidToken> {
    text(claims, name)?.filter(|text| !text.is_empty()).ok_or(InvalidToken::Claim(name))
}

/// `sub`, required, non-empty, at most 255 bytes.
pub(crate) fn subject<'c>(claims: &'c Members<'_>) -> Result<&'c str, InvalidToken> {
    let subject = required_text(claims, "sub")?;
    if subject.len() > MAX_SUBJECT_BYTES {
        return Err(InvalidToken::Claim("sub"));
    }
    Ok(subject)
}

/// Whether `aud` (RFC 7519 section 4.1.3), a text or a list of texts, contains this very audience.
pub(crate) fn audience_contains(claims: &Members<'_>, audience: &str) -> bool {
    match claims.get("aud") {
        Some(Node::Text(only)) => only == audience,
        Some(Node::Array(several)) => {
            several.iter().all(|one| one.as_str().is_some()) && several.iter().any(|one| one.as_str() == Some(audience))
        }
        _ => false,
    }
}

/// `scope`: names separated by single spaces (RFC 6749 section 3.3). Another type is an error, so that a list, or a
/// separator nobody agreed on, never grants more or less than was meant.
pub(crate) fn scopes<'c>(claims: &'c Members<'_>) -> Result<impl Iterator<Item = &'c str>, InvalidToken> {
    let scope = text(claims, "scope")?.unwrap_or_default();
    let names = scope.split(' ').filter(|name| !name.is_empty());
    // Counted only where there could be too many.
    if scope.len() > MAX_NAMES && names.clone().count() > MAX_NAMES {
        return Err(InvalidToken::Claim("scope"));
    }
    Ok(names)
}

/// `permissions`: a list of texts.
pub(crate) fn permissions<'c>(claims: &'c Members<'_>) -> Result<impl Iterator<Item = &'c str>, InvalidToken> {
    let list: &[Node<'_>] = match claims.get("permissions") {
        None | Some(Node::Null) => &[],
        Some(Node::Array(list)) if list.len() <= MAX_NAMES && list.iter().all(|item| item.as_str().is_some()) => list,
        Some(_) => return Err(InvalidToken::Claim("permissions")),
    };
    Ok(list.iter().filter_map(Node::as_str))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::json;

    fn claims(text: &str) -> Members<'_> {
        json::members(text.as_bytes()).unwrap()
    }

    #[test]
    fn atk_c04_dates_are_numbers_within_reason() {
        let rows = [
            (r#"{"exp":1700000000}"#, Ok(Some(1_700_000_000))),
            (r#"{"exp":1700000000.9}"#, Ok(Some(1_700_000_000))),
            (r#"{"exp":0}"#, Ok(Some(0))),
            (r#"{"exp":253402300799}"#, Ok(Some(253_402_300_799))),
            ("{}", Ok(None)),
            (r#"{"exp":"9999999999"}"#, Err(())),
            (r#"{"exp":null}"#, Err(())),
            (r#"{"exp":-1}"#, Err(())),
            (r#"{"exp":1e300}"#, Err(())),
            (r#"{"exp":9223372036854775808}"#, Err(())),
            (r#"{"exp":18446744073709551615}"#, Err(())),
            (r#"{"exp":253402300800}"#, Err(())),
            (r#"{"exp":[1700000000]}"#, Err(())),
            (r#"{"exp":true}"#, Err(())),
        ];
        for (json, expected) in rows {
            assert_eq!(date(&claims(json), "exp").map_err(drop), expected, "{json}");
        }
        assert!(json::members(br#"{"exp":1e999}"#).is_err(), "infinity is no JSON number");
    }

    #[test]
    fn atk_c02_only_the_exact_audience_counts() {
        let rows = [
            (r#"{"aud":"api"}"#, true),
            (r#"{"aud":["other","api"]}"#, true),
            (r#"{"aud":"api "}"#, false),
            (r#"{"aud":"API"}"#, false),
            (r#"{"aud":"api other"}"#, false),
            (r#"{"aud":[]}"#, false),
            (r#"{"aud":null}"#, false),
            (r#"{"aud":7}"#, false),
            (r#"{"aud":["api",7]}"#, false),
            (r#"{"aud":{"api":true}}"#, false),
            ("{}", false),
        ];
        for (json, expected) in rows {
            assert_eq!(audience_contains(&claims(json), "api"), expected, "{json}");
        }
    }

    #[test]
    fn atk_a06_scopes_are_a_text_of_names() {
        let granted = |json: &str| scopes(&claims(json)).map(|names| names.map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(granted(r#"{"scope":"a  b "}"#).unwrap(), ["a", "b"]);
        assert_eq!(granted(r#"{"scope":"a\tb"}"#).unwrap(), ["a\tb"]);
        assert!(granted(r#"{"scope":["a","b"]}"#).is_err());
        assert!(granted("{}").unwrap().is_empty());
        let many = |count: usize| granted(&format!(r#"{{"scope":"{}"}}"#, "s ".repeat(count))).map(|names| names.len());
        assert_eq!((many(1000).ok(), many(1001).ok()), (Some(1000), None));
        assert!(permissions(&claims(r#"{"permissions":"castles:read"}"#)).is_err());
        assert!(permissions(&claims(r#"{"permissions":["a",1]}"#)).is_err());
    }
}
