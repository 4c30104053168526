use super::{AcrLevels, Alternative, Alternatives, Proof, Rules};

/// Why a proof does not satisfy a requirement: the one thing to report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unmet {
    /// All scopes of the chosen alternative, as the `scope` of RFC 6750, section 3, lists them.
    Scope { required: Vec<String> },
    /// The first permission that is missing.
    Permission { missing: String },
    /// A new login can mend it (RFC 9470, section 3).
    Authentication {
        /// Every value that would do, weakest first; empty if any would.
        acr_values: Vec<String>,
        /// Seconds.
        max_age: Option<u64>,
    },
    /// The strongest level is demanded, and the guard knows no level.
    AcrNotConfigured,
    /// No request can satisfy it.
    NeverSatisfied,
}

impl Unmet {
    pub(super) fn explain(alternatives: &Alternatives<'_>, proof: &Proof<'_>, rules: &Rules<'_>) -> Self {
        // The first of several equal minima is what `min_by_key` returns: the first written.
        alternatives
            .iter()
            .filter(|way| !way.contradicts_itself(rules.levels))
            .min_by_key(|way| way.count_unmet(proof, rules))
            .and_then(|way| way.first_unmet(proof, rules))
            .unwrap_or(Self::NeverSatisfied)
    }
}

impl Alternative<'_> {
    /// One login has one acr: two values that exclude each other send nobody to a new login.
    fn contradicts_itself(&self, levels: &AcrLevels) -> bool {
        !self.acr().is_empty() && !self.lacks_levels(levels) && self.acr_values(levels).is_empty()
    }

    fn lacks_levels(&self, levels: &AcrLevels) -> bool {
        levels.is_empty() && self.acr().contains(&super::Acr::STRONG)
    }

    fn acr_values(&self, levels: &AcrLevels) -> Vec<String> {
        let Some((first, others)) = self.acr().split_first() else {
            return Vec::new();
        };
        levels
            .acceptable(*first)
            .into_iter()
            .filter(|value| others.iter().all(|acr| levels.is_satisfied(*acr, value)))
            .map(str::to_owned)
            .collect()
    }

    fn count_unmet(&self, proof: &Proof<'_>, rules: &Rules<'_>) -> usize {
        let scopes = self.scopes().iter().filter(|name| !proof.has_scope(name));
        let permissions = self.permissions().iter().filter(|name| !proof.has_permission(name));
        let acr = self.acr().iter().filter(|acr| !proof.has_acr(**acr, rules));
        let max_age = self.max_age().filter(|age| !proof.is_recent(*age, rules));
        scopes.count() + permissions.count() + acr.count() + max_age.iter().count()
    }

    /// What a new login cannot mend comes first.
    fn first_unmet(&self, proof: &Proof<'_>, rules: &Rules<'_>) -> Option<Unmet> {
        if self.scopes().iter().any(|name| !proof.has_scope(name)) {
            let required = self.scopes().iter().map(|name| (*name).to_owned()).collect();
            return Some(Unmet::Scope { required });
        }
        if let Some(name) = self.permissions().iter().find(|name| !proof.has_permission(name)) {
            return Some(Unmet::Permission { missing: (*name).to_owned() });
        }
        if self.lacks_levels(rules.levels) {
            return Some(Unmet::AcrNotConfigured);
        }
        if self.count_unmet(proof, rules) == 0 {
            return None;
        }
        Some(Unmet::Authentication {
            acr_values: self.acr_values(rules.levels),
            max_age: self.max_age().map(|age| age.as_secs()),
        })
    }
}
