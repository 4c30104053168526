//! Settings of a provider.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;

use super::TestProvider;
use super::state::{Published, State};
use crate::client::Clients;
use crate::clock::TestClock;
use crate::endpoint::MetadataForm;
use crate::fault::Script;
use crate::flow::{Grants, Hooks, Issued, Logouts, Visitors};
use crate::key::{Algorithm, KeySet};
use crate::traffic::Traffic;
use crate::transport::loopback::Loopback;
use crate::user::Users;

const IN_MEMORY_URL: &str = "https://provider.test";

/// Sets up a [`TestProvider`].
///
/// ```
/// use portcullis_testkit::{Algorithm, TestProvider};
///
/// let provider = TestProvider::builder().issuer_path("/realms/castles").algorithms([Algorithm::EdDsa]).in_memory();
/// assert_eq!(provider.issuer(), "https://provider.test/realms/castles");
/// ```
#[derive(Debug)]
#[must_use]
pub struct TestProviderBuilder {
    issuer: Option<String>,
    issuer_path: String,
    host: String,
    jwks_path: String,
    audience: String,
    clock: Option<TestClock>,
    algorithms: Vec<Algorithm>,
    own_rsa_keys: bool,
    metadata_form: MetadataForm,
}

impl TestProviderBuilder {
    pub(super) fn new() -> Self {
        Self {
            issuer: None,
            issuer_path: String::new(),
            host: String::new(),
            jwks_path: "/jwks".to_owned(),
            audience: "https://api.example.com".to_owned(),
            clock: None,
            algorithms: vec![Algorithm::Es256],
            own_rsa_keys: false,
            metadata_form: MetadataForm::Absent,
        }
    }

    /// Appends a path to the issuer as it is, `/` and `/realms/castles/` included. The endpoints are below it.
    pub fn issuer_path(mut self, path: impl Into<String>) -> Self {
        self.issuer_path = path.into();
        self
    }

    /// Announces exactly this issuer, wherever the provider is reached: Fief says `https` while it serves `http`.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Announces this host name instead of the address on loopback: with `localhost` the provider is another site than
    /// an application on `127.0.0.1`, and has another jar of cookies.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// Serves the key set at this path below the issuer's, so that only who reads the metadata finds it; `/jwks` if
    /// not set.
    pub fn jwks_path(mut self, path: impl Into<String>) -> Self {
        self.jwks_path = path.into();
        self
    }

    /// The audience of a token that names none; `https://api.example.com` if not set.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = audience.into();
        self
    }

    /// The time to live by. If not set, a provider on loopback runs with the system's clock and one in memory
    /// stands still at the present second.
    pub fn clock(mut self, clock: TestClock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// The algorithms to publish a key for, the default one first; ES256 if not set.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// Generates RSA keys of its own, instead of those that providers of one process share to be fast.
    pub fn own_rsa_keys(mut self) -> Self {
        self.own_rsa_keys = true;
        self
    }

    /// Where to serve the RFC 8414 document.
    pub fn authorization_server_metadata(mut self, form: MetadataForm) -> Self {
        self.metadata_form = form;
        self
    }

    /// Builds a provider without a socket, reached through
    /// [`http_client`](TestProvider::http_client) at `https://provider.test`.
    #[must_use]
    pub fn in_memory(self) -> TestProvider {
        let clock = self.clock.clone().unwrap_or_default();
        TestProvider::new(self.state(IN_MEMORY_URL.to_owned(), clock, false), None)
    }

    /// Starts a provider on loopback, on a port that the operating system chooses.
    ///
    /// # Errors
    /// Returns the error of the socket.
    pub async fn start(self) -> io::Result<TestProvider> {
        self.start_on((Ipv4Addr::LOCALHOST, 0).into()).await
    }

    /// Starts a provider on this address.
    ///
    /// # Errors
    /// Returns the error of the socket.
    pub async fn start_on(self, address: SocketAddr) -> io::Result<TestProvider> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let clock = self.clock.clone().unwrap_or_else(TestClock::running);
        let base_url = match self.host.as_str() {
            "" => format!("http://{address}"),
            host => format!("http://{host}:{}", address.port()),
        };
        let state = self.state(base_url, clock, true);
        let loopback = Loopback::serve(listener, Arc::clone(&state))?;
        Ok(TestProvider::new(state, Some(loopback)))
    }

    fn state(self, base_url: String, clock: TestClock, delivers: bool) -> Arc<State> {
        let published = Published {
            metadata_form: self.metadata_form,
            metadata_patch: None,
            jwks_cache_control: None,
            response_iss: true,
        };
        Arc::new(State {
            issuer: self.issuer.unwrap_or_else(|| format!("{base_url}{}", self.issuer_path)),
            base_url,
            path: self.issuer_path.trim_end_matches('/').to_owned(),
            jwks_path: self.jwks_path,
            audience: self.audience,
            clock,
            traffic: Traffic::default(),
            script: Script::default(),
            keys: Mutex::new(KeySet::new(&self.algorithms, self.own_rsa_keys)),
            users: Mutex::new(Users::alice_and_bob()),
            clients: Mutex::new(Clients::with_defaults()),
            visitors: Mutex::new(Visitors::default()),
            grants: Mutex::new(Grants::default()),
            issued: Mutex::new(Issued::default()),
            logouts: Mutex::new(Logouts::default()),
            hooks: Mutex::new(Hooks::default()),
            published: Mutex::new(published),
            stopped: AtomicBool::new(false),
            delivers,
        })
    }
}
