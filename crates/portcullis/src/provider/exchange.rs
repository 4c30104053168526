//! One question to the provider: limits, retries, and what an answer must be to be read at all.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderMap, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::address::BackChannel;
use crate::error::{ProviderEndpoint, ProviderError, ProviderErrorKind};
use crate::json;
use crate::transport::{HttpClient, HttpErrorKind, HttpLimits};

const TRIES: usize = 2;
const MAX_BACKOFF_MILLIS: u64 = 200;

/// Asks the provider, within the limits that hold whatever the transport does.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    client: Arc<dyn HttpClient>,
    back_channel: Arc<BackChannel>,
}

impl Exchange {
    pub(crate) fn new(client: Arc<dyn HttpClient>, back_channel: Arc<BackChannel>) -> Self {
        Self { client, back_channel }
    }

    pub(crate) fn back_channel(&self) -> &BackChannel {
        &self.back_channel
    }

    /// Gets a document. An idempotent request is tried twice, both tries within one deadline; an answer that says
    /// no is never asked for again.
    pub(crate) async fn get(
        &self,
        endpoint: ProviderEndpoint,
        url: &Url,
        authorization: Option<&HeaderValue>,
        limits: HttpLimits,
    ) -> Result<Response<Bytes>, ProviderError> {
        let deadline = Instant::now() + limits.timeout;
        let request = get_request(endpoint, url, authorization)?;
        let mut outcome = self.send(endpoint, request.clone(), limits, deadline).await;
        for _ in 1..TRIES {
            if !is_worth_another_try(&outcome) {
                break;
            }
            // A pause that ends after the deadline leaves the first outcome standing.
            if timeout_at(deadline, tokio::time::sleep(backoff())).await.is_err() {
                break;
            }
            outcome = self.send(endpoint, request.clone(), limits, deadline).await;
        }
        outcome
    }

    /// Posts to an endpoint where a second delivery would do harm: only a request that never left is sent again.
    pub(crate) async fn post(
        &self,
        endpoint: ProviderEndpoint,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, ProviderError> {
        let limits = HttpLimits::TOKEN;
        let deadline = Instant::now() + limits.timeout;
        match self.send(endpoint, request.clone(), limits, deadline).await {
            Err(error) if error.kind() == ProviderErrorKind::Transport(HttpErrorKind::Connect) => {
                self.send(endpoint, request, limits, deadline).await
            }
            outcome => outcome,
        }
    }

    async fn send(
        &self,
        endpoint: ProviderEndpoint,
        mut request: Request<Bytes>,
        limits: HttpLimits,
        deadline: Instant,
    ) -> Result<Response<Bytes>, ProviderError> {
        let transport = |kind| ProviderError::new(endpoint, ProviderErrorKind::Transport(kind));
        if let Some(host) = self.back_channel.host() {
            request.headers_mut().insert(HOST, host.clone());
        }
        let remaining = HttpLimits { timeout: deadline.saturating_duration_since(Instant::now()), body: limits.body };
        let response = timeout_at(deadline, self.client.send(request, remaining))
            .await
            .map_err(|_| transport(HttpErrorKind::Timeout))?
            .map_err(|error| ProviderError::transport(endpoint, &error))?;
        if response.body().len() > limits.body {
            return Err(transport(HttpErrorKind::TooLarge));
        }
        if response.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
            return Err(transport(HttpErrorKind::Encoded));
        }
        Ok(response)
    }
}

fn get_request(
    endpoint: ProviderEndpoint,
    url: &Url,
    authorization: Option<&HeaderValue>,
) -> Result<Request<Bytes>, ProviderError> {
    let mut request = Request::new(Bytes::new());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = url
        .as_str()
        .parse()
        .map_err(|_| ProviderError::new(endpoint, ProviderErrorKind::Transport(HttpErrorKind::Request)))?;
    // Some providers answer a request that would take anything with a login page.
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(value) = authorization {
        request.headers_mut().insert(AUTHORIZATION, value.clone());
    }
    Ok(request)
}

