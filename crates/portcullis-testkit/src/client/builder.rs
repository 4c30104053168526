//! Registering a client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use serde_json::{Value, json};

use super::{AssertionAudience, Client, ClientAuth, ClientKey};
use crate::key::Algorithm;
use crate::provider::State;

/// Registers a client, or changes a registered one; start with [`TestProvider::client`](crate::TestProvider::client).
///
/// A client that is new is public, may use every scope, and needs at least a redirect URI.
///
/// ```
/// use portcullis_testkit::TestProvider;
///
/// let provider = TestProvider::in_memory();
/// provider
///     .client("shop")
///     .secret("swordfish")
///     .redirect_uri("https://shop.example/auth/callback")
///     .consent(true)
///     .register();
/// ```
#[must_use = "the client is known after `register`"]
pub struct ClientBuilder {
    provider: Arc<State>,
    client: Client,
}

impl ClientBuilder {
    pub(crate) fn new(provider: Arc<State>, id: &str) -> Self {
        let known = provider.clients().find(id);
        Self { provider, client: known.unwrap_or_else(|| Client::new(id)) }
    }

    /// The name that the pages show; the id if not set.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.client.name = name.into();
        self
    }

    /// Gives the client a secret, for `client_secret_basic` unless [`auth`](Self::auth) says otherwise. Any text is
    /// fine, `:%+ ü` included.
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.client.secret = Some(secret.into());
        if self.client.auth == ClientAuth::None {
            self.client.auth = ClientAuth::SecretBasic;
        }
        self
    }

    /// How the client has to authenticate.
    pub fn auth(mut self, auth: ClientAuth) -> Self {
        self.client.auth = auth;
        self
    }

    /// The client's public JWK set, for `private_key_jwt`.
    pub fn jwks(mut self, jwks: Value) -> Self {
        self.client.jwks = Some(jwks);
        self.auth(ClientAuth::PrivateKeyJwt)
    }

    /// Registers the public half of this key, for `private_key_jwt`.
    pub fn key(self, key: &ClientKey) -> Self {
        self.jwks(json!({ "keys": [key.public_jwk()] }))
    }

    /// What a client assertion has to name as its audience; the issuer if not set.
    pub fn assertion_audience(mut self, audience: AssertionAudience) -> Self {
        self.client.assertion_audience = audience;
        self
    }

    /// Adds a redirect URI; requests have to name one of them exactly.
    ///
    /// # Panics
    /// Panics when it has a fragment, or cannot stand in a header.
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.client.redirect_uris.push(checked(uri.into()));
        self
    }

    /// Adds a URI that the browser may return to after logout (OpenID Connect RP-Initiated Logout 3.1).
    ///
    /// # Panics
    /// Panics when it has a fragment, or cannot stand in a header.
    pub fn post_logout_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.client.post_logout_redirect_uris.push(checked(uri.into()));
        self
    }

    /// Where the client is told that a session has ended (OpenID Connect Back-Channel Logout 2.2); the token names `sub`
    /// and `sid`. On loopback the provider posts it there; in memory it is kept, see
    /// [`TestProvider::logout_messages`](crate::TestProvider::logout_messages).
    pub fn back_channel_logout_uri(mut self, uri: impl Into<String>) -> Self {
        self.client.back_channel_logout_uri = Some(uri.into());
        self
    }

    /// What the provider loads in a frame when a session has ended, with `iss` and `sid` (OpenID Connect Front-Channel
    /// Logout 2).
    ///
    /// # Panics
    /// Panics when it has a fragment, or cannot stand in a header.
    pub fn front_channel_logout_uri(mut self, uri: impl Into<String>) -> Self {
        self.client.front_channel_logout_uri = Some(checked(uri.into()));
        self
    }

    /// Forgets the redirect URIs of both kinds.
    pub fn without_redirect_uris(mut self) -> Self {
        self.client.redirect_uris.clear();
        self.client.post_logout_redirect_uris.clear();
        self
    }

    /// Whether a user is asked before this client gets anything; not asked if not set.
    pub fn consent(mut self, asked: bool) -> Self {
        self.client.consent = asked;
        self
    }

    /// The only scopes this client may ask for; any other is `invalid_scope`.
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.client.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// Adds an audience of this client's access tokens; the provider's if none is set.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.client.audiences.push(audience.into());
        self
    }

    /// Adds a permission that the client has as a machine (`client_credentials`).
    pub fn permission(mut self, permission: impl Into<String>) -> Self {
        self.client.permissions.push(permission.into());
        self
    }

    /// What a reused session and a fresh login are worth: `0` and `1` if not set.
    pub fn acr_levels(mut self, reused: impl Into<String>, fresh: impl Into<String>) -> Self {
        self.client.acr = [reused.into(), fresh.into()];
        self
    }

    /// `id_token_signed_response_alg`: the name of an [`Algorithm`], `HS256` or `none`; the provider's first key if
    /// not set.
    ///
    /// # Panics
    /// Panics when it is none of them.
    pub fn id_token_alg(mut self, name: &str) -> Self {
        self.client.id_token_alg = Some(known(name));
        self
    }

    /// `userinfo_signed_response_alg`: userinfo answers a JWT of this algorithm instead of JSON.
    ///
    /// # Panics
    /// Panics when it is neither the name of an [`Algorithm`] nor `HS256` nor `none`.
    pub fn userinfo_alg(mut self, name: &str) -> Self {
        self.client.userinfo_alg = Some(known(name));
        self
    }

    /// Whether ID tokens from the token endpoint carry `c_hash`, as Fief's do; they do not if not set.
    pub fn c_hash(mut self, present: bool) -> Self {
        self.client.code_hash = present;
        self
    }

    /// Whether ID tokens carry the user's claims too, as without a userinfo endpoint; they do not if not set.
    pub fn user_claims_in_id_token(mut self, present: bool) -> Self {
        self.client.user_claims_in_id_token = present;
        self
    }

    /// Gives this client tokens of Fief's shape, see [`TokenBuilder::fief`](crate::TokenBuilder::fief).
    pub fn fief(mut self) -> Self {
        self.client.fief = true;
        self.c_hash(true)
    }

    /// Whether a refresh token is replaced when it is used; it is if not set.
    pub fn refresh_token_rotation(mut self, rotates: bool) -> Self {
        self.client.rotates = rotates;
        self
    }

    /// How long an authorization code lives; 60 s if not set.
    pub fn code_lifetime(mut self, lifetime: Duration) -> Self {
        self.client.lifetimes.code = lifetime;
        self
    }

    /// How long an access token lives; 300 s if not set.
    pub fn access_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.client.lifetimes.access_token = lifetime;
        self
    }

    /// How long an ID token lives; 300 s if not set.
    pub fn id_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.client.lifetimes.id_token = lifetime;
        self
    }

    /// How long a refresh token lives, unless it is used; 30 days if not set.
    pub fn refresh_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.client.lifetimes.refresh_token = lifetime;
        self
    }

    /// Makes the client known, in place of one with the same id. A key that its algorithms need is published now, so
    /// that the key set does not change at the first login.
    ///
    /// # Panics
    /// Panics when the client lacks what its authentication or an algorithm needs.
    pub fn register(self) {
        let Self { provider, client } = self;
        let needs_secret = matches!(client.auth, ClientAuth::SecretBasic | ClientAuth::SecretPost)
            || [&client.id_token_alg, &client.userinfo_alg].into_iter().flatten().any(|name| name == "HS256");
        assert!(!needs_secret || client.secret.is_some(), "the client {:?} needs a secret", client.id);
        let needs_keys = client.auth == ClientAuth::PrivateKeyJwt;
        assert!(!needs_keys || client.jwks.is_some(), "the client {:?} needs public keys", client.id);
        for name in [&client.id_token_alg, &client.userinfo_alg].into_iter().flatten() {
            if let Some(algorithm) = Algorithm::named(name) {
                provider.keys().signer(None, Some(algorithm));
            }
        }
        provider.clients().set(client);
    }
}

fn checked(uri: String) -> String {
    assert!(!uri.contains('#'), "a redirect URI has no fragment: {uri}");
    assert!(HeaderValue::from_str(&uri).is_ok(), "a redirect URI stands in a header: {uri:?}");
    uri
}

fn known(name: &str) -> String {
    let known = matches!(name, "HS256" | "none") || Algorithm::named(name).is_some();
    assert!(known, "{name:?} is no algorithm that the provider can sign with");
    name.to_owned()
}

/// Without the secret: a failing assertion may end up in a public log.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("id", &self.client.id).finish_non_exhaustive()
    }
}
