//! The authorization request: where the browser is sent to log in.

use std::fmt;
use std::time::Duration;

use openidconnect::core::{CoreAuthDisplay, CoreAuthPrompt, CoreClient, CoreJsonWebKeySet, CoreResponseType};
use openidconnect::{
    AuthUrl, AuthenticationContextClass, AuthenticationFlow, AuthorizationRequest, ClientId, CsrfToken, IssuerUrl,
    LanguageTag, LoginHint, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
};

use super::transaction::Transaction;
use super::{Provider, ResponseMode};
use crate::error::{ProviderEndpoint, ProviderError};

/// Parameters that only the library sets: a second one of the same name would let a caller's input (or an attacker's,
/// passed on by an application) weaken the login.
const OURS: &[&str] = &[
    "response_type",
    "response_mode",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "acr_values",
    "max_age",
    "prompt",
    "login_hint",
    "ui_locales",
    "request",
    "request_uri",
];

/// Builds the URL that a browser is sent to (OpenID Connect Core section 3.1.2.1).
///
/// # Security
/// PKCE (S256), `state` and `nonce` are always there and always made here. PKCE stops a stolen code, `state` a login
/// forged in another browser, `nonce` an ID token replayed from another login.
#[derive(Debug, Clone)]
#[must_use]
pub struct AuthorizeUrl<'p> {
    provider: &'p Provider,
    redirect_uri: String,
    scopes: Vec<String>,
    acr_values: Vec<String>,
    required_acr: Vec<String>,
    max_age: Option<Duration>,
    prompts: Vec<Prompt>,
    login_hint: Option<String>,
    ui_locales: Vec<String>,
    response_mode: ResponseMode,
    parameters: Vec<(String, String)>,
}

/// What the provider shall ask the user (OpenID Connect Core section 3.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Prompt {
    /// Nothing: fail instead, with `login_required` or the like.
    None,
    /// To log in again.
    Login,
    /// To consent again.
    Consent,
    /// To choose an account.
    SelectAccount,
}

/// A login that has begun: where to send the browser, and what to keep until it comes back.
pub struct Authorization {
    /// Where to send the browser.
    pub url: String,
    /// What to keep until the callback.
    pub transaction: Transaction,
}

impl<'p> AuthorizeUrl<'p> {
    pub(super) fn new(provider: &'p Provider, redirect_uri: String) -> Self {
        Self {
            provider,
            redirect_uri,
            scopes: provider.0.client.scopes.clone(),
            acr_values: Vec::new(),
            required_acr: Vec::new(),
            max_age: None,
            prompts: Vec::new(),
            login_hint: None,
            ui_locales: Vec::new(),
            response_mode: ResponseMode::Query,
            parameters: Vec::new(),
        }
    }

