//! The token endpoint: codes and refresh tokens become tokens.

use std::borrow::Cow;
use std::pin::Pin;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request};
use oauth2::basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse};
use oauth2::{
    AsyncHttpClient, AuthType, AuthorizationCode, ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet,
    HttpRequest, HttpResponse, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    StandardRevocableToken, TokenResponse, TokenUrl,
};

use super::Provider;
use super::client::ClientAuth;
use super::metadata::Metadata;
use super::profile::AssertionAudience;
use super::token_response::{WireTokens, check};
use super::tokens::Tokens;
use super::transaction::Transaction;
use crate::error::{InvalidToken, ProviderEndpoint, ProviderError, ProviderErrorKind};
use crate::keys::KeyFailure;
use crate::secret::Secret;
use crate::token::{Expected, IdToken, Nonce};

/// One concrete client for every provider: which endpoints there are is known at run time only.
pub(super) type OAuthClient<HasTokenEndpoint> = oauth2::Client<
    BasicErrorResponse,
    WireTokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    HasTokenEndpoint,
>;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

impl Provider {
    /// Exchanges the code of a callback for tokens (OpenID Connect Core section 3.1.3) and validates the ID token
    /// completely. The caller has compared the callback's `state` with the transaction's.
    ///
    /// The code is sent once. An answer that is lost is lost: a second attempt with the same code would make the
    /// provider think of theft and revoke what the first one brought.
    ///
    /// # Errors
    /// Returns why the provider refused, could not be asked, or why its answer cannot be used.
    ///
    /// # Security
    /// The PKCE verifier and the `nonce` of the transaction bind code and ID token to this very login: a code or a
    /// token stolen from another one is refused (RFC 9700 section 4.5).
    pub async fn exchange_code(&self, code: &str, transaction: &Transaction) -> Result<Tokens, ProviderError> {
        let metadata = self.metadata().await?;
        let redirect_uri =
            RedirectUrl::new(transaction.redirect_uri.clone()).map_err(|_| unusable("redirect_uri_is_no_url"))?;
        let client = self.oauth_client(&metadata)?;
        let mut request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| unusable("no_token_endpoint"))?
            .set_pkce_verifier(PkceCodeVerifier::new(transaction.code_verifier()))
            .set_redirect_uri(Cow::Owned(redirect_uri));
        for (name, value) in self.assertion(&metadata)? {
            request = request.add_extra_param(name, value);
        }
        let wire = request.request_async(&TokenEndpoint(self)).await.map_err(cause)?;
        let (nonce, state) = (transaction.nonce(), transaction.state());
        let expected = Expected {
            nonce: Nonce::Exactly(&nonce),
            access_token: Some(wire.access_token().secret()),
            code: Some(code),
            state: Some(&state),
            max_age: transaction.max_age,
            acr_values: &transaction.required_acr,
        };
        let asked_for_openid = transaction.scopes.iter().any(|scope| scope == "openid");
        let id_token = match &wire.id_token {
            Some(id_token) => Some(self.validate_id_token(id_token, &expected).await?),
            None if asked_for_openid => return Err(unusable("no_id_token")),
            None => None,
        };
        Ok(tokens(&wire, id_token, &transaction.scopes))
    }

    /// Exchanges a refresh token for new tokens (RFC 6749 section 6; OpenID Connect Core section 12).
    ///
    /// `login` is the ID token of the login that is refreshed: a new one must be its successor. Refresh tokens may
    /// rotate, so one must not be used twice at the same time.
    ///
    /// # Errors
    /// Returns why the provider refused (`invalid_grant`: the login has ended), could not be asked, or why its answer
    /// cannot be used.
    ///
    /// # Security
    /// A new ID token for another user or from another issuer is refused (Core section 12.2): a mixed-up answer must
    /// not turn one user's session into another's.
    pub async fn refresh(&self, refresh_token: &Secret, login: &IdToken) -> Result<Tokens, ProviderError> {
        self.refresh_narrowed(refresh_token, login, &[]).await
    }

    /// As [`refresh`](Self::refresh), for fewer scopes than the login has.
    ///
    /// # Errors
    /// As [`refresh`](Self::refresh).
    pub async fn refresh_narrowed(
        &self,
        refresh_token: &Secret,
        login: &IdToken,
        scopes: &[&str],
    ) -> Result<Tokens, ProviderError> {
        let metadata = self.metadata().await?;
        let client = self.oauth_client(&metadata)?;
        let refresh_token = RefreshToken::new(refresh_token.expose().to_owned());
        let mut request = client
            .exchange_refresh_token(&refresh_token)
            .map_err(|_| unusable("no_token_endpoint"))?
            .add_scopes(scopes.iter().map(|scope| Scope::new((*scope).to_owned())));
        for (name, value) in self.assertion(&metadata)? {
            request = request.add_extra_param(name, value);
        }
        let wire = request.request_async(&TokenEndpoint(self)).await.map_err(cause)?;
        let expected = Expected {
            nonce: login.text("nonce").map_or(Nonce::Absent, Nonce::AbsentOr),
            access_token: Some(wire.access_token().secret()),
            ..Expected::default()
        };
        let id_token = match &wire.id_token {
            Some(id_token) => {
                let refreshed = self.validate_id_token(id_token, &expected).await?;
                refreshed.check_successor_of(login).map_err(invalid_id_token)?;
                Some(refreshed)
            }
            None => None,
        };
        Ok(tokens(&wire, id_token, &[]))
    }

    pub(super) fn oauth_client(&self, metadata: &Metadata) -> Result<OAuthClient<EndpointMaybeSet>, ProviderError> {
        let ours = &self.0.client;
        let endpoint = metadata.token_endpoint.clone().map(TokenUrl::from_url);
        let client = OAuthClient::<EndpointNotSet>::new(ClientId::new(self.required_client_id()?.to_owned()))
            .set_token_uri_option(endpoint);
        let method = ours.method(metadata.token_endpoint_auth_methods.as_deref());
        let secret = || ours.secret.as_ref().map(|secret| ClientSecret::new(secret.expose().to_owned()));
        Ok(match (method, secret()) {
            (ClientAuth::ClientSecretBasic, Some(secret)) => {
                client.set_auth_type(AuthType::BasicAuth).set_client_secret(secret)
            }
            (ClientAuth::ClientSecretPost, Some(secret)) => {
                client.set_auth_type(AuthType::RequestBody).set_client_secret(secret)
            }
            _ => client.set_auth_type(AuthType::RequestBody),
        })
    }

    /// The parameters of `private_key_jwt`, where that is the method.
    pub(super) fn assertion(&self, metadata: &Metadata) -> Result<Vec<(&'static str, String)>, ProviderError> {
        let ours = &self.0.client;
        if ours.method(metadata.token_endpoint_auth_methods.as_deref()) != ClientAuth::PrivateKeyJwt {
            return Ok(Vec::new());
        }
        let keys = ours.keys.as_ref().ok_or_else(|| unusable("no_client_keys"))?;
        let audience = match ours.profile.assertion_audience {
            AssertionAudience::Issuer => self.issuer(),
        };
        let assertion = keys
            .assertion(self.required_client_id()?, audience, self.0.clock.unix_time())
            .ok_or_else(|| unusable("assertion_cannot_be_signed"))?;
        Ok(vec![("client_assertion_type", ASSERTION_TYPE.to_owned()), ("client_assertion", assertion)])
    }

    /// Sends what the OAuth client has put together, within our limits, and lets only a usable answer through.
    async fn send_to_token_endpoint(&self, request: HttpRequest) -> Result<HttpResponse, ProviderError> {
        let request: Request<Bytes> = request.map(Bytes::from);
        let mut response = self.0.exchange.post(ProviderEndpoint::Token, request).await?;
        check(&response)?;
        // The OAuth client knows one spelling only; what may stand there is decided for all endpoints alike.
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(response.map(|body| body.to_vec()))
    }

    pub(super) async fn validate_id_token(
        &self,
        id_token: &str,
        expected: &Expected<'_>,
    ) -> Result<IdToken, ProviderError> {
        let policy = self.0.client.id_tokens.as_ref().ok_or_else(|| unusable("no_client_id"))?;
        let now = self.0.clock.unix_time();
        policy.validate(&self.0.keys, id_token, expected, now).await.map_err(|failure| match failure {
            KeyFailure::Invalid(invalid) => invalid_id_token(invalid),
            KeyFailure::Provider(error) => error,
            KeyFailure::Budget(_) => ProviderError::unusable(ProviderEndpoint::Jwks, "key_refetch_budget"),
        })
    }
}

