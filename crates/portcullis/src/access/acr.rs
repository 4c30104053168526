use std::fmt;

use super::term::is_token;

/// How strong a login must have been: an authentication context class reference.
///
/// OpenID Connect Core, section 2 (`acr`). What a value means is agreed with the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acr<'a>(Level<'a>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level<'a> {
    Strong,
    Value(&'a str),
}

impl<'a> Acr<'a> {
    /// The strongest level the guard knows, the last of its [`AcrLevels`].
    ///
    /// A guard without levels cannot satisfy it: that is reported as a mistake of the
    /// configuration (503), never as satisfied.
    pub const STRONG: Acr<'static> = Acr(Level::Strong);

    /// Names one value.
    ///
    /// If the value is one of the guard's [`AcrLevels`] it means *at least*; otherwise it must be equal.
    #[must_use]
    pub const fn value(value: &'a str) -> Self {
        Self(Level::Value(value))
    }

    pub(super) const fn as_value(self) -> Option<&'a str> {
        match self.0 {
            Level::Strong => None,
            Level::Value(value) => Some(value),
        }
    }
}

impl fmt::Display for Acr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Level::Strong => f.write_str("the strongest acr"),
            Level::Value(value) => write!(f, "acr `{value}`"),
        }
    }
}

/// The acr values a guard can put in order, weakest first.
///
/// The order cannot be read from the values: OpenID Connect Core gives them none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AcrLevels(Vec<String>);

impl AcrLevels {
    /// Makes the list from values that are written weakest first.
    ///
    /// # Security
    ///
    /// A value that is written twice keeps its first, weaker place, so that a slip in the list
    /// never lifts a weak login to the strongest level.
    ///
    /// ```
    /// use portcullis::AcrLevels;
    ///
    /// let levels = AcrLevels::new(["bronze", "silver", "gold"]);
    /// assert_eq!(levels.strongest(), Some("gold"));
    /// ```
    pub fn new(weakest_first: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut levels = Vec::new();
        for level in weakest_first {
            let level = level.into();
            if !levels.contains(&level) {
                levels.push(level);
            }
        }
        Self(levels)
    }

    /// What [`Acr::STRONG`] stands for, if there is a level at all.
    #[must_use]
    pub fn strongest(&self) -> Option<&str> {
        self.0.last().map(String::as_str)
    }

    /// Says whether no level is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All levels, weakest first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The first level that no challenge can carry, for a guard's builder to refuse.
    pub(crate) fn first_invalid(&self) -> Option<&str> {
        self.iter().find(|level| !is_token(level))
    }

    pub(crate) fn is_satisfied(&self, wanted: Acr<'_>, held: &str) -> bool {
        // A claim that says nothing proves nothing, whatever stands in the list.
        if held.is_empty() {
            return false;
        }
        match wanted.0 {
            Level::Strong => self.strongest() == Some(held),
            Level::Value(value) => match self.rank(value) {
                Some(least) => self.rank(held).is_some_and(|rank| rank >= least),
                None => value == held,
            },
        }
    }

    /// The values that satisfy `wanted`, weakest first; none if no level is known for it.
    pub(super) fn acceptable<'v>(&'v self, wanted: Acr<'v>) -> Vec<&'v str> {
        match wanted.0 {
            Level::Strong => self.strongest().into_iter().collect(),
            Level::Value(value) => match self.rank(value) {
                Some(least) => self.iter().skip(least).collect(),
                None => vec![value],
            },
        }
    }

    fn rank(&self, value: &str) -> Option<usize> {
        self.0.iter().position(|level| level == value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_means_at_least_and_any_other_value_equality() {
        let none = AcrLevels::default();
        let metals = AcrLevels::new(["bronze", "silver", "gold"]);
        let silver = Acr::value("silver");
        let other = Acr::value("urn:phishing-resistant");
        for (name, levels, wanted, held, expected) in [
            ("the level itself", &metals, silver, "silver", true),
            ("a stronger level", &metals, silver, "gold", true),
            ("a weaker level", &metals, silver, "bronze", false),
            ("a value outside the list for a level", &metals, silver, "platinum", false),
            ("another case", &metals, silver, "Silver", false),
            ("part of a level", &metals, silver, "silve", false),
            ("a list where one value is due", &metals, silver, "silver gold", false),
            ("an empty claim", &metals, silver, "", false),
            ("outside the list and equal", &metals, other, "urn:phishing-resistant", true),
            ("outside the list is never outranked", &metals, other, "gold", false),
            ("the strongest", &metals, Acr::STRONG, "gold", true),
            ("not the strongest", &metals, Acr::STRONG, "silver", false),
            ("a value that outranks no level", &metals, Acr::STRONG, "platinum", false),
            ("no list and equal", &none, silver, "silver", true),
            ("no list and not equal", &none, silver, "gold", false),
            ("no list and the strongest", &none, Acr::STRONG, "gold", false),
            ("no list and an empty claim", &none, Acr::STRONG, "", false),
        ] {
            assert_eq!(levels.is_satisfied(wanted, held), expected, "{name}");
            let listed = levels.acceptable(wanted).contains(&held);
            assert_eq!(listed, expected, "{name}: what is asked for is what is accepted");
        }
    }

    #[test]
    fn an_empty_level_is_never_held() {
        let levels = AcrLevels::new(["bronze", ""]);
        assert!(!levels.is_satisfied(Acr::STRONG, ""));
        assert!(!levels.is_satisfied(Acr::STRONG, "bronze"));
        assert_eq!(levels.first_invalid(), Some(""));
    }

    #[test]
    fn acceptable_values_come_weakest_first() {
        let levels = AcrLevels::new(["bronze", "silver", "gold"]);
        assert_eq!(levels.acceptable(Acr::value("silver")), ["silver", "gold"]);
        assert_eq!(levels.acceptable(Acr::STRONG), ["gold"]);
    }

    #[test]
    fn a_doubled_level_keeps_its_weaker_place() {
        let levels = AcrLevels::new(["0", "1", "0"]);
        assert_eq!(levels.iter().collect::<Vec<_>>(), ["0", "1"]);
        assert!(!levels.is_satisfied(Acr::STRONG, "0"));
    }

    #[test]
    fn a_level_no_challenge_can_carry_is_found() {
        assert_eq!(AcrLevels::new(["0", "1"]).first_invalid(), None);
        assert_eq!(AcrLevels::new(["0", "1 2"]).first_invalid(), Some("1 2"));
    }
}
