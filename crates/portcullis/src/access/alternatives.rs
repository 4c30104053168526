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
        for way in other.ways {
            self.add(way);
        }
        self
    }

    fn and(&self, other: &Self) -> Self {
        let mut both = Self::none();
        both.complete = self.complete && other.complete;
        for way in &self.ways {
            for more in &other.ways {
                both.add(way.and(more));
            }
        }
        both
    }

    fn add(&mut self, way: Alternative<'a>) {
        if self.ways.iter().any(|known| known.demands_the_same(&way)) {
            return;
        }
        if self.ways.len() == MOST {
            self.complete = false;
            return;
        }
        self.ways.push(way);
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

/// Neither list holds a value twice, so equal lengths and one inclusion are enough.
fn same_members<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    one.len() == other.len() && one.iter().all(|value| other.contains(value))
}
