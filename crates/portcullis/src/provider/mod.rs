//! The OpenID provider, and our client of it.

pub(crate) mod address;
mod authorize;
mod build;
mod builder;
mod client;
mod client_keys;
pub(crate) mod document;
mod end_session;
pub(crate) mod exchange;
mod flights;
mod logout_token;
pub(crate) mod metadata;
mod profile;
mod response_mode;
mod revocation;
mod status;
mod token_endpoint;
mod token_response;
mod tokens;
mod transaction;
mod user_info;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use self::authorize::{Authorization, AuthorizeUrl, Prompt};
pub(crate) use self::build::noted;
pub use self::builder::{IdTokenAlg, ProviderBuilder};
pub use self::client::ClientAuth;
pub(crate) use self::end_session::EndSessionForm;
pub use self::end_session::EndSessionUrlBuilder;
pub(crate) use self::flights::{Flights, Landed};
pub use self::profile::Profile;
pub(crate) use self::profile::{Separation, TokenType};
pub use self::response_mode::ResponseMode;
pub use self::revocation::Revocable;
pub use self::status::{IssuerState, IssuerStatus};
pub use self::tokens::Tokens;
pub use self::transaction::Transaction;
pub(crate) use self::user_info::UserInfoAnswer;

use self::address::BackChannel;
use self::client::Client;
use self::document::Document;
use self::exchange::Exchange;
use self::metadata::{Metadata, MetadataSource};
use crate::clock::Clock;
use crate::error::{ProviderEndpoint, ProviderError};
use crate::keys::KeyEngine;
use crate::token::IdTokenKeys;
use crate::transport::HttpClient;

/// An OpenID provider, and our client of it: where users log in, and what their tokens are checked with.
///
/// Its metadata and keys are fetched when first needed, kept, and refreshed before they are old. A clone shares
/// everything.
///
/// ```no_run
/// # async fn login() -> Result<(), Box<dyn std::error::Error>> {
/// use portcullis::Provider;
///
/// let provider = Provider::builder("https://id.example.com", "castles").client_secret("…").build()?;
/// let login = provider.authorize_url("https://castles.example/callback").build().await?;
/// // Send the browser to `login.url`, keep `login.transaction`. At the callback:
/// # let (code, state) = ("", "");
/// if login.transaction.matches_state(state) {
///     let tokens = provider.exchange_code(code, &login.transaction).await?;
///     println!("hello {}", tokens.id_token().map_or("stranger", |token| token.subject()));
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Provider(Arc<Shared>);

struct Shared {
    issuer: Arc<str>,
    client: Client,
    keys: KeyEngine,
    metadata: Document<MetadataSource>,
    exchange: Exchange,
    clock: Arc<dyn Clock>,
}

/// What a provider is made of.
struct Connection {
    issuer: Arc<str>,
    client: Client,
    transport: Arc<dyn HttpClient>,
    back_channel: BackChannel,
    clock: Arc<dyn Clock>,
    max_stale: Duration,
}

impl Provider {
    /// Starts with the two settings that every client has.
    pub fn builder(issuer: impl Into<String>, client_id: impl Into<String>) -> ProviderBuilder {
        ProviderBuilder::default().issuer(issuer).client_id(client_id)
    }

    fn new(connection: Connection) -> Self {
        let Connection { issuer, client, transport, back_channel, clock, max_stale } = connection;
        let exchange = Exchange::new(transport, Arc::new(back_channel));
        let source = MetadataSource::new(Arc::clone(&issuer), exchange.clone());
        let metadata = Document::new(source, Arc::clone(&clock), max_stale);
        let keys = KeyEngine::new(metadata.clone(), exchange.clone(), Arc::clone(&clock), max_stale);
        Self(Arc::new(Shared { issuer, client, keys, metadata, exchange, clock }))
    }

    /// The issuer identifier.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// Starts a login: where to send the browser, which comes back to `redirect_uri` (registered with the provider).
    pub fn authorize_url(&self, redirect_uri: impl Into<String>) -> AuthorizeUrl<'_> {
        AuthorizeUrl::new(self, redirect_uri.into())
    }

    /// Starts a logout at the provider: where to send the browser. The application's own session ends first.
    pub fn end_session_url(&self) -> EndSessionUrlBuilder<'_> {
        EndSessionUrlBuilder::new(self)
    }

    /// How current the provider's keys are.
    #[must_use]
    pub fn status(&self) -> IssuerStatus {
        IssuerStatus::of(&self.0.issuer, &self.0.keys.status(), self.0.metadata.status().last_error)
    }

    pub(crate) fn keys(&self) -> &KeyEngine {
        &self.0.keys
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    async fn metadata(&self) -> Result<Arc<Metadata>, ProviderError> {
        self.0.metadata.current().await
    }

    pub(crate) async fn announces_issuer(&self) -> Result<bool, ProviderError> {
        Ok(self.metadata().await?.announces_issuer)
    }

    /// Fetches what a code exchange needs, where it is not at hand: a code that is spent before the ID token can be
    /// validated is lost.
    pub(crate) async fn prepare_exchange(&self) -> Result<(), ProviderError> {
        self.metadata().await?;
        let policy = self.0.client.id_tokens.as_ref();
        if policy.is_some_and(|policy| matches!(policy.keys, IdTokenKeys::Published(_))) {
            self.0.keys.at_hand().await?;
        }
        Ok(())
    }

    /// The scopes that a login asks for.
    pub(crate) fn scopes(&self) -> &[String] {
        &self.0.client.scopes
    }

    pub(crate) fn client_id(&self) -> Option<&str> {
        self.0.client.client_id.as_deref()
    }

    /// An API guard has no client of its own unless one is configured.
    fn required_client_id(&self) -> Result<&str, ProviderError> {
        let client_id = self.0.client.client_id.as_deref();
        client_id.ok_or_else(|| ProviderError::unusable(ProviderEndpoint::Token, "no_client_id"))
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("issuer", &self.0.issuer)
            .field("client_id", &self.0.client.client_id)
            .field("profile", &self.0.client.profile.name())
            .finish_non_exhaustive()
    }
}
