//! Where the browser is sent to log out at the provider.

use openidconnect::{ClientId, CsrfToken, EndSessionUrl, LogoutRequest, PostLogoutRedirectUrl};
use url::Url;

use super::Provider;
use super::profile::Logout;
use crate::error::{ProviderEndpoint, ProviderError};
use crate::token::IdToken;

/// Builds the URL that a browser is sent to (OpenID Connect RP-Initiated Logout 1.0 section 2), or what the
/// provider's profile has in its place.
#[derive(Debug)]
#[must_use]
pub struct EndSessionUrlBuilder<'p> {
    provider: &'p Provider,
    id_token_hint: Option<&'p IdToken>,
    post_logout_redirect_uri: Option<String>,
    state: Option<String>,
}

/// What a browser posts to log out at the provider. One of the fields is the ID token.
pub(crate) struct EndSessionForm {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl<'p> EndSessionUrlBuilder<'p> {
    pub(super) fn new(provider: &'p Provider) -> Self {
        Self { provider, id_token_hint: None, post_logout_redirect_uri: None, state: None }
    }

    /// Says whose session ends: with it the provider need not ask the user.
    pub fn id_token_hint(mut self, id_token: &'p IdToken) -> Self {
        self.id_token_hint = Some(id_token);
        self
    }

    /// Where the provider sends the browser afterwards; registered with it.
    pub fn post_logout_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.post_logout_redirect_uri = Some(uri.into());
        self
    }

    /// Comes back with the browser. Let it be nothing that tells about the user.
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// Builds the URL; `None` where the provider has no logout. Asks the provider for its metadata if that is not
    /// known yet.
    ///
    /// # Errors
    /// Returns an error when the metadata cannot be had, or when the redirect URI is no URL.
    pub async fn build(self) -> Result<Option<String>, ProviderError> {
        match self.provider.0.client.profile.logout {
            Logout::Standard => Ok(self.standard().await?.map(|(_, url)| url.into())),
            Logout::Own { segment, parameter } => self.own(segment, parameter).await,
        }
    }

    /// The same as a form for the browser to post (section 2 allows both): a hint can be longer than a URL may be.
    /// `None` where the provider has no logout, or one that knows no forms.
    pub(crate) async fn form(self) -> Result<Option<EndSessionForm>, ProviderError> {
        if self.provider.0.client.profile.logout != Logout::Standard {
            return Ok(None);
        }
        let Some((endpoint, url)) = self.standard().await? else { return Ok(None) };
        // What the endpoint has in its query stays there; the rest are our parameters.
        let fields = url.query_pairs().skip(endpoint.query_pairs().count());
        let fields = fields.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        Ok(Some(EndSessionForm { action: endpoint.into(), fields }))
    }

    /// The endpoint, and the endpoint with our parameters.
    async fn standard(self) -> Result<Option<(Url, Url)>, ProviderError> {
        let metadata = self.provider.metadata().await?;
        let Some(endpoint) = metadata.end_session_endpoint.clone() else { return Ok(None) };
        let mut request = LogoutRequest::from(EndSessionUrl::from_url(endpoint.clone()));
        if let Some(client_id) = &self.provider.0.client.client_id {
            request = request.set_client_id(ClientId::new(client_id.clone()));
        }
        if let Some(uri) = self.post_logout_redirect_uri {
            let uri = PostLogoutRedirectUrl::new(uri).map_err(|_| not_a_url())?;
            request = request.set_post_logout_redirect_uri(uri);
        }
        if let Some(state) = self.state {
            request = request.set_state(CsrfToken::new(state));
        }
        let mut url = request.http_get_url();
        // The raw token, byte for byte: the provider compares it with what it has issued.
        if let Some(hint) = self.id_token_hint {
            url.query_pairs_mut().append_pair("id_token_hint", hint.secret().expose());
        }
        Ok(Some((endpoint, url)))
    }

    /// Beside the authorization endpoint: that is where the provider is for browsers.
    async fn own(self, segment: &str, parameter: &str) -> Result<Option<String>, ProviderError> {
        let metadata = self.provider.metadata().await?;
        let Some(mut url) = metadata.authorization_endpoint.clone() else { return Ok(None) };
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop().push(segment);
        }
        url.set_query(None);
        if let Some(uri) = self.post_logout_redirect_uri {
            Url::parse(&uri).map_err(|_| not_a_url())?;
            url.query_pairs_mut().append_pair(parameter, &uri);
        }
        Ok(Some(url.into()))
    }
}

fn not_a_url() -> ProviderError {
    ProviderError::unusable(ProviderEndpoint::EndSession, "post_logout_redirect_uri_is_no_url")
}
