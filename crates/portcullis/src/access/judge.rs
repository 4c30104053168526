use std::time::Duration;

use super::term::Term;
use super::{Acr, AcrLevels, Requirement, Unmet};
use crate::clock::Clock;
use crate::pieces::Names;

/// What validated credentials prove.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proof<'p> {
    pub(crate) scopes: Names<'p>,
    pub(crate) permissions: Names<'p>,
    pub(crate) acr: Option<&'p str>,
    /// Unix seconds.
    pub(crate) auth_time: Option<u64>,
}

/// What the guard judges by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'r> {
    pub(crate) levels: &'r AcrLevels,
    /// Asked only where an age counts.
    pub(crate) clock: &'r dyn Clock,
    /// Seconds.
    pub(crate) leeway: u64,
}

impl Requirement<'_> {
    /// Judges whether a proof satisfies the requirement.
    ///
    /// The answer comes from the requirement itself, without allocation; its alternatives, whose
    /// number is bounded, only find the words for a refusal.
    ///
    /// # Errors
    ///
    /// Says what to report: of the alternative with the fewest unmet terms, first written first,
    /// the first kind of term that is unmet, in the order scope, permission, authentication.
    ///
    /// # Security
    ///
    /// Names are compared whole and in their case, so that neither `not-admin` nor `ADMIN` nor `*`
    /// passes for `admin`. A fact that is missing satisfies nothing.
    pub(crate) fn judge(&self, proof: &Proof<'_>, rules: &Rules<'_>) -> Result<(), Unmet> {
        if self.is_satisfied(proof, rules) {
            return Ok(());
        }
        Err(Unmet::explain(&self.alternatives(), proof, rules))
    }

    /// Whether every proof satisfies it, so that none need be looked at.
    pub(crate) fn demands_nothing(&self) -> bool {
        matches!(self.0, Term::All([]))
    }

    fn is_satisfied(&self, proof: &Proof<'_>, rules: &Rules<'_>) -> bool {
        match self.0 {
            Term::Scope(name) => proof.has_scope(name),
            Term::Permission(name) => proof.has_permission(name),
            Term::Acr(acr) => proof.has_acr(acr, rules),
            Term::MaxAge(age) => proof.is_recent(age, rules),
            Term::All(parts) => parts.iter().all(|part| part.is_satisfied(proof, rules)),
            Term::AnyOf(parts) => parts.iter().any(|part| part.is_satisfied(proof, rules)),
            Term::Invalid(_) => false,
        }
    }
}

