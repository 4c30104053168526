//! Clients, logins, and what goes wrong with them.

use std::sync::Arc;

use serde_json::Value;

use super::TestProvider;
use crate::browser::Browser;
use crate::client::{ClientBuilder, Clients};
use crate::endpoint::tell;
use crate::flow::{LogoutMessage, TokenKind};
use crate::token::TokenBuilder;

impl TestProvider {
    /// The confidential client that every provider knows: `client_secret_basic` with
    /// [`CLIENT_SECRET`](Self::CLIENT_SECRET).
    ///
    /// Its redirect URIs, and those of the public client, are `/auth/callback` and `/auth/logged-out` below
    /// `https://app.example.com`, `http://127.0.0.1:8000` and `http://localhost:8000`.
    pub const CLIENT_ID: &str = Clients::CONFIDENTIAL;
    /// The secret of [`CLIENT_ID`](Self::CLIENT_ID).
    pub const CLIENT_SECRET: &str = Clients::SECRET;
    /// The public client that every provider knows.
    pub const PUBLIC_CLIENT_ID: &str = Clients::PUBLIC;

    /// Registers a client, or changes a registered one: the builder starts with what is known of it.
    pub fn client(&self, id: &str) -> ClientBuilder {
        ClientBuilder::new(Arc::clone(&self.state), id)
    }

    /// Forgets a client.
    pub fn remove_client(&self, id: &str) {
        self.state.clients().remove(id);
    }

    /// A browser without cookies.
    #[must_use]
    pub fn browser(&self) -> Browser {
        Browser::new(Arc::clone(&self.state))
    }

    /// Signs a user in with a new browser and allows what is asked; returns the URL that the application is called
    /// back with. For more than that there is [`browser`](Self::browser).
    ///
    /// # Panics
    /// Panics when the provider shows an error page instead.
    pub async fn sign_in(&self, authorize_url: &str, user: &str) -> String {
        self.browser().sign_in(authorize_url, user).await
    }

    /// The sessions that a user has at the provider, by their `sid`.
    #[must_use]
    pub fn sids(&self, subject: &str) -> Vec<String> {
        self.state.visitors().sids(subject)
    }

    /// Ends every session of a user, as an administrator would, and tells the clients by their back channel.
    pub async fn end_sessions(&self, subject: &str) {
        let ended = self.state.visitors().sign_out_user(subject);
        for login in ended {
            tell(&self.state, &login);
        }
        self.state.deliver_logouts().await;
    }

    /// What clients were told when sessions ended, first one first: on loopback it was posted to them, in memory a test
    /// delivers it itself.
    #[must_use]
    pub fn logout_messages(&self) -> Vec<LogoutMessage> {
        self.state.logouts().all()
    }

    /// Changes every ID token for a code, until [`heal_tokens`](Self::heal_tokens): another `iss`, a missing `sub`, a
    /// corrupted signature.
    ///
    /// ```
    /// # let provider = portcullis_testkit::TestProvider::in_memory();
    /// provider.id_token_fault(|token| token.claim("iss", "https://evil.example"));
    /// provider.id_token_fault(|token| token.without("iat").without_header("kid").corrupt_signature());
    /// ```
    pub fn id_token_fault(&self, change: impl Fn(TokenBuilder) -> TokenBuilder + Send + Sync + 'static) {
        self.token_fault(TokenKind::IdToken, change);
    }

    /// Changes every token of this kind, until [`heal_tokens`](Self::heal_tokens); it replaces the change before.
    pub fn token_fault(&self, kind: TokenKind, change: impl Fn(TokenBuilder) -> TokenBuilder + Send + Sync + 'static) {
        self.state.hooks().lasting(kind, Arc::new(change));
    }

    /// Changes the next `times` tokens of this kind; called again, the changes follow one another.
    pub fn token_fault_times(
        &self,
        kind: TokenKind,
        times: usize,
        change: impl Fn(TokenBuilder) -> TokenBuilder + Send + Sync + 'static,
    ) {
        self.state.hooks().counted(kind, times, Arc::new(change));
    }

    /// Ends every change of this kind of token.
    pub fn heal_tokens(&self, kind: TokenKind) {
        self.state.hooks().heal(kind);
    }

    /// Changes the parameters of every authorization response, errors included: a wrong `iss`, no `state`, two codes.
    pub fn authorization_response_fault(&self, change: impl Fn(&mut Vec<(String, String)>) + Send + Sync + 'static) {
        self.state.hooks().set_authorization_response(Some(Arc::new(change)));
    }

    /// Ends the change of authorization responses.
    pub fn heal_authorization_response(&self) {
        self.state.hooks().set_authorization_response(None);
    }

    /// Rotates the keys just before the tokens of the next `times` token answers are signed, so that nobody can have
    /// their keys yet.
    pub fn rotate_keys_before_signing(&self, times: usize) {
        self.state.hooks().add_rotations(times);
    }

    /// Whether authorization responses name the issuer, and the metadata says so (RFC 9207); they do if not set.
    pub fn set_authorization_response_iss(&self, present: bool) {
        self.state.published().response_iss = present;
    }

    /// Changes the metadata documents from now on; it replaces the change before.
    pub fn set_metadata(&self, patch: impl Fn(&mut Value) + Send + Sync + 'static) {
        self.state.published().metadata_patch = Some(Arc::new(patch));
    }
}
