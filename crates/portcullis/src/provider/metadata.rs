//! The metadata document: what the provider says about itself (OpenID Connect Discovery, RFC 8414).

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use serde_json::Value;
use url::Url;

use super::document::{Fetched, Source};
use super::exchange::{Exchange, freshness, json_object};
use crate::error::{ProviderEndpoint, ProviderError};
use crate::json::Object;
use crate::transport::HttpLimits;

/// What the library uses of the document. A member that is absent is no error before it is needed.
#[derive(Debug, Clone)]
pub(crate) struct Metadata {
    pub(crate) jwks_uri: Url,
    pub(crate) userinfo_endpoint: Option<Url>,
    pub(crate) token_endpoint: Option<Url>,
    pub(crate) revocation_endpoint: Option<Url>,
    /// `None` where the provider lists none.
    pub(crate) token_endpoint_auth_methods: Option<Vec<String>>,
    /// Whether authorization responses carry `iss` (RFC 9207).
    pub(crate) announces_issuer: bool,
    /// For browsers: as announced, never routed to the internal URL.
    pub(crate) authorization_endpoint: Option<Url>,
    /// For browsers too.
    pub(crate) end_session_endpoint: Option<Url>,
}

/// Fetches the document: `openid-configuration` first; the RFC 8414 documents, inserted then appended, only where
/// that one is answered with 404 or 405.
#[derive(Debug)]
pub(crate) struct MetadataSource {
    issuer: Arc<str>,
    exchange: Exchange,
}

impl MetadataSource {
    pub(crate) fn new(issuer: Arc<str>, exchange: Exchange) -> Self {
        Self { issuer, exchange }
    }

    fn read(&self, document: &Object) -> Result<Metadata, &'static str> {
        // Byte for byte (OpenID Connect Discovery 4.3): a provider that may answer for another issuer can pass off
        // its own keys as that issuer's.
        if text(document, "issuer") != Some(&*self.issuer) {
            return Err("issuer_mismatch");
        }
        let channel = self.exchange.back_channel();
        let ours = |name| announced(document, name)?.map(|url| channel.endpoint(url)).transpose();
        let browsers = |name| announced(document, name)?.map(|url| channel.browser_endpoint(url)).transpose();
        Ok(Metadata {
            jwks_uri: ours("jwks_uri")?.ok_or("no_jwks_uri")?,
            userinfo_endpoint: ours("userinfo_endpoint")?,
            token_endpoint: ours("token_endpoint")?,
            // Taking tokens back is best effort: where it must not be asked, logins go on without it.
            revocation_endpoint: ours("revocation_endpoint").unwrap_or_default(),
            token_endpoint_auth_methods: texts(document, "token_endpoint_auth_methods_supported"),
            announces_issuer: document
                .get("authorization_response_iss_parameter_supported")
                .is_some_and(|announced| *announced == Value::Bool(true)),
            authorization_endpoint: browsers("authorization_endpoint")?,
            end_session_endpoint: browsers("end_session_endpoint")?,
        })
    }

    async fn ask(&self, url: &Url) -> Result<Response<Bytes>, ProviderError> {
        self.exchange.get(ProviderEndpoint::Discovery, url, None, HttpLimits::DOCUMENT).await
    }
}

impl Source for MetadataSource {
    type Value = Metadata;

    async fn fetch(&self) -> Result<Fetched<Metadata>, ProviderError> {
        let mut response = None;
        for url in locations(self.exchange.back_channel().base()) {
            let answer = self.ask(&url).await?;
            let absent = matches!(answer.status().as_u16(), 404 | 405);
            response = Some(answer);
            if !absent {
                break;
            }
        }
        let response =
            response.ok_or_else(|| ProviderError::unusable(ProviderEndpoint::Discovery, "issuer_is_no_base_url"))?;
        let document = json_object(ProviderEndpoint::Discovery, &response)?;
        let value =
            self.read(&document).map_err(|reason| ProviderError::unusable(ProviderEndpoint::Discovery, reason))?;
        Ok(Fetched { value, fresh_for: freshness(response.headers()) })
    }
}

/// The well-known locations, in the order in which they are asked.
fn locations(base: &Url) -> Vec<Url> {
    let path = base.path().trim_end_matches('/');
    let mut paths = vec![
        format!("{path}/.well-known/openid-configuration"),
        format!("/.well-known/oauth-authorization-server{path}"),
    ];
    if !path.is_empty() {
        paths.push(format!("{path}/.well-known/oauth-authorization-server"));
    }
    let at = |path: String| {
        let mut url = base.clone();
        url.set_path(&path);
        url.set_query(None);
        url
    };
    paths.into_iter().map(at).collect()
}

/// An announced address; an empty one is none.
fn announced<'d>(document: &'d Object, name: &str) -> Result<Option<&'d str>, &'static str> {
    match document.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(url)) => Ok(Some(url.as_str()).filter(|url| !url.is_empty())),
        Some(_) => Err("endpoint_not_text"),
    }
}

/// A list of texts; what is not one, or is empty, says nothing.
fn texts(document: &Object, name: &str) -> Option<Vec<String>> {
    let list = document.get(name)?.as_array()?;
    let texts: Vec<_> = list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    Some(texts).filter(|texts| !texts.is_empty())
}

fn text<'d>(document: &'d Object, name: &str) -> Option<&'d str> {
    document.get(name).and_then(Value::as_str)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn well_known_locations_for_an_issuer_with_and_without_a_path() {
        let of = |base: &str| locations(&Url::parse(base).unwrap()).iter().map(Url::to_string).collect::<Vec<_>>();
        assert_eq!(
            of("https://id.example"),
            [
                "https://id.example/.well-known/openid-configuration",
                "https://id.example/.well-known/oauth-authorization-server",
            ]
        );
        assert_eq!(
            of("https://id.example/realms/castles/"),
            [
                "https://id.example/realms/castles/.well-known/openid-configuration",
                "https://id.example/.well-known/oauth-authorization-server/realms/castles",
                "https://id.example/realms/castles/.well-known/oauth-authorization-server",
            ]
        );
    }
}
