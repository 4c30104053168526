//! From settings to a provider: every value checked, every problem reported at once.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use url::Url;

use super::address::{self, BackChannel};
use super::builder::{IdTokenAlg, ProviderBuilder};
use super::client::{Client, ClientAuth};
use super::client_keys::ClientKeys;
use super::{Connection, Provider};
use crate::clock::{Clock, SystemClock};
use crate::error::{BuildError, Problem};
use crate::keys::{ClientSecret, HmacAlgorithm};
use crate::settings;
use crate::token::{Algorithm, IdTokenKeys, IdTokenPolicy};
use crate::transport::HttpClient;

const DEFAULT_LEEWAY: Duration = Duration::from_secs(60);
const MAX_LEEWAY: Duration = Duration::from_secs(300);
const DEFAULT_MAX_STALE: Duration = Duration::from_secs(60 * 60);
const DEFAULT_SCOPES: [&str; 3] = ["openid", "profile", "email"];

impl ProviderBuilder {
    /// Builds the provider. Asks nobody and needs no runtime.
    ///
    /// # Errors
    /// Returns every problem at once, each with what to set.
    pub fn build(self) -> Result<Provider, BuildError> {
        self.checked_with_client().map_err(BuildError::new)
    }

    /// What `build()` would object to.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        self.checked_with_client().err().unwrap_or_default()
    }

    fn checked_with_client(&self) -> Result<Provider, Vec<Problem>> {
        let mut problems = Vec::new();
        if self.client_id.as_deref().unwrap_or_default().is_empty() {
            problems
                .push(Problem::new(settings::CLIENT_ID, "is not set: use the id that the client is registered with"));
        }
        match self.checked(&mut problems) {
            Some(provider) if problems.is_empty() => Ok(provider),
            _ => Err(problems),
        }
    }

    /// The provider, or `None` and what is wrong.
    pub(crate) fn checked(&self, problems: &mut Vec<Problem>) -> Option<Provider> {
        let issuer = noted(self.checked_issuer(), problems);
        let leeway = noted(self.checked_leeway(), problems);
        let internal = noted(self.checked_internal_url(), problems);
        let host = noted(self.checked_internal_host(), problems);
        let keys = noted(self.checked_client_keys(), problems);
        let id_token_keys = noted(self.checked_id_token_keys(), problems);
        let transport = noted(self.transport(), problems);
        noted(self.check_client_auth(), problems)?;
        let (issuer, leeway, internal) = (issuer?, leeway?, internal?);
        warn_about_plain_http(internal.as_ref().unwrap_or(&issuer));
        let name: Arc<str> = self.issuer.as_deref().unwrap_or_default().into();
        let client = self.client(Arc::clone(&name), keys?, id_token_keys?, leeway);
        Some(Provider::new(Connection {
            issuer: name,
            client,
            transport: transport?,
            back_channel: BackChannel::new(issuer, internal, host?),
            clock: self.chosen_clock(),
            max_stale: self.max_stale.unwrap_or(DEFAULT_MAX_STALE),
        }))
    }

    fn chosen_clock(&self) -> Arc<dyn Clock> {
        self.clock.clone().unwrap_or_else(|| Arc::new(SystemClock::new()))
    }

    pub(crate) fn chosen_leeway(&self) -> Duration {
        self.leeway.unwrap_or(DEFAULT_LEEWAY)
    }

    fn client(
        &self,
        issuer: Arc<str>,
        keys: Option<ClientKeys>,
        id_token_keys: IdTokenKeys,
        leeway: Duration,
    ) -> Client {
        let client_id = self.client_id.clone().filter(|client_id| !client_id.is_empty());
        let id_tokens = client_id.as_deref().map(|client_id| IdTokenPolicy {
            issuer,
            client_id: client_id.into(),
            trusted_audiences: self.trusted_audiences.clone().into(),
            keys: id_token_keys,
            leeway,
        });
        Client {
            client_id,
            secret: self.client_secret.clone(),
            auth: self.client_auth,
            keys,
            scopes: self.scopes.clone().unwrap_or_else(|| DEFAULT_SCOPES.map(str::to_owned).into()),
            profile: self.chosen_profile(),
            id_tokens,
        }
    }

    fn checked_issuer(&self) -> Result<Url, Problem> {
        let wrong = |message: &str| Problem::new(settings::ISSUER, message);
        let issuer = self.issuer.as_deref().unwrap_or_default();
        if issuer.is_empty() {
            return Err(wrong("is not set: use the `issuer` of the provider's discovery document"));
        }
        let url = address::parse(issuer)
            .map_err(|_| wrong("is no issuer: use an https URL without user, query and fragment"))?;
        if url.query().is_some() {
            return Err(wrong("has a query: an issuer has none (OpenID Connect Discovery section 3)"));
        }
        Ok(url)
    }

    fn checked_leeway(&self) -> Result<Duration, Problem> {
        if self.chosen_leeway() > MAX_LEEWAY {
            return Err(Problem::new(settings::LEEWAY, "is more than 300 seconds: set the clock instead"));
        }
        Ok(self.chosen_leeway())
    }

    fn checked_internal_url(&self) -> Result<Option<Url>, Problem> {
        let Some(internal) = &self.internal_url else { return Ok(None) };
        address::parse(internal).map(Some).map_err(|_| {
            Problem::new(settings::INTERNAL_URL, "is no address: use an http or https URL without user and fragment")
        })
    }

    fn checked_internal_host(&self) -> Result<Option<HeaderValue>, Problem> {
        let Some(host) = &self.internal_host else { return Ok(None) };
        let wrong = || {
            let message = "is no host: use a name and perhaps a port, such as id.example.com:8443";
            Problem::new(settings::INTERNAL_HOST, message)
        };
        let authority: http::uri::Authority = host.parse().map_err(|_| wrong())?;
        if authority.as_str().contains('@') {
            return Err(wrong());
        }
        HeaderValue::from_str(host).map(Some).map_err(|_| wrong())
    }

    fn checked_client_keys(&self) -> Result<Option<ClientKeys>, Problem> {
        let Some(text) = &self.client_keys else { return Ok(None) };
        ClientKeys::parse(text.expose()).map(Some).map_err(|reason| {
            Problem::new(settings::CLIENT_KEYS, format!("{reason}: use a private JWK set in JSON (RFC 7517)"))
        })
    }

    fn checked_id_token_keys(&self) -> Result<IdTokenKeys, Problem> {
        match self.id_token_alg {
            None => Ok(IdTokenKeys::Published(Algorithm::ALL.into())),
            Some(IdTokenAlg::Published(algorithm)) => Ok(IdTokenKeys::Published([algorithm].into())),
            Some(IdTokenAlg::Hs256) => {
                let secret = self.client_secret.as_ref().map_or(&b""[..], |secret| secret.expose().as_bytes());
                let secret = ClientSecret::new(HmacAlgorithm::Hs256, secret).map_err(|_| {
                    Problem::new(
                        settings::ID_TOKEN_ALG,
                        "is HS256, which needs a PORTCULLIS_CLIENT_SECRET of at least 32 bytes: a shorter one can be guessed from any token",
                    )
                })?;
                Ok(IdTokenKeys::ClientSecret(HmacAlgorithm::Hs256, Box::new(secret)))
            }
        }
    }

    fn check_client_auth(&self) -> Result<(), Problem> {
        let (has_secret, has_keys) = (self.client_secret.is_some(), self.client_keys.is_some());
        let missing = match self.client_auth {
            Some(ClientAuth::ClientSecretBasic | ClientAuth::ClientSecretPost) if !has_secret => {
                "PORTCULLIS_CLIENT_SECRET"
            }
            Some(ClientAuth::PrivateKeyJwt) if !has_keys => "PORTCULLIS_CLIENT_KEYS",
            _ => return Ok(()),
        };
        Err(Problem::new(settings::CLIENT_AUTH, format!("names a method that needs {missing}: set that too")))
    }

    #[cfg(feature = "reqwest")]
    fn transport(&self) -> Result<Arc<dyn HttpClient>, Problem> {
        use crate::transport::ReqwestClient;

        if let Some(client) = &self.http_client {
            return Ok(Arc::clone(client));
        }
        let with_roots = |builder: crate::transport::ReqwestClientBuilder| match &self.ca {
            Some(pem) => builder.extra_roots(pem.clone()),
            None => builder,
        };
        let base = self.internal_url.as_ref().or(self.issuer.as_ref());
        let client = match with_roots(ReqwestClient::builder()).build() {
            // An image without trusted roots can still talk plain http.
            Err(_) if base.is_some_and(|base| base.starts_with("http://")) => {
                with_roots(ReqwestClient::builder().without_system_roots()).build()
            }
            outcome => outcome,
        };
        client.map(|client| Arc::new(client) as _).map_err(|error| {
            let cause = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
            Problem::new(settings::CA, format!("the trusted roots cannot be loaded: use PEM certificates{cause}"))
        })
    }

    #[cfg(not(feature = "reqwest"))]
    fn transport(&self) -> Result<Arc<dyn HttpClient>, Problem> {
        self.http_client.clone().ok_or_else(|| {
            Problem::new("http_client", "is not set: turn on the feature `reqwest` or bring a transport of your own")
        })
    }
}

/// The value, or `None` and the problem on the list.
pub(crate) fn noted<T>(checked: Result<T, Problem>, problems: &mut Vec<Problem>) -> Option<T> {
    checked.map_err(|problem| problems.push(problem)).ok()
}

fn warn_about_plain_http(base: &Url) {
    if base.scheme() == "http" && !address::is_loopback(base) {
        tracing::warn!(
            target: "portcullis::provider",
            address = base.as_str(),
            "requests to the provider, tokens included, travel unencrypted: use https unless this network is trusted"
        );
    }
}
