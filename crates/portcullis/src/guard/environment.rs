//! Settings from the environment.

use std::ffi::OsString;
use std::time::Duration;

use super::builder::GuardBuilder;
use crate::error::{BuildError, Problem};
use crate::provider::{ClientAuth, IdTokenAlg, Profile, ProviderBuilder, ResponseMode};
use crate::session::SessionKind;
use crate::settings;
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

/// Reads all settings of a guard; every problem is reported, together with those that `build()` would find.
pub(super) fn read(environment: &impl Environment) -> Result<GuardBuilder, BuildError> {
    let mut reader = Reader { environment, problems: Vec::new() };
    let builder = reader.read(GuardBuilder::default());
    reader.refuse_web_settings();
    reader.finish(builder, GuardBuilder::problems)
}

/// Reads all settings of a web application's guard, in the same way.
pub(super) fn read_web(environment: &impl Environment) -> Result<GuardBuilder, BuildError> {
    let mut reader = Reader { environment, problems: Vec::new() };
    let mut builder = reader.read(GuardBuilder::for_web());
    if let Some(base_url) = reader.value(settings::BASE_URL) {
        builder = builder.base_url(base_url);
    }
    if let Some(keys) = reader.value(settings::COOKIE_KEYS) {
        builder = builder.cookie_keys(keys);
    }
    if let Some(asks) = reader.parsed(settings::USERINFO, user_info_at_login) {
        builder = builder.user_info_at_login(asks);
    }
    if let Some(kind) = reader.parsed(settings::SESSIONS, sessions) {
        builder = builder.sessions(kind);
    }
    if let Some(mode) = reader.parsed(settings::RESPONSE_MODE, response_mode) {
        builder = builder.response_mode(mode);
    }
    reader.finish(builder, GuardBuilder::problems)
}

/// Reads the settings of a provider, in the same way.
pub(super) fn read_provider(environment: &impl Environment) -> Result<ProviderBuilder, BuildError> {
    let mut reader = Reader { environment, problems: Vec::new() };
    let builder = reader.read_provider();
    reader.finish(builder, ProviderBuilder::problems)
}

struct Reader<'e, E> {
    environment: &'e E,
    problems: Vec<Problem>,
}

impl<E: Environment> Reader<'_, E> {
    fn read(&mut self, kind: GuardBuilder) -> GuardBuilder {
        let mut builder = kind.provider(self.read_provider());
        if let Some(audience) = self.value(settings::AUDIENCE) {
            builder = builder.audience(audience);
        }
        if let Some(levels) = self.value(settings::ACR_VALUES) {
            builder = builder.acr_values(levels.split_whitespace());
        }
        if let Some(algorithms) = self.parsed(settings::ALGORITHMS, algorithms) {
            builder = builder.algorithms(algorithms);
        }
        self.parsed(settings::TOKENS, tokens);
        builder
    }

    fn read_provider(&mut self) -> ProviderBuilder {
        let mut builder = self.read_client();
        if let Some(issuer) = self.value(settings::ISSUER) {
            builder = builder.issuer(issuer);
        }
        if let Some(profile) = self.parsed(settings::PROFILE, profile) {
            builder = builder.profile(profile);
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
        builder
    }

    fn read_client(&mut self) -> ProviderBuilder {
        let mut builder = ProviderBuilder::default();
        if let Some(client_id) = self.value(settings::CLIENT_ID) {
            builder = builder.client_id(client_id);
        }
        if let Some(secret) = self.value(settings::CLIENT_SECRET) {
            builder = builder.client_secret(secret);
        }
        if let Some(method) = self.parsed(settings::CLIENT_AUTH, client_auth) {
            builder = builder.client_auth(method);
        }
        if let Some(keys) = self.value(settings::CLIENT_KEYS) {
            builder = builder.client_keys(keys);
        }
        if let Some(scopes) = self.value(settings::SCOPES) {
            builder = builder.scopes(scopes.split_whitespace());
        }
        if let Some(algorithm) = self.parsed(settings::ID_TOKEN_ALG, id_token_alg) {
            builder = builder.id_token_alg(algorithm);
        }
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

    fn refuse_web_settings(&mut self) {
        for name in settings::WEB_ONLY {
            if self.value(name).is_some() {
                self.problem::<()>(name, "is for a web application, and this is an API: unset it".to_owned());
            }
        }
    }

    fn finish<B>(self, builder: B, others: impl Fn(&B) -> Vec<Problem>) -> Result<B, BuildError> {
        if self.problems.is_empty() {
            return Ok(builder);
        }
        let mut problems = self.problems;
        for problem in others(&builder) {
            if problems.iter().all(|known| known.setting() != problem.setting()) {
                problems.push(problem);
            }
        }
        Err(BuildError::new(problems))
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
    name.parse()
        .map_err(|_| format!("`{name}` is no algorithm: use some of {}, separated by spaces", known_algorithms()))
}

fn id_token_alg(name: &str) -> Result<IdTokenAlg, String> {
    if name == "HS256" {
        return Ok(IdTokenAlg::Hs256);
    }
    let unknown = |_| format!("`{name}` is no algorithm of ID tokens: use HS256 or one of {}", known_algorithms());
    name.parse().map(IdTokenAlg::Published).map_err(unknown)
}

fn known_algorithms() -> String {
    Algorithm::ALL.iter().map(|known| known.as_str()).collect::<Vec<_>>().join(" ")
}

fn client_auth(name: &str) -> Result<ClientAuth, String> {
    let known = || ClientAuth::ALL.iter().map(|known| known.as_str()).collect::<Vec<_>>().join(", ");
    ClientAuth::named(name).ok_or_else(|| format!("`{name}` is no method: use one of {}", known()))
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

fn user_info_at_login(text: &str) -> Result<bool, String> {
    match text {
        "login" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("`{text}` is no choice: use `login` or `off`")),
    }
}

fn sessions(text: &str) -> Result<SessionKind, String> {
    match text {
        "memory" => Ok(SessionKind::Memory),
        "cookie" => Ok(SessionKind::Cookie),
        // The address of a store holds its password.
        _ => Err("is no kind of session: use `memory` or `cookie`".to_owned()),
    }
}

fn response_mode(name: &str) -> Result<ResponseMode, String> {
    ResponseMode::named(name).ok_or_else(|| format!("`{name}` is no response mode: use `query` or `form_post`"))
}
