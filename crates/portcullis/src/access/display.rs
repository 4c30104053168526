use std::fmt;

use super::Requirement;
use super::term::Term;

/// Writes the requirement in words, for logs and documents.
impl fmt::Display for Requirement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unwrapped().0 {
            Term::Scope(name) => write!(f, "scope `{name}`"),
            Term::Permission(name) => write!(f, "permission `{name}`"),
            Term::Acr(acr) => acr.fmt(f),
            Term::MaxAge(age) => write!(f, "a login at most {} seconds old", age.as_secs()),
            Term::All([]) => f.write_str("nothing"),
            Term::All(parts) => write_joined(f, parts, " and "),
            Term::AnyOf(parts) => write_joined(f, parts, " or "),
            Term::Invalid(mistake) => mistake.fmt(f),
        }
    }
}

impl<'a> Requirement<'a> {
    /// A group of one reads like its only part, and needs no parentheses.
    fn unwrapped(self) -> Requirement<'a> {
        let mut requirement = self;
        while let Term::All([only]) | Term::AnyOf([only]) = requirement.0 {
            requirement = *only;
        }
        requirement
    }

    fn conjunction(self) -> Option<&'static str> {
        match self.unwrapped().0 {
            Term::All([_, ..]) => Some(" and "),
            Term::AnyOf(_) => Some(" or "),
            _ => None,
        }
    }
}

fn write_joined(f: &mut fmt::Formatter<'_>, parts: &[Requirement<'_>], conjunction: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(conjunction)?;
        }
        match part.conjunction() {
            Some(other) if other != conjunction => write!(f, "({part})")?,
            _ => write!(f, "{part}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::requirement::*;

    #[test]
    fn a_requirement_reads_as_words() {
        let (a, b, c) = (scope("a"), scope("b"), scope("c"));
        let (a_and_b, a_or_b) = (&[a, b], &[a, b]);
        for (requirement, expected) in [
            (a, "scope `a`"),
            (permission("castles:read"), "permission `castles:read`"),
            (acr(Acr::value("gold")), "acr `gold`"),
            (acr(Acr::STRONG), "the strongest acr"),
            (max_age(Duration::from_millis(300_900)), "a login at most 300 seconds old"),
            (all(&[]), "nothing"),
            (any_of(&[]), "any of no requirements"),
            (all(&[a]), "scope `a`"),
            (all(&[all(a_and_b), c]), "scope `a` and scope `b` and scope `c`"),
            (all(&[any_of(a_or_b), c]), "(scope `a` or scope `b`) and scope `c`"),
            (any_of(&[c, all(a_and_b)]), "scope `c` or (scope `a` and scope `b`)"),
            (all(&[c, any_of(&[any_of(a_or_b)])]), "scope `c` and (scope `a` or scope `b`)"),
            (scope("a\" b"), "an invalid scope \"a\\\" b\""),
        ] {
            assert_eq!(requirement.to_string(), expected);
        }
    }
}
