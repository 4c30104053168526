//! What is wrong with the configuration.

use std::fmt;

use crate::settings;

/// The configuration cannot work: every problem at once, each with what to set.
#[derive(Clone)]
pub struct BuildError {
    problems: Vec<Problem>,
}

/// One thing that is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    setting: &'static str,
    message: String,
}

impl BuildError {
    pub(crate) fn new(mut problems: Vec<Problem>) -> Self {
        let place = |problem: &Problem| settings::ORDER.iter().position(|name| *name == problem.setting);
        problems.sort_by_key(|problem| place(problem).unwrap_or(usize::MAX));
        Self { problems }
    }

    /// All problems, in the order of the settings table.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl Problem {
    pub(crate) fn new(setting: &'static str, message: impl Into<String>) -> Self {
        Self { setting, message: message.into() }
    }

    /// The setting that is concerned, such as `PORTCULLIS_ISSUER`.
    #[must_use]
    pub fn setting(&self) -> &'static str {
        self.setting
    }

    /// What is wrong, and what to set. Never contains the value of a secret.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.setting, self.message)
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration cannot work:")?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

// `fn main() -> Result<(), Box<dyn Error>>` prints with `Debug`: the problems stay readable there too.
impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for BuildError {}
