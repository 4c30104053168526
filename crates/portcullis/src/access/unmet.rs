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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::Standing;
    use crate::pieces::Pieces;
    use crate::requirement::*;

    fn owned(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    fn scopes(required: &[&str]) -> Unmet {
        Unmet::Scope { required: owned(required) }
    }

    fn missing(name: &str) -> Unmet {
        Unmet::Permission { missing: name.to_owned() }
    }

    fn login(acr_values: &[&str], max_age: Option<u64>) -> Unmet {
        Unmet::Authentication { acr_values: owned(acr_values), max_age }
    }

    /// Judges a request that holds scope `a`, permission `p`, acr `silver` and a login an hour old.
    fn judge(requirement: Requirement<'_>, levels: &AcrLevels) -> Option<Unmet> {
        let (scopes, permissions) = (Pieces::from_iter(["a"]), Pieces::from_iter(["p"]));
        let proof = Proof {
            scopes: scopes.all(),
            permissions: permissions.all(),
            acr: Some("silver"),
            auth_time: Some(1_000_000 - 3600),
        };
        requirement.judge(&proof, &Rules { levels, clock: &Standing(1_000_000), leeway: 60 }).err()
    }

    #[test]
    fn what_a_new_login_cannot_mend_comes_first() {
        let metals = AcrLevels::new(["bronze", "silver", "gold", "platinum"]);
        let fresh = max_age(Duration::from_secs(300));
        let today = max_age(Duration::from_secs(86_400));
        let (gold, silver) = (acr(Acr::value("gold")), acr(Acr::value("silver")));
        for (name, requirement, expected) in [
            ("nothing unmet", all(&[scope("a"), permission("p"), silver, today]), None),
            ("all unmet", all(&[fresh, gold, permission("q"), scope("b")]), Some(scopes(&["b"]))),
            ("the scopes that are held too", all(&[scope("a"), scope("b")]), Some(scopes(&["a", "b"]))),
            (
                "the first missing permission",
                all(&[permission("p"), permission("q"), permission("r")]),
                Some(missing("q")),
            ),
            ("permission before authentication", all(&[fresh, gold, permission("q")]), Some(missing("q"))),
            ("acr and age together", all(&[fresh, gold]), Some(login(&["gold", "platinum"], Some(300)))),
            ("acr unmet, age met", all(&[gold, today]), Some(login(&["gold", "platinum"], Some(86_400)))),
            ("acr met, age unmet", all(&[silver, fresh]), Some(login(&["silver", "gold", "platinum"], Some(300)))),
            ("only age", fresh, Some(login(&[], Some(300)))),
            ("the strongest", acr(Acr::STRONG), Some(login(&["platinum"], None))),
            ("outside the list", acr(Acr::value("mfa")), Some(login(&["mfa"], None))),
            ("two levels: what satisfies both", all(&[silver, gold]), Some(login(&["gold", "platinum"], None))),
            ("two levels the other way round", all(&[gold, silver]), Some(login(&["gold", "platinum"], None))),
            ("two that exclude each other", all(&[gold, acr(Acr::value("mfa"))]), Some(Unmet::NeverSatisfied)),
        ] {
            assert_eq!(judge(requirement, &metals), expected, "{name}");
        }
    }

    #[test]
    fn without_levels_the_strongest_is_a_mistake_of_the_configuration() {
        let none = AcrLevels::default();
        let strong = acr(Acr::STRONG);
        for (name, requirement, expected) in [
            ("alone", strong, Unmet::AcrNotConfigured),
            ("scope comes first", all(&[strong, scope("b")]), scopes(&["b"])),
            ("permission comes first", all(&[strong, permission("q")]), missing("q")),
            ("before the age", all(&[max_age(Duration::ZERO), strong]), Unmet::AcrNotConfigured),
            ("before another acr", all(&[acr(Acr::value("gold")), strong]), Unmet::AcrNotConfigured),
        ] {
            assert_eq!(judge(requirement, &none), Some(expected), "{name}");
        }
        assert_eq!(judge(any_of(&[strong, scope("a")]), &none), None, "another way is open");
    }

    #[test]
    fn the_alternative_with_the_fewest_unmet_terms_is_reported() {
        let none = AcrLevels::default();
        let (b, c, q, r) = (scope("b"), scope("c"), permission("q"), permission("r"));
        let gold_and_mfa = [acr(Acr::value("gold")), acr(Acr::value("mfa"))];
        for (name, requirement, expected) in [
            ("first written of equals", any_of(&[q, b]), missing("q")),
            ("fewest", any_of(&[all(&[b, c]), q]), missing("q")),
            ("terms of one kind count each", any_of(&[all(&[q, r]), all(&[b])]), scopes(&["b"])),
            ("terms that are met do not count", any_of(&[all(&[q, r]), all(&[scope("a"), b])]), scopes(&["a", "b"])),
            ("never an invalid one", any_of(&[scope(""), all(&[q, r])]), missing("q")),
            ("never a part of an invalid one", any_of(&[all(&[b, scope("")]), all(&[q, r])]), missing("q")),
            ("never one that excludes itself", any_of(&[all(&gold_and_mfa), all(&[q, r, b])]), scopes(&["b"])),
        ] {
            assert_eq!(judge(requirement, &none), Some(expected), "{name}");
        }
    }
}
