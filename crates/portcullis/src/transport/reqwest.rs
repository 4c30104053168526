//! The default transport.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use http::header::{ACCEPT, CONTENT_ENCODING};

use super::own_thread::on_own_thread;
use super::{HttpClient, HttpError, HttpErrorKind, HttpLimits};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The default [`HttpClient`]: `reqwest` with rustls, one connection pool, HTTP/1.1.
///
/// The connections are driven by one thread of the process, `portcullis-http`, started at the first request: whichever
/// of the application's runtimes asks, and may end or be busy meanwhile, the answers of the others come.
///
/// # Security
/// No redirects, no compression, no cookies, certificates always verified (TLS 1.2 or later). A proxy is used only
/// if set here: the environment's `HTTPS_PROXY` would send the provider's tokens through whoever can set a variable.
#[derive(Clone)]
pub struct ReqwestClient {
    client: reqwest::Client,
}

/// Sets up a [`ReqwestClient`].
#[derive(Debug, Default)]
#[must_use]
pub struct ReqwestClientBuilder {
    roots: Vec<Vec<u8>>,
    proxy: Option<String>,
    loopback_only: bool,
}

impl ReqwestClient {
    /// Starts with the operating system's trusted roots and no proxy.
    pub fn builder() -> ReqwestClientBuilder {
        ReqwestClientBuilder::default()
    }
}

impl ReqwestClientBuilder {
    /// Trusts the certificates of this PEM file too.
    pub fn extra_roots(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// Sends every request through this proxy, for example `http://proxy.internal:3128`.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Leaves the operating system's trusted roots unread: for a provider on plain-http loopback. Loading them
    /// takes some 30 ms, and fails on an image that has none. Https then works only with [`extra_roots`](Self::extra_roots).
    pub fn without_system_roots(mut self) -> Self {
        self.loopback_only = true;
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    /// Returns [`HttpErrorKind::Request`] when the roots are not PEM certificates, the proxy is not a URL, or the
    /// host has no trusted roots at all.
    pub fn build(self) -> Result<ReqwestClient, HttpError> {
        let wrong = |error: reqwest::Error| HttpError::new(HttpErrorKind::Request, error.without_url());
        let mut certificates = Vec::new();
        for pem in &self.roots {
            let found = reqwest::Certificate::from_pem_bundle(pem).map_err(wrong)?;
            if found.is_empty() {
                return Err(HttpError::new(HttpErrorKind::Request, "the extra roots hold no PEM certificate"));
            }
            certificates.extend(found);
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("portcullis/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .no_proxy();
        builder = if self.loopback_only {
            builder.tls_certs_only(certificates)
        } else {
            builder.tls_certs_merge(certificates)
        };
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(wrong)?);
        }
        Ok(ReqwestClient { client: builder.build().map_err(wrong)? })
    }
}

#[async_trait]
impl HttpClient for ReqwestClient {
    async fn send(
        &self,
        mut request: http::Request<Bytes>,
        limits: HttpLimits,
    ) -> Result<http::Response<Bytes>, HttpError> {
        request.headers_mut().entry(ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        let mut outgoing = reqwest::Request::try_from(request).map_err(outgoing_error)?;
        *outgoing.timeout_mut() = Some(limits.timeout);
        on_own_thread(answer(self.client.clone(), outgoing, limits)).await
    }
}

async fn answer(
    client: reqwest::Client,
    request: reqwest::Request,
    limits: HttpLimits,
) -> Result<http::Response<Bytes>, HttpError> {
    let mut answer = client.execute(request).await.map_err(outgoing_error)?;
    if answer.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(HttpErrorKind::Encoded.into());
    }
    if answer.content_length().is_some_and(|length| length > limits.body as u64) {
        return Err(HttpErrorKind::TooLarge.into());
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(outgoing_error)? {
        if body.len() + chunk.len() > limits.body {
            return Err(HttpErrorKind::TooLarge.into());
        }
        body.extend_from_slice(&chunk);
    }
    let mut response = http::Response::new(body.freeze());
    *response.status_mut() = answer.status();
    *response.headers_mut() = std::mem::take(answer.headers_mut());
    Ok(response)
}

fn outgoing_error(error: reqwest::Error) -> HttpError {
    let kind = if error.is_timeout() {
        HttpErrorKind::Timeout
    } else if error.is_connect() {
        HttpErrorKind::Connect
    } else if error.is_builder() {
        HttpErrorKind::Request
    } else {
        HttpErrorKind::Broken
    };
    // The URL of a request can hold an `id_token_hint`: it stays out of the error.
    HttpError::new(kind, error.without_url())
}

impl fmt::Debug for ReqwestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReqwestClient")
    }
}
