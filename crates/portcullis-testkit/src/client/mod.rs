//! The applications the provider knows.

mod builder;
mod key;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

pub use self::builder::ClientBuilder;
pub use self::key::ClientKey;

/// How a client proves who it is at the token and revocation endpoints (OpenID Connect Core 9).
///
/// The provider insists on the registered method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuth {
    /// Not at all: a public client, which PKCE protects.
    None,
    /// `client_secret_basic`: id and secret form-urlencoded, then HTTP Basic (RFC 6749 section 2.3.1).
    SecretBasic,
    /// `client_secret_post`: id and secret in the form.
    SecretPost,
    /// `private_key_jwt`: an assertion signed with a key of the client's (RFC 7523 section 2.2).
    PrivateKeyJwt,
}

/// What the `aud` of a client assertion has to be, as a single string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AssertionAudience {
    /// The issuer identifier.
    #[default]
    Issuer,
    /// The token endpoint, as older providers want it.
    TokenEndpoint,
}

/// One registered client.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) auth: ClientAuth,
    pub(crate) secret: Option<String>,
    pub(crate) jwks: Option<Value>,
    pub(crate) assertion_audience: AssertionAudience,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) post_logout_redirect_uris: Vec<String>,
    pub(crate) back_channel_logout_uri: Option<String>,
    pub(crate) front_channel_logout_uri: Option<String>,
    pub(crate) consent: bool,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) audiences: Vec<String>,
    pub(crate) permissions: Vec<String>,
    /// What a reused session and a fresh login are worth.
    pub(crate) acr: [String; 2],
    pub(crate) id_token_alg: Option<String>,
    pub(crate) userinfo_alg: Option<String>,
    pub(crate) code_hash: bool,
    pub(crate) user_claims_in_id_token: bool,
    pub(crate) fief: bool,
    pub(crate) rotates: bool,
    pub(crate) lifetimes: Lifetimes,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Lifetimes {
    pub(crate) code: Duration,
    pub(crate) access_token: Duration,
    pub(crate) id_token: Duration,
    pub(crate) refresh_token: Duration,
}

impl Client {
    /// A public client that may do nothing yet.
    pub(crate) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: id.to_owned(),
            auth: ClientAuth::None,
            secret: None,
            jwks: None,
            assertion_audience: AssertionAudience::Issuer,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            back_channel_logout_uri: None,
            front_channel_logout_uri: None,
            consent: false,
            scopes: None,
            audiences: Vec::new(),
            permissions: Vec::new(),
            acr: ["0".to_owned(), "1".to_owned()],
            id_token_alg: None,
            userinfo_alg: None,
            code_hash: false,
            user_claims_in_id_token: false,
            fief: false,
            rotates: true,
            lifetimes: Lifetimes {
                code: Duration::from_secs(60),
                access_token: Duration::from_secs(300),
                id_token: Duration::from_secs(300),
                refresh_token: Duration::from_secs(30 * 24 * 3600),
            },
        }
    }

    /// A scope that this client may not ask for.
    pub(crate) fn unknown_scope<'a>(&self, scope: &'a [String]) -> Option<&'a String> {
        let known = self.scopes.as_ref()?;
        scope.iter().find(|scope| !known.contains(scope))
    }

    /// The `acr` of a login: reused or fresh.
    pub(crate) fn level(&self, fresh: bool) -> &str {
        &self.acr[usize::from(fresh)]
    }
}

/// The clients by their id.
pub(crate) struct Clients(BTreeMap<String, Client>);

impl Clients {
    pub(crate) const CONFIDENTIAL: &str = "app";
    pub(crate) const PUBLIC: &str = "public-app";
    /// Long enough for HS256.
    pub(crate) const SECRET: &str = "a-secret-that-is-no-secret-0123456789";

    pub(crate) fn with_defaults() -> Self {
        let mut clients = Self(BTreeMap::new());
        let bases = ["https://app.example.com", "http://127.0.0.1:8000", "http://localhost:8000"];
        let mut public = Client::new(Self::PUBLIC);
        "Example application (public)".clone_into(&mut public.name);
        public.redirect_uris = bases.map(|base| format!("{base}/auth/callback")).into();
        public.post_logout_redirect_uris = bases.map(|base| format!("{base}/auth/logged-out")).into();
        let mut confidential = Client { id: Self::CONFIDENTIAL.to_owned(), ..public.clone() };
        "Example application".clone_into(&mut confidential.name);
        confidential.auth = ClientAuth::SecretBasic;
        confidential.secret = Some(Self::SECRET.to_owned());
        clients.set(public);
        clients.set(confidential);
        clients
    }

    pub(crate) fn find(&self, id: &str) -> Option<Client> {
        self.0.get(id).cloned()
    }

    pub(crate) fn set(&mut self, client: Client) {
        self.0.insert(client.id.clone(), client);
    }

    pub(crate) fn remove(&mut self, id: &str) {
        self.0.remove(id);
    }
}
