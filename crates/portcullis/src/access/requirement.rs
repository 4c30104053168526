//! The terms a requirement is made of: const functions that [`requirements!`](crate::requirements) reads.
//!
//! They serve run-time values as well:
//!
//! ```
//! use portcullis::requirement::*;
//!
//! let name = format!("tenant-{}", 7);
//! let parts = [scope(&name), permission("castles:read")];
//! assert_eq!(all(&parts).to_string(), "scope `tenant-7` and permission `castles:read`");
//! ```

use std::time::Duration;

pub use super::Acr;
use super::term::Term;
use super::{Alternatives, Require};

/// What a request must prove: scopes, permissions, the strength and the age of the login.
///
/// A small `Copy` value that borrows its strings, so that it can be a `const`
/// ([`Require::REQUIREMENT`]) and can be built from run-time values with the same functions.
///
/// # Security
///
/// A value that no request can prove (a scope with a space, an empty permission) becomes a term
/// that is never satisfied, inside [`any_of`] too; nothing panics and nothing is left out.
/// [`requirements!`](crate::requirements) makes it a build error.
#[derive(Clone, Copy, Debug)]
pub struct Requirement<'a>(pub(super) Term<'a>);

impl<'a> Requirement<'a> {
    /// Says whether every value in it can be proved at all.
    ///
    /// It does not say that one request could prove them all together.
    ///
    /// ```
    /// use portcullis::requirement::*;
    ///
    /// const GOOD: bool = all(&[scope("openid"), scope("castles")]).is_valid();
    /// assert!(GOOD);
    /// assert!(!scope("openid castles").is_valid());
    /// ```
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        self.mistake().is_none()
    }

    /// Says what is wrong with the first invalid value, and what to write instead.
    ///
    /// ```
    /// use portcullis::requirement::*;
    ///
    /// let mistake = any_of(&[scope("castles"), scope("")]).mistake();
    /// assert!(mistake.is_some_and(|text| text.contains("RFC 6749, 3.3")));
    /// ```
    #[must_use]
    pub const fn mistake(&self) -> Option<&'static str> {
        let parts = match self.0 {
            Term::Invalid(mistake) => return Some(mistake.advice()),
            Term::All(parts) | Term::AnyOf(parts) => parts,
            Term::Scope(_) | Term::Permission(_) | Term::Acr(_) | Term::MaxAge(_) => return None,
        };
        let mut index = 0;
        while index < parts.len() {
            let mistake = parts[index].mistake();
            if mistake.is_some() {
                return mistake;
            }
            index += 1;
        }
        None
    }

    /// Every way to satisfy it, as plain data: an OR of ANDs.
    ///
    /// Challenges, `scopes_supported` and OpenAPI documents are all made from this one view.
    ///
    /// ```
    /// use portcullis::requirement::*;
    ///
    /// const EITHER: Requirement<'static> =
    ///     all(&[scope("castles"), any_of(&[permission("look"), scope("paint")])]);
    /// let alternatives = EITHER.alternatives();
    /// let scopes: Vec<_> = alternatives.iter().map(|one| one.scopes()).collect();
    /// assert_eq!(scopes, [&["castles"][..], &["castles", "paint"]]);
    /// ```
    #[must_use]
    pub fn alternatives(&self) -> Alternatives<'a> {
        Alternatives::of(*self)
    }
}

/// Demands that the token was granted a scope.
///
/// A scope is one `scope-token` of RFC 6749, section 3.3; it is compared whole and in its case.
///
/// ```
/// use portcullis::requirement::scope;
///
/// assert!(scope("castles").is_valid());
/// assert!(!scope("castles openid").is_valid()); // two scopes are two terms
/// ```
#[must_use]
pub const fn scope(name: &str) -> Requirement<'_> {
    Requirement(Term::scope(name))
}

/// Demands that the user, or the client, holds a permission.
///
/// Where permissions stand in a token is the provider profile's matter. A permission is compared
/// whole and in its case; an empty one, or one with control characters, is never satisfied.
///
/// ```
/// use portcullis::requirement::permission;
///
/// assert!(permission("castles:read").is_valid());
/// assert!(!permission("").is_valid());
/// ```
#[must_use]
pub const fn permission(name: &str) -> Requirement<'_> {
    Requirement(Term::permission(name))
}