    /// Asks for these scopes in place of the configured ones.
    pub fn scopes<I>(mut self, scopes: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Asks for one of these levels; the provider may answer with another.
    pub fn acr_values<I>(mut self, levels: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.acr_values = levels.into_iter().map(Into::into).collect();
        self
    }

    /// Asks for one of these levels, and refuses an ID token that has none of them.
    pub fn required_acr<I>(mut self, levels: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.required_acr = levels.into_iter().map(Into::into).collect();
        self
    }

    /// Asks for a login not older than this, and refuses an ID token that does not prove it.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Says what the provider shall ask the user; several are allowed, except with [`Prompt::None`].
    pub fn prompt(mut self, prompt: Prompt) -> Self {
        self.prompts.push(prompt);
        self
    }

    /// Suggests who logs in: a name or an e-mail address.
    pub fn login_hint(mut self, hint: impl Into<String>) -> Self {
        self.login_hint = Some(hint.into());
        self
    }

    /// The user's languages, best first (BCP 47); sent in the provider's own spelling too where its profile knows one.
    pub fn ui_locales<I>(mut self, languages: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.ui_locales = languages.into_iter().map(Into::into).collect();
        self
    }

    /// How the answer shall travel; in the query if not set. The callback has to be served accordingly.
    pub fn response_mode(mut self, mode: ResponseMode) -> Self {
        self.response_mode = mode;
        self
    }

    /// Adds a parameter of the provider's own. One that has the name of a parameter of the library is left out, with
    /// a warning: it could weaken the login.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Builds the URL. Asks the provider for its metadata if that is not known yet.
    ///
    /// # Errors
    /// Returns an error when the metadata cannot be had, names no authorization endpoint, or names one where no
    /// browser should be sent; or when the redirect URI is no URL.
    pub async fn build(self) -> Result<Authorization, ProviderError> {
        let metadata = self.provider.metadata().await?;
        let endpoint = metadata.authorization_endpoint.clone().ok_or_else(|| unusable("no_authorization_endpoint"))?;
        let redirect_uri =
            RedirectUrl::new(self.redirect_uri.clone()).map_err(|_| unusable("redirect_uri_is_no_url"))?;
        let issuer = IssuerUrl::new(self.provider.issuer().to_owned()).map_err(|_| unusable("issuer_is_no_url"))?;
        let mut transaction = Transaction::begin(self.redirect_uri.clone(), self.scopes.clone())
            .ok_or_else(|| unusable("no_randomness"))?;
        transaction.max_age = self.max_age;
        transaction.required_acr.clone_from(&self.required_acr);

        let client_id = ClientId::new(self.provider.required_client_id()?.to_owned());
        let client = CoreClient::new(client_id, issuer, CoreJsonWebKeySet::default())
            .disable_openid_scope()
            .set_auth_uri(AuthUrl::from_url(endpoint))
            .set_redirect_uri(redirect_uri);
        let (state, nonce) = (transaction.state(), transaction.nonce());
        let verifier = PkceCodeVerifier::new(transaction.code_verifier());
        let request = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        let (url, ..) = self.with_wishes(request).url();
        Ok(Authorization { url: url.into(), transaction })
    }

    /// Adds what the caller asked for.
    fn with_wishes<'r>(&self, request: CoreRequest<'r>) -> CoreRequest<'r> {
        let mut request = request.add_scopes(self.scopes.iter().cloned().map(Scope::new));
        for level in self.acr_values.iter().chain(&self.required_acr) {
            request = request.add_auth_context_value(AuthenticationContextClass::new(level.clone()));
        }
        if let Some(max_age) = self.max_age {
            request = request.set_max_age(Duration::from_secs(max_age.as_secs()));
        }
        for prompt in &self.prompts {
            request = request.add_prompt(prompt.spelled());
        }
        if let Some(hint) = &self.login_hint {
            request = request.set_login_hint(LoginHint::new(hint.clone()));
        }
        for language in &self.ui_locales {
            request = request.add_ui_locale(LanguageTag::new(language.clone()));
        }
        // The query is the default of the code flow (OAuth 2.0 Multiple Response Types section 2.1).
        if self.response_mode != ResponseMode::Query {
            request = request.add_extra_param("response_mode", self.response_mode.as_str());
        }
        let profile = self.provider.0.client.profile;
        let language = profile.language_parameter.zip(self.ui_locales.first());
        if let Some((name, language)) = language {
            request = request.add_extra_param(name, language.clone());
        }
        for (name, value) in &self.parameters {
            if OURS.contains(&name.as_str()) || language.is_some_and(|(ours, _)| ours == name) {
                tracing::warn!(target: "portcullis::provider", name, "a parameter of the library's own was left out");
                continue;
            }
            request = request.add_extra_param(name.clone(), value.clone());
        }
        request
    }
}

impl fmt::Debug for Authorization {
    // The URL has `state` and `nonce` in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization").field("transaction", &self.transaction).finish_non_exhaustive()
    }
}

type CoreRequest<'r> = AuthorizationRequest<'r, CoreAuthDisplay, CoreAuthPrompt, CoreResponseType>;

impl Prompt {
    fn spelled(self) -> CoreAuthPrompt {
        match self {
            Self::None => CoreAuthPrompt::None,
            Self::Login => CoreAuthPrompt::Login,
            Self::Consent => CoreAuthPrompt::Consent,
            Self::SelectAccount => CoreAuthPrompt::SelectAccount,
        }
    }
}

fn unusable(reason: &'static str) -> ProviderError {
    ProviderError::unusable(ProviderEndpoint::Authorization, reason)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn atk_t09_debug_of_a_login_shows_no_state_and_no_nonce() {
        let transaction = Transaction::begin("https://app.example/callback".into(), Vec::new()).unwrap();
        let (state, nonce) = (transaction.state(), transaction.nonce());
        let url = format!("https://id.example/authorize?state={state}&nonce={nonce}");
        let shown = format!("{:?}", Authorization { url, transaction });
        assert!(!shown.contains(&state) && !shown.contains(&nonce), "{shown}");
    }
}
