//! From settings to a guard: every value checked, every problem reported at once.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use url::Url;

use super::{Guard, GuardBuilder, Shared, settings};
use crate::access::AcrLevels;
use crate::clock::{Clock, SystemClock};
use crate::error::{BuildError, Problem};
use crate::provider::address::{self, BackChannel};
use crate::provider::{Profile, Provider};
use crate::token::{Algorithm, Judgement, TokenPolicy, VerifiedTokens};
use crate::transport::HttpClient;
use crate::userinfo::{MemoryUserInfoCache, UserInfoSource};

const DEFAULT_LEEWAY: Duration = Duration::from_secs(60);
const MAX_LEEWAY: Duration = Duration::from_secs(300);
const DEFAULT_MAX_STALE: Duration = Duration::from_secs(60 * 60);
const DEFAULT_USER_INFO_TTL: Duration = Duration::from_secs(5 * 60);

/// The settings that can be wrong, checked.
struct Checked {
    issuer: Url,
    internal: Option<Url>,
    host: Option<HeaderValue>,
    audience: String,
    algorithms: Vec<Algorithm>,
    leeway: Duration,
    levels: AcrLevels,
    client: Arc<dyn HttpClient>,
}

impl GuardBuilder {
    /// Builds the guard. Asks nobody and needs no runtime.
    ///
    /// # Errors
    /// Returns every problem at once, each with what to set.
    pub fn build(self) -> Result<Guard, BuildError> {
        let checked = self.checked().map_err(BuildError::new)?;
        let issuer: Arc<str> = self.issuer.as_deref().unwrap_or_default().into();
        let clock = self.clock.clone().unwrap_or_else(|| Arc::new(SystemClock::new()));
        warn_about_plain_http(&checked);
        let policy = self.policy(&checked, Arc::clone(&issuer), Arc::clone(&clock));
        let back_channel = BackChannel::new(checked.issuer, checked.internal, checked.host);
        let max_stale = self.max_stale.unwrap_or(DEFAULT_MAX_STALE);
        let provider = Provider::new(issuer, checked.client, back_channel, Arc::clone(&clock), max_stale);
        let provider = Arc::new(provider);
        let cache = self.user_info_cache.unwrap_or_else(|| Arc::new(MemoryUserInfoCache::new()));
        let ttl = self.user_info_ttl.unwrap_or(DEFAULT_USER_INFO_TTL);
        let users = UserInfoSource::new(Arc::clone(&provider), cache, clock, ttl);
        let verified = VerifiedTokens::new();
        Ok(Guard(Arc::new(Shared { provider, policy, verified, users, on_reject: self.on_reject })))
    }

    /// What `build()` would object to.
    pub(super) fn problems(&self) -> Vec<Problem> {
        self.checked().err().unwrap_or_default()
    }

    pub(super) fn chosen_profile(&self) -> Profile {
        self.profile.unwrap_or(Profile::GENERIC)
    }

    fn policy(&self, checked: &Checked, issuer: Arc<str>, clock: Arc<dyn Clock>) -> TokenPolicy {
        TokenPolicy {
            issuer,
            audience: checked.audience.as_str().into(),
            algorithms: checked.algorithms.clone().into(),
            profile: self.chosen_profile(),
            judgement: Arc::new(Judgement { levels: checked.levels.clone(), leeway: checked.leeway, clock }),
        }
    }

    fn checked(&self) -> Result<Checked, Vec<Problem>> {
        let mut problems = Vec::new();
        let issuer = noted(self.checked_issuer(), &mut problems);
        let audience = noted(self.checked_audience(), &mut problems);
        let algorithms = noted(self.checked_algorithms(), &mut problems);
        let leeway = noted(self.checked_leeway(), &mut problems);
        let levels = noted(self.checked_levels(), &mut problems);
        let internal = noted(self.checked_internal_url(), &mut problems);
        let host = noted(self.checked_internal_host(), &mut problems);
        let client = noted(self.transport(), &mut problems);
        match (issuer, internal, host, audience, algorithms, leeway, levels, client) {
            (
                Some(issuer),
                Some(internal),
                Some(host),
                Some(audience),
                Some(algorithms),
                Some(leeway),
                Some(levels),
                Some(client),
            ) => Ok(Checked { issuer, internal, host, audience, algorithms, leeway, levels, client }),
            _ => Err(problems),
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
            return Err(wrong("has a query: an issuer has none (OpenID Connect Discovery 3)"));
        }
        Ok(url)
    }

    fn checked_audience(&self) -> Result<String, Problem> {
        let profile = self.chosen_profile();
        let implied = self.client_id.as_ref().filter(|_| profile.audience_is_client_id);
        match self.audience.as_ref().or(implied).filter(|audience| !audience.is_empty()) {
            Some(audience) => Ok(audience.clone()),
            None if profile.audience_is_client_id => Err(Problem::new(
                settings::AUDIENCE,
                "is not set: use what a token's `aud` must contain, or set PORTCULLIS_CLIENT_ID, which is the audience with this profile",
            )),
            None => Err(Problem::new(
                settings::AUDIENCE,
                "is not set: use what a token's `aud` must contain, such as the API's URL",
            )),
        }
    }

    fn checked_algorithms(&self) -> Result<Vec<Algorithm>, Problem> {
        match &self.algorithms {
            None => Ok(Algorithm::ALL.to_vec()),
            Some(algorithms) if algorithms.is_empty() => {
                Err(Problem::new(settings::ALGORITHMS, "names no algorithm: name at least one, such as RS256"))
            }
            Some(algorithms) => Ok(algorithms.clone()),
        }
    }

    fn checked_leeway(&self) -> Result<Duration, Problem> {
        let leeway = self.leeway.unwrap_or(DEFAULT_LEEWAY);
        if leeway > MAX_LEEWAY {
            return Err(Problem::new(settings::LEEWAY, "is more than 300 seconds: set the clock instead"));
        }
        Ok(leeway)
    }

    fn checked_levels(&self) -> Result<AcrLevels, Problem> {
        let levels = match &self.acr_values {
            Some(levels) => levels.clone(),
            None => AcrLevels::new(self.chosen_profile().acr_values.iter().copied()),
        };
        match levels.first_invalid() {
            Some(_) => Err(Problem::new(
                settings::ACR_VALUES,
                "has a value that no challenge can carry: use printable ASCII without spaces, quotes and backslashes",
            )),
            None => Ok(levels),
        }
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
            Problem::new(
                settings::INTERNAL_HOST,
                "is no host: use a name and perhaps a port, such as id.example.com:8443",
            )
        };
        let authority: http::uri::Authority = host.parse().map_err(|_| wrong())?;
        if authority.as_str().contains('@') {
            return Err(wrong());
        }
        HeaderValue::from_str(host).map(Some).map_err(|_| wrong())
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

fn noted<T>(checked: Result<T, Problem>, problems: &mut Vec<Problem>) -> Option<T> {
    checked.map_err(|problem| problems.push(problem)).ok()
}

fn warn_about_plain_http(checked: &Checked) {
    let base = checked.internal.as_ref().unwrap_or(&checked.issuer);
    if base.scheme() == "http" && !address::is_loopback(base) {
        tracing::warn!(
            target: "portcullis::provider",
            address = base.as_str(),
            "requests to the provider, tokens included, travel unencrypted: use https unless this network is trusted"
        );
    }
}
