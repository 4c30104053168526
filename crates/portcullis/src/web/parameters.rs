//! The parameters of a query or a form, where a second one of the same name may be an attack.

/// Parameters in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Parameters(Vec<(String, String)>);

/// The same parameter came twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Doubled;

impl Parameters {
    /// Reads `application/x-www-form-urlencoded` text; more than a hundred parameters are not ours.
    pub(super) fn parse(text: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(text).take(100).map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// The one value of this name.
    ///
    /// # Security
    /// Of two values parsers disagree about which one counts, so neither is used.
    pub(super) fn one(&self, name: &str) -> Result<Option<&str>, Doubled> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let first = values.next();
        if values.next().is_some() { Err(Doubled) } else { Ok(first.filter(|value| !value.is_empty())) }
    }
}
