use std::time::Duration;

use super::term::Term;
use super::{Acr, AcrLevels, Requirement, Unmet};

/// What validated credentials prove.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proof<'p> {
    pub(crate) scopes: &'p [Box<str>],
    pub(crate) permissions: &'p [Box<str>],
    pub(crate) acr: Option<&'p str>,
    /// Unix seconds.
    pub(crate) auth_time: Option<u64>,
}

/// What the guard judges by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'r> {
    pub(crate) levels: &'r AcrLevels,
    /// Unix seconds.
    pub(crate) now: u64,
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
        self.scopes.iter().any(|scope| **scope == *name)
    }

    pub(super) fn has_permission(&self, name: &str) -> bool {
        self.permissions.iter().any(|permission| **permission == *name)
    }

    pub(super) fn has_acr(&self, acr: Acr<'_>, rules: &Rules<'_>) -> bool {
        self.acr.is_some_and(|held| rules.levels.is_satisfied(acr, held))
    }

    /// OpenID Connect Core, section 3.1.3.7, rule 13.
    pub(super) fn is_recent(&self, max_age: Duration, rules: &Rules<'_>) -> bool {
        let Some(auth_time) = self.auth_time else {
            return false;
        };
        let earliest = rules.now.saturating_sub(max_age.as_secs().saturating_add(rules.leeway));
        let latest = rules.now.saturating_add(rules.leeway);
        (earliest..=latest).contains(&auth_time)
    }
}
