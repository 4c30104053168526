//! The provider as a test sees it.

mod builder;
mod control;
mod flow;
mod keys;
mod state;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::Value;

pub use self::builder::TestProviderBuilder;
pub(crate) use self::state::{Answer, State};
use crate::clock::TestClock;
use crate::token::TokenBuilder;
use crate::transport::loopback::Loopback;
use crate::transport::memory::MemoryClient;

/// A development OpenID provider on loopback or in memory.
///
/// Methods take `&self`: one provider can be scripted from a test while the code under test uses it. Dropping it
/// closes its socket.
#[derive(Debug)]
pub struct TestProvider {
    state: Arc<State>,
    loopback: Option<Loopback>,
}

impl TestProvider {
    /// Starts a provider on loopback, on a port that the operating system chooses.
    ///
    /// # Panics
    /// Panics when loopback cannot be listened on; [`TestProviderBuilder::start`] returns the error.
    pub async fn start() -> Self {
        Self::builder().start().await.expect("the provider can listen on loopback")
    }

    /// Starts a provider on this address.
    ///
    /// # Panics
    /// Panics when it cannot be listened on; [`TestProviderBuilder::start_on`] returns the error.
    pub async fn start_on(address: SocketAddr) -> Self {
        Self::builder().start_on(address).await.expect("the provider can listen on its address")
    }

    /// Makes a provider without a socket, reached through [`http_client`](Self::http_client).
    #[must_use]
    pub fn in_memory() -> Self {
        Self::builder().in_memory()
    }

    /// Starts with the defaults: ES256, no issuer path, audience `https://api.example.com`.
    pub fn builder() -> TestProviderBuilder {
        TestProviderBuilder::new()
    }

    pub(crate) fn new(state: Arc<State>, loopback: Option<Loopback>) -> Self {
        Self { state, loopback }
    }

    /// The exact issuer identifier.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.state.issuer.clone()
    }

    /// Scheme and authority of where the provider is reached, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.state.base_url.clone()
    }

    /// The audience of a token that names none.
    #[must_use]
    pub fn audience(&self) -> String {
        self.state.audience.clone()
    }

    /// The clock the provider and its tokens live by.
    #[must_use]
    pub fn clock(&self) -> TestClock {
        self.state.clock.clone()
    }

    /// The address listened on; `None` in memory.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.loopback.as_ref().map(Loopback::address)
    }

    /// A client that answers from this provider's memory; requests to any other host fail and are listed by
    /// [`unexpected`](Self::unexpected).
    #[must_use]
    pub fn http_client(&self) -> MemoryClient {
        MemoryClient::new(Arc::clone(&self.state))
    }

    /// Stops listening and breaks every open connection, as a killed process does. Keys, tokens, faults and
    /// counters stay. The in-memory client fails to connect too, but its requests in flight go on.
    pub async fn stop(&self) {
        self.state.set_stopped(true);
        if let Some(loopback) = &self.loopback {
            loopback.stop().await;
        }
    }

    /// Listens again, on the same port.
    ///
    /// # Errors
    /// Returns the error of the socket: somebody else may have taken the port.
    pub async fn restart(&self) -> io::Result<()> {
        self.state.set_stopped(false);
        match &self.loopback {
            Some(loopback) => loopback.restart(Arc::clone(&self.state)).await,
            None => Ok(()),
        }
    }

    /// Starts a token; without further calls a correct RFC 9068 access token of alice's without scopes.
    pub fn token(&self) -> TokenBuilder {
        TokenBuilder::new(Arc::clone(&self.state))
    }

    /// Starts a logout token; without further calls a correct one that ends every session of alice's at the client
    /// [`CLIENT_ID`](Self::CLIENT_ID).
    ///
    /// ```
    /// # let provider = portcullis_testkit::TestProvider::in_memory();
    /// let of_one_session = provider.logout_token().without("sub").sid("a session").mint();
    /// let not_an_event = provider.logout_token().claim("events", serde_json::json!({})).mint();
    /// ```
    pub fn logout_token(&self) -> TokenBuilder {
        self.token().logout_token()
    }

    /// An access token with everything this user has: alice every permission, bob none.
    ///
    /// For one that differs, start with `provider.token().user("alice")`.
    #[must_use]
    pub fn token_for(&self, subject: &str) -> String {
        self.token().user(subject).mint()
    }

    /// Makes the provider forget a token: userinfo answers 401 to an access token from now on. A refresh token goes
    /// with its whole grant, as an administrator would end it.
    pub fn revoke(&self, token: &str) {
        let grant = self.state.grants().grant_of(token);
        if let Some(grant) = grant {
            self.state.grants().revoke(&grant.id);
        }
        self.state.issued().revoke(token);
    }

    /// Adds a user with these userinfo claims and no permissions, or gives a known user other claims; `sub` is
    /// filled in unless it is there (set another to provoke a mismatch).
    ///
    /// # Panics
    /// Panics when `claims` is not an object.
    pub fn user(&self, subject: &str, claims: Value) {
        self.state.users().set(subject, claims);
    }

    /// Gives a user exactly these permissions in the tokens made from now on.
    pub fn grant<P: Into<String>>(&self, subject: &str, permissions: impl IntoIterator<Item = P>) {
        self.state.users().grant(subject, permissions.into_iter().map(Into::into).collect());
    }

    /// Forgets a user.
    pub fn remove_user(&self, subject: &str) {
        self.state.users().remove(subject);
    }
}
