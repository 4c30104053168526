//! Taking tokens back (RFC 7009).

use std::pin::Pin;

use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri};
use oauth2::{
    AccessToken, AsyncHttpClient, HttpRequest, HttpResponse, RefreshToken, RequestTokenError, RevocationUrl,
    StandardRevocableToken,
};
use serde_json::Value;

use super::Provider;
use crate::error::{OAuthError, ProviderEndpoint, ProviderError, ProviderErrorKind};
use crate::json;
use crate::secret::Secret;

/// A token that its client wants to be worth nothing from now on.
///
/// An ID token is not among them: it opens nothing, and a logout needs it as its hint.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Revocable<'t> {
    /// A refresh token; most providers end the whole grant with it, access tokens included.
    RefreshToken(&'t Secret),
    /// An access token. An API that validates it as a JWT does not learn of it before it expires.
    AccessToken(&'t Secret),
}

impl Provider {
    /// Tells the provider that a token is not needed any more (RFC 7009 section 2), with the client authentication of
    /// the token endpoint. A token that the provider does not know is revoked already, and no error.
    ///
    /// A logout does this by itself. Asks for the metadata if they are not known yet.
    ///
    /// ```no_run
    /// # async fn forget(provider: portcullis::Provider, tokens: portcullis::Tokens) -> Result<(), portcullis::ProviderError> {
    /// use portcullis::Revocable;
    ///
    /// if let Some(refresh_token) = tokens.refresh_token() {
    ///     provider.revoke(Revocable::RefreshToken(refresh_token)).await?;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns why the provider refused or could not be asked; `no_revocation_endpoint` where it has none. The token
    /// may then still be good.
    ///
    /// # Security
    /// The token travels in the body, to the endpoint that the metadata names and nowhere else: a redirect is an
    /// error.
    pub async fn revoke(&self, token: Revocable<'_>) -> Result<(), ProviderError> {
        let metadata = self.metadata().await?;
        let endpoint = metadata.revocation_endpoint.as_ref().ok_or_else(|| unusable("no_revocation_endpoint"))?;
        let target: Uri = endpoint.as_str().parse().map_err(|_| unusable("revocation_endpoint"))?;
        // The OAuth client takes https only, as section 2 says. A development provider on loopback has none, and what
        // may be asked in plain http was decided with the metadata: the request goes to what is announced.
        let mut spelled = endpoint.clone();
        spelled.set_scheme("https").map_err(|()| unusable("revocation_endpoint"))?;
        let client = self.oauth_client(&metadata)?.set_revocation_url(RevocationUrl::from_url(spelled));
        let mut request = client.revoke_token(token.wire()).map_err(|_| unusable("revocation_endpoint"))?;
        for (name, value) in self.assertion(&metadata)? {
            request = request.add_extra_param(name, value);
        }
        request.request_async(&RevocationEndpoint { provider: self, target }).await.map_err(|error| match error {
            RequestTokenError::Request(error) => error,
            _ => unusable("revocation_response"),
        })
    }
}

impl Revocable<'_> {
    fn wire(self) -> StandardRevocableToken {
        match self {
            Self::RefreshToken(token) => RefreshToken::new(token.expose().to_owned()).into(),
            Self::AccessToken(token) => AccessToken::new(token.expose().to_owned()).into(),
        }
    }
}

/// Our transport, as the OAuth client wants it.
struct RevocationEndpoint<'p> {
    provider: &'p Provider,
    target: Uri,
}

impl<'c> AsyncHttpClient<'c> for RevocationEndpoint<'_> {
    type Error = ProviderError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, ProviderError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async {
            let mut request: Request<Bytes> = request.map(Bytes::from);
            *request.uri_mut() = self.target.clone();
            let response = self.provider.0.exchange.post(ProviderEndpoint::Revocation, request).await?;
            check(&response)?;
            Ok(response.map(|_| Vec::new()))
        })
    }
}

/// Section 2.2: the status says it all, and only 200 says that the token is gone.
fn check(response: &Response<Bytes>) -> Result<(), ProviderError> {
    let status = response.status();
    if status == StatusCode::OK {
        return Ok(());
    }
    let code = json::object(response.body()).ok().filter(|_| status.is_client_error());
    let code = code.and_then(|body| body.get("error").and_then(Value::as_str).map(OAuthError::named));
    let kind = match code {
        Some(code) if status != StatusCode::TOO_MANY_REQUESTS => ProviderErrorKind::Refused(code),
        _ => ProviderErrorKind::Status(status.as_u16()),
    };
    Err(ProviderError::new(ProviderEndpoint::Revocation, kind))
}

fn unusable(reason: &'static str) -> ProviderError {
    ProviderError::unusable(ProviderEndpoint::Revocation, reason)
}
