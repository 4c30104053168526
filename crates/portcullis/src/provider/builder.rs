//! The settings of a provider.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::client::ClientAuth;
use super::profile::Profile;
use crate::clock::Clock;
use crate::secret::Secret;
use crate::token::Algorithm;
use crate::transport::HttpClient;

/// Sets up a [`Provider`](super::Provider). What [`Provider::from_env`](super::Provider::from_env) reads has the same
/// name here: `PORTCULLIS_CLIENT_ID` is `client_id`. Parts of your own (transport, clock), `trusted_audiences` and
/// `max_stale` are set in code only.
#[derive(Clone, Default)]
#[must_use]
pub struct ProviderBuilder {
    pub(crate) issuer: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) client_secret: Option<Secret>,
    pub(crate) client_auth: Option<ClientAuth>,
    pub(crate) client_keys: Option<Secret>,
    pub(crate) profile: Option<Profile>,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) id_token_alg: Option<IdTokenAlg>,
    pub(crate) trusted_audiences: Vec<String>,
    pub(crate) leeway: Option<Duration>,
    pub(crate) internal_url: Option<String>,
    pub(crate) internal_host: Option<String>,
    pub(crate) ca: Option<Vec<u8>>,
    pub(crate) max_stale: Option<Duration>,
    pub(crate) http_client: Option<Arc<dyn HttpClient>>,
    pub(crate) clock: Option<Arc<dyn Clock>>,
}

/// How the provider signs ID tokens for this client (`id_token_signed_response_alg` of its registration).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdTokenAlg {
    /// With one of its published keys, by this algorithm.
    Published(Algorithm),
    /// With the client secret (HS256). The secret must have at least 32 bytes.
    Hs256,
}

impl ProviderBuilder {
    /// The issuer identifier, compared byte for byte.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// The client id at the provider.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }

    /// The client secret; without one the client is public, or authenticates with a private key. An empty one is
    /// none.
    pub fn client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.client_secret = Some(secret.into()).filter(|secret: &Secret| !secret.expose().is_empty());
        self
    }

    /// How the client authenticates; decided by what it has and what the provider lists if not set.
    pub fn client_auth(mut self, method: ClientAuth) -> Self {
        self.client_auth = Some(method);
        self
    }

    /// The client's private keys, as a JWK set in JSON: they sign its assertions.
    pub fn client_keys(mut self, private_jwk_set: impl Into<Secret>) -> Self {
        self.client_keys = Some(private_jwk_set.into());
        self
    }

    /// The provider's profile; [`Profile::GENERIC`] if not set.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = Some(profile);
        self
    }

    /// The scopes asked for at login; `openid profile email` if not set.
    pub fn scopes<I>(mut self, scopes: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// The algorithm of ID tokens, as registered; any of [`Algorithm::ALL`] if not set.
    pub fn id_token_alg(mut self, algorithm: IdTokenAlg) -> Self {
        self.id_token_alg = Some(algorithm);
        self
    }

    /// Audiences that may stand beside the client id in an ID token's `aud`; none if not set.
    ///
    /// # Security
    /// Whoever is named there can present this client's ID tokens as its own: name only audiences that you run.
    pub fn trusted_audiences<I>(mut self, audiences: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.trusted_audiences = audiences.into_iter().map(Into::into).collect();
        self
    }

    /// How far the provider's clock may be off: 60 s if not set, at most 300 s.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = Some(leeway);
        self
    }

    /// Where the provider is reached from here, if not at the issuer. Every request of ours then goes to its scheme
    /// and authority, with the path and query of the endpoint that the metadata announces; browsers are still sent
    /// to what the metadata announces.
    pub fn internal_url(mut self, url: impl Into<String>) -> Self {
        self.internal_url = Some(url.into());
        self
    }

    /// The `Host` header of our requests to the provider, if it differs from the address.
    pub fn internal_host(mut self, host: impl Into<String>) -> Self {
        self.internal_host = Some(host.into());
        self
    }

    /// Certificates to trust beside the system's, in PEM.
    pub fn ca(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca = Some(pem.into());
        self
    }

    /// For how long past their lifetime keys and metadata are used while the provider cannot be reached: 1 h if not
    /// set; zero for never.
    pub fn max_stale(mut self, max_stale: Duration) -> Self {
        self.max_stale = Some(max_stale);
        self
    }

    /// The transport to the provider; `reqwest` if not set. `ca` is then the transport's own business.
    pub fn http_client(mut self, client: impl HttpClient) -> Self {
        self.http_client = Some(Arc::new(client));
        self
    }

    /// The clock; the system's if not set.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    pub(crate) fn chosen_profile(&self) -> Profile {
        self.profile.unwrap_or(Profile::GENERIC)
    }
}

impl fmt::Debug for ProviderBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderBuilder")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}