/// Demands a login of a certain strength (step-up, RFC 9470).
///
/// A token without `acr` never satisfies it. A value that is empty or has spaces, quotes or
/// characters beyond ASCII is never satisfied: no challenge could carry it (RFC 9470, section 3).
///
/// ```
/// use portcullis::requirement::{Acr, acr};
///
/// assert!(acr(Acr::STRONG).is_valid());
/// assert!(acr(Acr::value("urn:mace:incommon:iap:silver")).is_valid());
/// assert!(!acr(Acr::value("silver gold")).is_valid());
/// ```
#[must_use]
pub const fn acr(level: Acr<'_>) -> Requirement<'_> {
    Requirement(Term::acr(level))
}

/// Demands that the user logged in at most so long ago (step-up, RFC 9470).
///
/// A token without `auth_time` never satisfies it. The age counts in whole seconds, a fraction is
/// dropped; the guard's leeway is added. More than ten years is a mistake and never satisfied.
///
/// ```
/// use portcullis::requirement::max_age;
/// use std::time::Duration;
///
/// assert!(max_age(Duration::from_secs(300)).is_valid());
/// assert!(!max_age(Duration::MAX).is_valid());
/// ```
#[must_use]
pub const fn max_age(age: Duration) -> Requirement<'static> {
    Requirement(Term::max_age(age))
}

/// Demands all the parts; with no parts, nothing is demanded.
///
/// The parts are borrowed: pass the result on at once, or give the array a name first.
///
/// ```
/// use portcullis::requirement::*;
///
/// let tenant = String::from("tenant-7");
/// let parts = [scope(&tenant), permission("castles:read")];
/// let requirement = all(&parts);
/// assert!(requirement.is_valid());
/// ```
#[must_use]
pub const fn all<'a>(parts: &'a [Requirement<'a>]) -> Requirement<'a> {
    Requirement(Term::All(parts))
}

/// Demands at least one of the parts; with no parts, it is never satisfied.
///
/// ```
/// use portcullis::requirement::*;
///
/// const LOOK_OR_PAINT: Requirement<'static> =
///     any_of(&[permission("look"), all(&[scope("paint"), acr(Acr::STRONG)])]);
/// assert_eq!(
///     LOOK_OR_PAINT.to_string(),
///     "permission `look` or (scope `paint` and the strongest acr)",
/// );
/// assert!(!any_of(&[]).is_valid());
/// ```
#[must_use]
pub const fn any_of<'a>(parts: &'a [Requirement<'a>]) -> Requirement<'a> {
    Requirement(Term::any_of(parts))
}

/// Demands what another marker type demands.
///
/// ```
/// use portcullis::requirement::of;
///
/// portcullis::requirements! {
///     pub struct ReadCastles = permission("castles:read");
///     pub struct Admin = of::<ReadCastles>() & permission("admin");
/// }
///
/// assert_eq!(
///     of::<Admin>().to_string(),
///     "permission `castles:read` and permission `admin`",
/// );
/// ```
#[must_use]
pub const fn of<R: Require>() -> Requirement<'static> {
    R::REQUIREMENT
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAD: Requirement<'static> = scope("castles openid");

    #[test]
    fn an_invalid_value_is_found_wherever_it_stands() {
        let choice = [permission("b"), BAD];
        let deep = [scope("a"), any_of(&choice)];
        let deeper = [all(&deep)];
        for (name, requirement, advice) in [
            ("scope", BAD, Some("a scope is one token")),
            ("permission", permission("a\n"), Some("a permission must not")),
            ("acr", acr(Acr::value("a b")), Some("an acr is one value")),
            ("max_age", max_age(Duration::MAX), Some("a max_age is at most")),
            ("no choice", any_of(&[]), Some("`any_of(&[])`")),
            ("in all", all(&[scope("a"), BAD]), Some("a scope is one token")),
            ("in any_of", any_of(&[scope("a"), BAD]), Some("a scope is one token")),
            ("deep down", all(&deeper), Some("a scope is one token")),
            ("nothing demanded", all(&[]), None),
            ("the strongest acr", acr(Acr::STRONG), None),
            ("no age at all", max_age(Duration::ZERO), None),
            ("all good", all(&[scope("a"), any_of(&[permission("b")])]), None),
        ] {
            let mistake = requirement.mistake();
            assert_eq!(mistake.is_some(), advice.is_some(), "{name}");
            assert_eq!(requirement.is_valid(), advice.is_none(), "{name}");
            assert!(mistake.unwrap_or("").starts_with(advice.unwrap_or("")), "{name}");
        }
    }
}