/// The JSON object of a 200 answer.
pub(crate) fn json_object(
    endpoint: ProviderEndpoint,
    response: &Response<Bytes>,
) -> Result<json::Object, ProviderError> {
    json::object(json_body(endpoint, response)?).map_err(|_| ProviderError::unusable(endpoint, "not_a_json_object"))
}

/// The body of a 200 answer that may be JSON.
pub(crate) fn json_body(endpoint: ProviderEndpoint, response: &Response<Bytes>) -> Result<&[u8], ProviderError> {
    if response.status() != StatusCode::OK {
        return Err(ProviderError::new(endpoint, ProviderErrorKind::Status(response.status().as_u16())));
    }
    if !is_json_like(response.headers()) {
        return Err(ProviderError::unusable(endpoint, "content_type"));
    }
    Ok(response.body())
}

/// Providers say `application/json`, `application/jwk-set+json` and, from static storage, nothing or something
/// vague. A page (`text/html`) is an error page or a login page, never a document.
pub(super) fn is_json_like(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else { return true };
    let Ok(value) = value.to_str() else { return false };
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(essence.as_str(), "" | "application/json" | "text/json" | "text/plain" | "application/octet-stream")
        || essence.ends_with("+json")
}

/// How long an answer is fresh: `Cache-Control: max-age` clamped to [1 min, 24 h]; 10 min where the provider does
/// not say or says `no-store`, because asking for keys at each request is not an option.
pub(crate) fn freshness(headers: &HeaderMap) -> Duration {
    const DEFAULT: Duration = Duration::from_secs(10 * 60);
    const SHORTEST: Duration = Duration::from_secs(60);
    const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
    let mut max_age = None;
    let values = headers.get_all(http::header::CACHE_CONTROL).into_iter().filter_map(|value| value.to_str().ok());
    for directive in values.flat_map(|value| value.split(',')).map(|directive| directive.trim().to_ascii_lowercase()) {
        if directive == "no-store" || directive == "no-cache" {
            return DEFAULT;
        }
        if let Some(seconds) = directive.strip_prefix("max-age=") {
            max_age = seconds.trim_matches('"').parse().ok().map(Duration::from_secs);
        }
    }
    max_age.map_or(DEFAULT, |age| age.clamp(SHORTEST, LONGEST))
}

fn is_worth_another_try(outcome: &Result<Response<Bytes>, ProviderError>) -> bool {
    match outcome {
        Ok(response) => matches!(response.status().as_u16(), 500 | 502 | 503 | 504),
        Err(error) => {
            matches!(error.kind(), ProviderErrorKind::Transport(HttpErrorKind::Connect | HttpErrorKind::Broken))
        }
    }
}

/// Full jitter, so that many processes do not come back together.
fn backoff() -> Duration {
    let mut bytes = [0u8; 8];
    // Without randomness the second try comes at once, which is safe for a GET.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    Duration::from_millis(u64::from_le_bytes(bytes) % MAX_BACKOFF_MILLIS)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn freshness_follows_cache_control_within_bounds() {
        let rows = [
            (None, 600),
            (Some("max-age=300"), 300),
            (Some("public, max-age=21599"), 21_599),
            (Some("max-age=0"), 60),
            (Some("max-age=99999999"), 86_400),
            (Some("no-store"), 600),
            (Some("no-cache, max-age=300"), 600),
            (Some("max-age=soon"), 600),
            (Some("MAX-AGE=\"120\""), 120),
        ];
        for (value, seconds) in rows {
            let mut headers = HeaderMap::new();
            if let Some(value) = value {
                headers.insert(http::header::CACHE_CONTROL, value.parse().unwrap());
            }
            assert_eq!(freshness(&headers), Duration::from_secs(seconds), "{value:?}");
        }
    }
}
