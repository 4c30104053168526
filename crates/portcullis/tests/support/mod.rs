//! What the tests of the provider client share: a login at the development provider, in memory, its clock held.

#![allow(dead_code, reason = "each test binary uses its part")]

use portcullis::{
    Authorization, InvalidToken, Provider, ProviderBuilder, ProviderError, ProviderErrorKind, Tokens, UserInfo,
};
use portcullis_testkit::{Endpoint, RecordedRequest, TestProvider};
use url::Url;

pub(crate) const CALLBACK: &str = "https://app.example.com/auth/callback";
pub(crate) const SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// A provider, and our client of it.
#[derive(Debug)]
pub(crate) struct Login {
    pub(crate) server: TestProvider,
    pub(crate) provider: Provider,
}

/// How often each back-channel endpoint was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Asked {
    pub(crate) discovery: usize,
    pub(crate) jwks: usize,
    pub(crate) token: usize,
    pub(crate) userinfo: usize,
}

impl Login {
    /// The confidential client, ES256.
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub(crate) fn with(settings: impl FnOnce(ProviderBuilder) -> ProviderBuilder) -> Self {
        Self::at(TestProvider::in_memory(), settings)
    }

    pub(crate) fn at(server: TestProvider, settings: impl FnOnce(ProviderBuilder) -> ProviderBuilder) -> Self {
        let provider = settings(confidential(&server)).build().unwrap();
        Self { server, provider }
    }

    pub(crate) async fn begin(&self) -> Authorization {
        self.provider.authorize_url(CALLBACK).build().await.unwrap()
    }

    /// Alice signs in; the code that comes back, its `state` compared as an application does.
    pub(crate) async fn code(&self, login: &Authorization) -> String {
        let callback = self.server.sign_in(&login.url, "alice").await;
        let state = parameter(&callback, "state").unwrap();
        assert!(login.transaction.matches_state(&state));
        parameter(&callback, "code").unwrap()
    }

    pub(crate) async fn finish(&self, login: &Authorization) -> Result<Tokens, ProviderError> {
        let code = self.code(login).await;
        self.provider.exchange_code(&code, &login.transaction).await
    }

    pub(crate) async fn sign_in(&self) -> Result<Tokens, ProviderError> {
        self.finish(&self.begin().await).await
    }

    pub(crate) async fn tokens(&self) -> Tokens {
        self.sign_in().await.unwrap()
    }

    pub(crate) async fn user_info(&self, tokens: &Tokens) -> Result<UserInfo, ProviderError> {
        let subject = tokens.id_token().unwrap().subject();
        self.provider.user_info(tokens.access_token(), subject).await
    }

    /// A login with userinfo at its end, as a web application does it.
    pub(crate) async fn whole(&self) -> Result<UserInfo, ProviderError> {
        let tokens = self.sign_in().await?;
        self.user_info(&tokens).await
    }

    /// Why a login is refused; nothing may have been asked of userinfo, and the code was sent once.
    pub(crate) async fn refusal(&self) -> ProviderErrorKind {
        let refused = self.whole().await.unwrap_err().kind();
        let asked = self.asked();
        assert_eq!((asked.token, asked.userinfo), (1, 0), "after {refused:?}");
        refused
    }

    pub(crate) async fn refresh(&self, tokens: &Tokens) -> Result<Tokens, ProviderError> {
        self.provider.refresh(tokens.refresh_token().unwrap(), tokens.id_token().unwrap()).await
    }

    /// What was asked; nothing may have been tried that the metadata does not name.
    pub(crate) fn asked(&self) -> Asked {
        assert!(self.server.unexpected().is_empty(), "{:?}", self.server.unexpected());
        assert_eq!(self.server.requests(Endpoint::AuthorizationServerMetadata), 0, "nothing is probed");
        assert_eq!(self.server.requests(Endpoint::Revocation), 0);
        Asked {
            discovery: self.server.requests(Endpoint::Discovery),
            jwks: self.server.requests(Endpoint::Jwks),
            token: self.server.requests(Endpoint::Token),
            userinfo: self.server.requests(Endpoint::UserInfo),
        }
    }

    /// The last request to this endpoint.
    pub(crate) fn last(&self, endpoint: Endpoint) -> RecordedRequest {
        self.server.received(endpoint).pop().unwrap()
    }
}

/// The settings of the confidential client that every provider knows.
pub(crate) fn confidential(server: &TestProvider) -> ProviderBuilder {
    Provider::builder(server.issuer(), TestProvider::CLIENT_ID)
        .client_secret(TestProvider::CLIENT_SECRET)
        .scopes(SCOPES)
        .http_client(server.http_client())
        .clock(server.clock())
}

/// The settings of a client that has nothing but its id.
pub(crate) fn bare(server: &TestProvider, client_id: &str) -> ProviderBuilder {
    Provider::builder(server.issuer(), client_id).scopes(SCOPES).http_client(server.http_client()).clock(server.clock())
}

pub(crate) fn parameters(url: &str) -> Vec<(String, String)> {
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    parameters(url).into_iter().find(|(found, _)| found == name).map(|(_, value)| value)
}

pub(crate) fn invalid(reason: InvalidToken) -> ProviderErrorKind {
    ProviderErrorKind::InvalidIdToken(reason)
}