impl Proof<'_> {
    pub(super) fn has_scope(&self, name: &str) -> bool {
        self.scopes.contains(name)
    }

    pub(super) fn has_permission(&self, name: &str) -> bool {
        self.permissions.contains(name)
    }

    pub(super) fn has_acr(&self, acr: Acr<'_>, rules: &Rules<'_>) -> bool {
        self.acr.is_some_and(|held| rules.levels.is_satisfied(acr, held))
    }

    /// OpenID Connect Core, section 3.1.3.7, rule 13.
    pub(super) fn is_recent(&self, max_age: Duration, rules: &Rules<'_>) -> bool {
        let Some(auth_time) = self.auth_time else {
            return false;
        };
        let now = rules.clock.unix_time().as_secs();
        let earliest = now.saturating_sub(max_age.as_secs().saturating_add(rules.leeway));
        let latest = now.saturating_add(rules.leeway);
        (earliest..=latest).contains(&auth_time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Standing;
    use crate::pieces::Pieces;
    use crate::requirement::*;

    const NOW: u64 = 1_000_000;

    fn pieces(names: &[&str]) -> Pieces {
        names.iter().copied().collect()
    }

    fn nothing(none: &Pieces) -> Proof<'_> {
        Proof { scopes: none.all(), permissions: none.all(), acr: None, auth_time: None }
    }

    #[test]
    fn names_are_compared_whole_and_in_their_case() {
        for (name, held, expected) in [
            ("held", &["castles", "admin"][..], true),
            ("nothing held", &[], false),
            ("part of another", &["not-admin", "administrator"], false),
            ("another case", &["Admin", "ADMIN"], false),
            ("two in one", &["castles admin"], false),
            ("a tab between two", &["castles\tadmin"], false),
            ("a space around", &[" admin", "admin "], false),
            ("a wildcard", &["*", "adm*", "admin:*"], false),
            ("an empty one", &[""], false),
        ] {
            let held = pieces(held);
            let levels = AcrLevels::default();
            let rules = Rules { levels: &levels, clock: &Standing(NOW), leeway: 60 };
            let none = Pieces::default();
            let nothing = nothing(&none);
            let scoped = Proof { scopes: held.all(), ..nothing };
            let permitted = Proof { permissions: held.all(), ..nothing };
            assert_eq!(scope("admin").judge(&scoped, &rules).is_ok(), expected, "scope: {name}");
            assert_eq!(permission("admin").judge(&permitted, &rules).is_ok(), expected, "permission: {name}");
            assert!(scope("admin").judge(&permitted, &rules).is_err(), "a permission is no scope: {name}");
            assert!(permission("admin").judge(&scoped, &rules).is_err(), "a scope is no permission: {name}");
        }
    }

    #[test]
    fn an_invalid_term_is_never_satisfied() {
        let held = pieces(&["", "a b", "a"]);
        let levels = AcrLevels::new(["", "a b"]);
        let rules = Rules { levels: &levels, clock: &Standing(NOW), leeway: 60 };
        for invalid in [
            scope("a b"),
            scope(""),
            permission(""),
            acr(Acr::value("")),
            acr(Acr::value("a b")),
            max_age(Duration::MAX),
            any_of(&[]),
        ] {
            for acr in ["", "a b"] {
                let proof = Proof { scopes: held.all(), permissions: held.all(), acr: Some(acr), auth_time: Some(NOW) };
                let judge = |requirement: Requirement<'_>| requirement.judge(&proof, &rules);
                assert_eq!(judge(invalid), Err(Unmet::NeverSatisfied), "{invalid}");
                assert_eq!(judge(all(&[scope("a"), invalid])), Err(Unmet::NeverSatisfied), "all: {invalid}");
                assert_eq!(judge(any_of(&[invalid, invalid])), Err(Unmet::NeverSatisfied), "any_of: {invalid}");
                assert_eq!(judge(any_of(&[invalid, scope("a")])), Ok(()), "the other way: {invalid}");
            }
        }
    }

    #[test]
    fn a_login_is_recent_within_the_age_and_the_leeway() {
        for (name, age, auth_time, expected) in [
            ("just now", 300, Some(NOW), true),
            ("at the age", 300, Some(NOW - 300), true),
            ("within the leeway", 300, Some(NOW - 360), true),
            ("beyond the leeway", 300, Some(NOW - 361), false),
            ("no age, within the leeway", 0, Some(NOW - 60), true),
            ("no age, beyond the leeway", 0, Some(NOW - 61), false),
            ("in the future within the leeway", 300, Some(NOW + 60), true),
            ("in the future", 300, Some(NOW + 61), false),
            ("at the end of time", 300, Some(u64::MAX), false),
            ("at the epoch", 300, Some(0), false),
            ("absent", 300, None, false),
            ("an age longer than the epoch", 9_000_000, Some(0), true),
        ] {
            let levels = AcrLevels::default();
            let rules = Rules { levels: &levels, clock: &Standing(NOW), leeway: 60 };
            let none = Pieces::default();
            let proof = Proof { auth_time, ..nothing(&none) };
            let judged = max_age(Duration::from_secs(age)).judge(&proof, &rules);
            assert_eq!(judged.is_ok(), expected, "{name}");
        }
    }

    #[test]
    fn values_known_only_at_run_time_are_judged() {
        struct ReadCastles;
        impl crate::Require for ReadCastles {
            const REQUIREMENT: Requirement<'static> = permission("castles:read");
        }
        fn satisfies(requirement: &Requirement<'_>) -> bool {
            let (scopes, permissions) = (pieces(&["tenant-7"]), pieces(&["castles:read"]));
            let proof = Proof { scopes: scopes.all(), permissions: permissions.all(), acr: None, auth_time: None };
            let levels = AcrLevels::default();
            requirement.judge(&proof, &Rules { levels: &levels, clock: &Standing(NOW), leeway: 60 }).is_ok()
        }
        for (id, expected) in [(7, true), (8, false)] {
            let name = format!("tenant-{id}");
            assert_eq!(satisfies(&all(&[scope(&name), of::<ReadCastles>()])), expected);
        }
    }

    #[test]
    fn what_is_beyond_the_listed_alternatives_is_judged_all_the_same() {
        let names: Vec<String> = (0..100).map(|index| format!("s{index}")).collect();
        let scopes: Vec<_> = names.iter().map(|name| scope(name)).collect();
        let levels = AcrLevels::default();
        let rules = Rules { levels: &levels, clock: &Standing(NOW), leeway: 60 };
        let none = Pieces::default();
        let nothing = nothing(&none);
        let last = pieces(&["s99"]);
        assert_eq!(any_of(&scopes).judge(&Proof { scopes: last.all(), ..nothing }, &rules), Ok(()));
        let first = Unmet::Scope { required: vec!["s0".to_owned()] };
        assert_eq!(any_of(&scopes).judge(&nothing, &rules), Err(first));
    }
}
