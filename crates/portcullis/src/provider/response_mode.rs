//! How the provider's answer travels.

/// How the answer to a login travels from the provider to the application, by the user's browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ResponseMode {
    /// In the query of a redirect.
    #[default]
    Query,
    /// In a form that the browser posts (OAuth 2.0 Form Post Response Mode): the code stands in no URL, and so in no
    /// history and no access log.
    FormPost,
}

impl ResponseMode {
    /// Every mode.
    pub const ALL: &'static [Self] = &[Self::Query, Self::FormPost];

    /// The registered name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
        }
    }

    /// The mode of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.as_str() == name)
    }
}
