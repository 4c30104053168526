//! The parameters of a query or a form, where a second one of the same name may be an attack.

/// More parameters than these are nothing that a provider or a browser of ours sends.
const MOST: usize = 100;

/// Parameters in the order in which they came. Their values are secrets as often as not: there is no `Debug`.
#[derive(Default)]
pub(super) struct Parameters {
    all: Vec<(String, String)>,
    is_too_many: bool,
}

/// The same parameter came twice, or there are too many to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Doubled;

impl Parameters {
    /// Reads `application/x-www-form-urlencoded` text.
    pub(super) fn parse(text: &[u8]) -> Self {
        let mut parameters = url::form_urlencoded::parse(text).map(|(name, value)| (name.into(), value.into()));
        let all = parameters.by_ref().take(MOST).collect();
        Self { all, is_too_many: parameters.next().is_some() }
    }

    /// Names and values, in the order in which they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.all.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The one value of this name.
    ///
    /// # Security
    /// Of two values parsers disagree about which one counts, so neither is used.
    pub(super) fn one(&self, name: &str) -> Result<Option<&str>, Doubled> {
        if self.is_too_many {
            return Err(Doubled);
        }
        let mut values = self.all.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let first = values.next();
        if values.next().is_some() { Err(Doubled) } else { Ok(first.filter(|value| !value.is_empty())) }
    }
}
