use std::time::Duration;

use super::term::Term;
use super::{Acr, Requirement};

const MOST: usize = 64;

/// The ways to satisfy a requirement, each of them enough: an OR of ANDs, in the order of writing.
///
/// A way that holds an invalid value is left out, for nobody could take it; with no way left the
/// requirement is never satisfied. Two ways that demand the same are one.
///
/// At most 64 ways are listed, the first written; [`is_complete`](Self::is_complete) tells. What is
/// beyond them is missing in challenges and documents only: a request is judged by the requirement
/// itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternatives<'a> {
    ways: Vec<Alternative<'a>>,
    complete: bool,
}

impl<'a> Alternatives<'a> {
    pub(super) fn of(requirement: Requirement<'a>) -> Self {
        match requirement.0 {
            Term::Scope(name) => Self::one(Alternative { scopes: vec![name], ..Alternative::default() }),
            Term::Permission(name) => Self::one(Alternative { permissions: vec![name], ..Alternative::default() }),
            Term::Acr(acr) => Self::one(Alternative { acr: vec![acr], ..Alternative::default() }),
            Term::MaxAge(age) => Self::one(Alternative { max_age: Some(age), ..Alternative::default() }),
            Term::All(parts) => {
                parts.iter().fold(Self::one(Alternative::default()), |ways, part| ways.and(&Self::of(*part)))
            }
            Term::AnyOf(parts) => parts.iter().fold(Self::none(), |ways, part| ways.or(Self::of(*part))),
            Term::Invalid(_) => Self::none(),
        }
    }

    /// Goes through the ways in the order of writing.
    pub fn iter(&self) -> std::slice::Iter<'_, Alternative<'a>> {
        self.ways.iter()
    }

    /// Says whether there is no way: the requirement is never satisfied.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ways.is_empty()
    }

    /// The number of ways, at most 64.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ways.len()
    }

    /// Says whether every way is listed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// All scopes of all ways, each once, as `scopes_supported` lists them (RFC 9728, section 2).
    ///
    /// ```
    /// use portcullis::requirement::*;
    ///
    /// const EITHER: Requirement<'static> = any_of(&[scope("look"), all(&[scope("look"), scope("paint")])]);
    /// assert_eq!(EITHER.alternatives().scopes(), ["look", "paint"]);
    /// ```
    #[must_use]
    pub fn scopes(&self) -> Vec<&'a str> {
        let mut scopes = Vec::new();
        for way in &self.ways {
            add_missing(&mut scopes, &way.scopes);
        }
        scopes
    }

    fn none() -> Self {
        Self { ways: Vec::new(), complete: true }
    }

    fn one(way: Alternative<'a>) -> Self {
        Self { ways: vec![way], complete: true }
    }

    fn or(mut self, other: Self) -> Self {
        self.complete &= other.complete;
        self.add(other.ways.into_iter());
        self
    }

    fn and(&self, other: &Self) -> Self {
        let mut both = Self { ways: Vec::new(), complete: self.complete && other.complete };
        both.add(self.ways.iter().flat_map(|way| other.ways.iter().map(|more| way.and(more))));
        both
    }

    /// Stops at the first way there is no room for, so that the work is bounded as well.
    fn add(&mut self, ways: impl Iterator<Item = Alternative<'a>>) {
        for way in ways {
            if self.ways.iter().any(|known| known.demands_the_same(&way)) {
                continue;
            }
            if self.ways.len() == MOST {
                self.complete = false;
                return;
            }
            self.ways.push(way);
        }
    }
}

impl<'s, 'a> IntoIterator for &'s Alternatives<'a> {
    type Item = &'s Alternative<'a>;
    type IntoIter = std::slice::Iter<'s, Alternative<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One way to satisfy a requirement: everything in it must be proved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alternative<'a> {
    scopes: Vec<&'a str>,
    permissions: Vec<&'a str>,
    acr: Vec<Acr<'a>>,
    max_age: Option<Duration>,
}

impl<'a> Alternative<'a> {
    /// The scopes, each once, in the order of writing.
    #[must_use]
    pub fn scopes(&self) -> &[&'a str] {
        &self.scopes
    }

    /// The permissions, each once, in the order of writing.
    #[must_use]
    pub fn permissions(&self) -> &[&'a str] {
        &self.permissions
    }

    /// The levels of authentication, each once; one login must satisfy them all.
    #[must_use]
    pub fn acr(&self) -> &[Acr<'a>] {
        &self.acr
    }

    /// The age a login may have: the shortest of all that are demanded.
    #[must_use]
    pub fn max_age(&self) -> Option<Duration> {
        self.max_age
    }

    fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        add_missing(&mut both.scopes, &other.scopes);
        add_missing(&mut both.permissions, &other.permissions);
        add_missing(&mut both.acr, &other.acr);
        both.max_age = self.max_age.into_iter().chain(other.max_age).min();
        both
    }

    fn demands_the_same(&self, other: &Self) -> bool {
        same_members(&self.scopes, &other.scopes)
            && same_members(&self.permissions, &other.permissions)
            && same_members(&self.acr, &other.acr)
            && self.max_age == other.max_age
    }
}

fn add_missing<T: Copy + PartialEq>(known: &mut Vec<T>, more: &[T]) {
    for value in more {
        if !known.contains(value) {
            known.push(*value);
        }
    }
}

/// Neither list holds a value twice, so equal lengths and one inclusion are enough. The ways of a
/// long `all` begin alike: a difference is found sooner from the end.
fn same_members<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    one.len() == other.len() && one.iter().rev().all(|value| other.contains(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirement::*;

    /// One way in a line: scopes, permissions, acr, age.
    fn written(requirement: Requirement<'_>) -> Vec<String> {
        let line = |way: &Alternative<'_>| {
            let acr: Vec<_> = way.acr().iter().map(ToString::to_string).collect();
            let age = way.max_age().map_or(String::new(), |age| age.as_secs().to_string());
            format!("{} | {} | {} | {age}", way.scopes().join(" "), way.permissions().join(" "), acr.join(" "))
        };
        requirement.alternatives().iter().map(line).collect()
    }

    #[test]
    fn a_requirement_is_an_or_of_ands() {
        let (a, b, c, p) = (scope("a"), scope("b"), scope("c"), permission("p"));
        let (minute, hour) = (max_age(Duration::from_secs(60)), max_age(Duration::from_secs(3600)));
        let invalid = scope("not one");
        for (name, requirement, expected) in [
            ("nothing demanded is one empty way", all(&[]), &[" |  |  | "][..]),
            ("a scope", a, &["a |  |  | "]),
            ("every kind of term", all(&[minute, acr(Acr::STRONG), p, a]), &["a | p | the strongest acr | 60"]),
            ("the order of writing", all(&[b, a, c]), &["b a c |  |  | "]),
            ("a doubled term counts once", all(&[a, b, all(&[a, p]), p]), &["a b | p |  | "]),
            ("the shortest age", all(&[hour, minute, hour]), &[" |  |  | 60"]),
            ("any_of", any_of(&[a, p]), &["a |  |  | ", " | p |  | "]),
            (
                "all over any_of, the first part varies slowest",
                all(&[any_of(&[a, b]), any_of(&[c, p])]),
                &["a c |  |  | ", "a | p |  | ", "b c |  |  | ", "b | p |  | "],
            ),
            ("a doubled way counts once", any_of(&[all(&[a, b]), c, all(&[b, a])]), &["a b |  |  | ", "c |  |  | "]),
            ("an invalid way is left out", any_of(&[invalid, all(&[a, invalid]), b]), &["b |  |  | "]),
            ("an invalid term spoils its way", all(&[a, invalid]), &[]),
            ("only invalid ways", any_of(&[invalid, invalid]), &[]),
            ("no choice", all(&[a, any_of(&[])]), &[]),
        ] {
            assert_eq!(written(requirement), expected, "{name}");
            assert!(requirement.alternatives().is_complete(), "{name}");
        }
    }

    #[test]
    fn the_number_of_ways_is_bounded() {
        let names: Vec<String> = (0..200).map(|index| format!("s{index}")).collect();
        let scopes: Vec<_> = names.iter().map(|name| scope(name)).collect();
        let pairs: Vec<_> = scopes.chunks(2).map(any_of).collect();
        for (name, requirement, length, complete) in [
            ("as many as fit", any_of(&scopes[..64]), 64, true),
            ("one too many", any_of(&scopes[..65]), 64, false),
            ("a doubled one beyond", all(&[any_of(&scopes[..64]), any_of(&scopes[..1])]), 64, true),
            ("one too many inside any_of", any_of(&[any_of(&scopes[..65])]), 64, false),
            ("one too many inside all", all(&[any_of(&scopes[..65])]), 64, false),
            ("2 to the 6th", all(&pairs[..6]), 64, true),
            ("2 to the 7th", all(&pairs[..7]), 64, false),
            ("2 to the 100th", all(&pairs), 64, false),
        ] {
            let alternatives = requirement.alternatives();
            assert_eq!((alternatives.len(), alternatives.is_complete()), (length, complete), "{name}");
        }
        let first = all(&pairs).alternatives();
        let first = first.iter().next().map(|way| way.scopes().to_vec());
        let even: Vec<_> = names.iter().step_by(2).map(String::as_str).collect();
        assert_eq!(first, Some(even), "a way that is listed is whole");
    }
}