/// Our transport, as the OAuth client wants it. A closure would do, but the compiler could not see that the futures of
/// the methods above are `Send`.
struct TokenEndpoint<'p>(&'p Provider);

impl<'c> AsyncHttpClient<'c> for TokenEndpoint<'_> {
    type Error = ProviderError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, ProviderError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.0.send_to_token_endpoint(request))
    }
}

fn tokens(wire: &WireTokens, id_token: Option<IdToken>, asked: &[String]) -> Tokens {
    let granted = wire.scopes().map(|scopes| scopes.iter().map(|scope| scope.to_string()).collect());
    Tokens {
        access_token: Secret::from(wire.access_token().secret().as_str()),
        id_token,
        refresh_token: wire.refresh_token().map(|token| Secret::from(token.secret().as_str())),
        expires_in: wire.expires_in(),
        scopes: granted.unwrap_or_else(|| asked.to_vec()),
    }
}

/// What our own transport found is the cause; the OAuth client's other errors can hold the body, and stay out.
fn cause(error: RequestTokenError<ProviderError, BasicErrorResponse>) -> ProviderError {
    match error {
        RequestTokenError::Request(error) => error,
        _ => unusable("token_response"),
    }
}

fn unusable(reason: &'static str) -> ProviderError {
    ProviderError::unusable(ProviderEndpoint::Token, reason)
}

fn invalid_id_token(invalid: InvalidToken) -> ProviderError {
    ProviderError::new(ProviderEndpoint::Token, ProviderErrorKind::InvalidIdToken(invalid))
}
