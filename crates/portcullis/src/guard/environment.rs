//! Settings from the environment.

use std::ffi::OsString;
use std::time::Duration;

use super::builder::GuardBuilder;
use super::settings;
use crate::error::{BuildError, Problem};
use crate::provider::Profile;
use crate::token::Algorithm;

/// Where variables and the files they name are read.
pub(super) trait Environment {
    fn variable(&self, name: &str) -> Option<OsString>;
    fn file(&self, path: &OsString) -> std::io::Result<String>;
}

/// The environment of this process.
pub(super) struct Process;

impl Environment for Process {
    fn variable(&self, name: &str) -> Option<OsString> {
        std::env::var_os(name)
    }

    fn file(&self, path: &OsString) -> std::io::Result<String> {
        std::fs::read_to_string(path)
    }
}

/// Reads all settings; every problem is reported, together with those that `build()` would find.
pub(super) fn read(environment: &impl Environment) -> Result<GuardBuilder, BuildError> {
    let mut reader = Reader { environment, problems: Vec::new() };
    let builder = reader.read();
    if reader.problems.is_empty() {
        return Ok(builder);
    }
    let mut problems = reader.problems;
    for problem in builder.problems() {
        if problems.iter().all(|known| known.setting() != problem.setting()) {
            problems.push(problem);
        }
    }
    Err(BuildError::new(problems))
}

struct Reader<'e, E> {
    environment: &'e E,
    problems: Vec<Problem>,
}

impl<E: Environment> Reader<'_, E> {
    fn read(&mut self) -> GuardBuilder {
        let mut builder = GuardBuilder::default();
        if let Some(issuer) = self.value(settings::ISSUER) {
            builder = builder.issuer(issuer);
        }
        if let Some(audience) = self.value(settings::AUDIENCE) {
            builder = builder.audience(audience);
        }
        if let Some(client_id) = self.value(settings::CLIENT_ID) {
            builder = builder.client_id(client_id);
        }
        if let Some(profile) = self.parsed(settings::PROFILE, profile) {
            builder = builder.profile(profile);
        }
        if let Some(levels) = self.value(settings::ACR_VALUES) {
            builder = builder.acr_values(levels.split_whitespace());
        }
        if let Some(algorithms) = self.parsed(settings::ALGORITHMS, algorithms) {
            builder = builder.algorithms(algorithms);
        }
        if let Some(leeway) = self.parsed(settings::LEEWAY, leeway) {
            builder = builder.leeway(leeway);
        }
        if let Some(url) = self.value(settings::INTERNAL_URL) {
            builder = builder.internal_url(url);
        }
        if let Some(host) = self.value(settings::INTERNAL_HOST) {
            builder = builder.internal_host(host);
        }
        if let Some(pem) = self.certificates() {
            builder = builder.ca(pem);
        }
        self.parsed(settings::TOKENS, tokens);
        self.refuse_what_is_not_built();
        builder
    }

    /// The value of a setting: from the variable, or from the file that `<NAME>_FILE` names. Empty counts as unset.
    fn value(&mut self, name: &'static str) -> Option<String> {
        let file_name = format!("{name}_FILE");
        let direct = self.environment.variable(name).filter(|value| !value.is_empty());
        let file = self.environment.variable(&file_name).filter(|value| !value.is_empty());
        match (direct, file) {
            (None, None) => None,
            (Some(_), Some(_)) => self.problem(name, format!("is set, and {file_name} too: keep one of them")),
            (Some(value), None) => match value.into_string() {
                Ok(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
                Err(_) => self.problem(name, "is not UTF-8 text".to_owned()),
            },
            (None, Some(path)) => match self.environment.file(&path) {
                Ok(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
                Err(error) => self.problem(name, format!("the file of {file_name} cannot be read: {error}")),
            },
        }
    }

    fn parsed<T>(&mut self, name: &'static str, parse: fn(&str) -> Result<T, String>) -> Option<T> {
        let text = self.value(name)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(message) => self.problem(name, message),
        }
    }

    /// `PORTCULLIS_CA` holds PEM text, or the path of a PEM file.
    fn certificates(&mut self) -> Option<String> {
        let value = self.value(settings::CA)?;
        if value.contains("-----BEGIN") {
            return Some(value);
        }
        match self.environment.file(&OsString::from(&value)) {
            Ok(pem) => Some(pem),
            Err(error) => self.problem(settings::CA, format!("is neither PEM text nor a readable PEM file: {error}")),
        }
    }

    fn refuse_what_is_not_built(&mut self) {
        for &(name, capability) in settings::NOT_BUILT {
            if self.value(name).is_some() {
                let message = format!("{capability} is not part of this version: unset it");
                self.problem::<()>(name, message);
            }
        }
    }

    fn problem<T>(&mut self, name: &'static str, message: String) -> Option<T> {
        self.problems.push(Problem::new(name, message));
        None
    }
}

fn profile(text: &str) -> Result<Profile, String> {
    let known = || Profile::ALL.iter().map(Profile::name).collect::<Vec<_>>().join(", ");
    Profile::named(text).ok_or_else(|| format!("`{text}` is no profile of this version: use one of {}", known()))
}

fn algorithms(text: &str) -> Result<Vec<Algorithm>, String> {
    text.split_whitespace().map(algorithm).collect()
}

fn algorithm(name: &str) -> Result<Algorithm, String> {
    if name.starts_with("HS") {
        return Err(format!(
            "`{name}` cannot verify access tokens: with a shared secret every verifier could also forge them"
        ));
    }
    let known = || Algorithm::ALL.iter().map(|known| known.as_str()).collect::<Vec<_>>().join(" ");
    name.parse().map_err(|_| format!("`{name}` is no algorithm: use some of {}, separated by spaces", known()))
}

fn leeway(text: &str) -> Result<Duration, String> {
    text.parse().map(Duration::from_secs).map_err(|_| format!("`{text}` is no number of seconds: use 0 to 300"))
}

fn tokens(text: &str) -> Result<(), String> {
    match text {
        "jwt" => Ok(()),
        "introspection" | "userinfo" => Err(format!("`{text}` is not part of this version: use `jwt`")),
        _ => Err(format!("`{text}` is no way to validate tokens: use `jwt`")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests;
