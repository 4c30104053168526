use std::fmt;
use std::time::Duration;

use super::{Acr, Requirement};

/// Ten years: whoever writes more has mistaken the unit.
const LONGEST_MAX_AGE: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

#[derive(Clone, Copy, Debug)]
pub(super) enum Term<'a> {
    Scope(&'a str),
    Permission(&'a str),
    Acr(Acr<'a>),
    MaxAge(Duration),
    All(&'a [Requirement<'a>]),
    AnyOf(&'a [Requirement<'a>]),
    /// Never satisfied, wherever it stands.
    Invalid(Mistake<'a>),
}

impl<'a> Term<'a> {
    pub(super) const fn scope(name: &'a str) -> Self {
        if is_token(name) { Self::Scope(name) } else { Self::Invalid(Mistake::Scope(name)) }
    }

    pub(super) const fn permission(name: &'a str) -> Self {
        if name.is_empty() || has_control_character(name) {
            Self::Invalid(Mistake::Permission(name))
        } else {
            Self::Permission(name)
        }
    }

    pub(super) const fn acr(acr: Acr<'a>) -> Self {
        match acr.as_value() {
            Some(value) if !is_token(value) => Self::Invalid(Mistake::Acr(value)),
            _ => Self::Acr(acr),
        }
    }

    pub(super) const fn max_age(age: Duration) -> Self {
        if age.as_secs() > LONGEST_MAX_AGE.as_secs() {
            Self::Invalid(Mistake::MaxAge(age))
        } else {
            Self::MaxAge(Duration::from_secs(age.as_secs()))
        }
    }

    pub(super) const fn any_of(parts: &'a [Requirement<'a>]) -> Self {
        if parts.is_empty() { Self::Invalid(Mistake::NoChoice) } else { Self::AnyOf(parts) }
    }
}

/// A value that no request can prove.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mistake<'a> {
    Scope(&'a str),
    Permission(&'a str),
    Acr(&'a str),
    MaxAge(Duration),
    NoChoice,
}

impl Mistake<'_> {
    pub(super) const fn advice(self) -> &'static str {
        match self {
            Self::Scope(_) => {
                "a scope is one token of printable ASCII: not empty, no spaces, quotes or backslashes \
                 (RFC 6749, 3.3); several scopes are several terms: `scope(\"a\") & scope(\"b\")`"
            }
            Self::Permission(_) => {
                "a permission must not be empty and has no control characters; \
                 several permissions are several terms: `permission(\"a\") & permission(\"b\")`"
            }
            Self::Acr(_) => {
                "an acr is one value of printable ASCII: not empty, no spaces, quotes or backslashes, \
                 for a challenge separates the values by spaces (RFC 9470, 3)"
            }
            Self::MaxAge(_) => "a max_age is at most ten years; is it in seconds, as in `Duration::from_secs(300)`?",
            Self::NoChoice => "`any_of(&[])` offers nothing that could satisfy it; to demand nothing write `all(&[])`",
        }
    }
}

impl fmt::Display for Mistake<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scope(name) => write!(f, "an invalid scope {name:?}"),
            Self::Permission(name) => write!(f, "an invalid permission {name:?}"),
            Self::Acr(value) => write!(f, "an invalid acr {value:?}"),
            Self::MaxAge(age) => write!(f, "an invalid max_age of {} seconds", age.as_secs()),
            Self::NoChoice => f.write_str("any of no requirements"),
        }
    }
}

/// `scope-token` of RFC 6749, 3.3: what may stand between the spaces of a quoted list.
pub(super) const fn is_token(value: &str) -> bool {
    let bytes = value.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        if !matches!(bytes[index], 0x21 | 0x23..=0x5b | 0x5d..=0x7e) {
            return false;
        }
        index += 1;
    }
    !bytes.is_empty()
}

const fn has_control_character(value: &str) -> bool {
    let bytes = value.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        // U+0080 to U+009F are two bytes in UTF-8, the first of them 0xC2.
        let second_half = index > 0 && bytes[index - 1] == 0xc2 && bytes[index] <= 0x9f;
        if bytes[index] < 0x20 || bytes[index] == 0x7f || second_half {
            return true;
        }
        index += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_a_scope_token_of_rfc_6749() {
        for (name, value, expected) in [
            ("a word", "castles", true),
            ("punctuation", "castles:read/*!#[]~", true),
            ("a uri", "https://api.example.com/castles.read", true),
            ("a wildcard is only a character", "*", true),
            ("empty", "", false),
            ("two tokens", "castles openid", false),
            ("a leading space", " castles", false),
            ("a trailing space", "castles ", false),
            ("a tab", "castles\topenid", false),
            ("a line feed", "castles\n", false),
            ("a quote", "cast\"les", false),
            ("a backslash", "cast\\les", false),
            ("delete", "castles\x7f", false),
            ("a nul", "castles\0", false),
            ("beyond ascii", "schlösser", false),
        ] {
            assert_eq!(is_token(value), expected, "{name}");
        }
    }

    #[test]
    fn a_permission_has_no_control_characters() {
        for (name, value, expected) in [
            ("a word", "castles:read", true),
            ("a space", "read castles", true),
            ("beyond ascii", "schlösser:lesen", true),
            ("a no-break space follows the C1 controls", "read\u{a0}castles", true),
            ("a character that ends in a low byte", "read\u{100}", true),
            ("empty", "", false),
            ("a line feed", "castles\nread", false),
            ("a nul", "\0", false),
            ("delete", "castles\x7f", false),
            ("first of C1", "castles\u{80}", false),
            ("last of C1", "\u{9f}castles", false),
        ] {
            let valid = matches!(Term::permission(value), Term::Permission(_));
            assert_eq!(valid, expected, "{name}");
        }
    }
}
