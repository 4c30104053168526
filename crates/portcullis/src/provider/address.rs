//! Where requests to the provider may go.

use std::net::IpAddr;

use http::HeaderValue;
use url::{Host, Url};

/// Longer than any real endpoint, shorter than a nuisance.
const MAX_URL_BYTES: usize = 2048;

/// The places that back-channel requests may go to: decided by what the operator configured, never by what a
/// metadata document says.
///
/// # Security
/// A forged or manipulated metadata document (a provider that echoes `X-Forwarded-Host`, for one) could otherwise
/// point our requests, bearer tokens included, at a cloud metadata service or at an internal host (SSRF).
#[derive(Debug, Clone)]
pub(crate) struct BackChannel {
    issuer: Url,
    internal: Option<Url>,
    host: Option<HeaderValue>,
}

impl BackChannel {
    pub(crate) fn new(issuer: Url, internal: Option<Url>, host: Option<HeaderValue>) -> Self {
        Self { issuer, internal, host }
    }

    /// What discovery is relative to: the internal URL where one is configured, else the issuer.
    pub(crate) fn base(&self) -> &Url {
        self.internal.as_ref().unwrap_or(&self.issuer)
    }

    /// The `Host` header of back-channel requests, where it differs from the address.
    pub(crate) fn host(&self) -> Option<&HeaderValue> {
        self.host.as_ref()
    }

    /// The address of an endpoint that the metadata announces, or why no request goes there.
    pub(crate) fn endpoint(&self, announced: &str) -> Result<Url, &'static str> {
        let url = parse(announced)?;
        if let Some(internal) = &self.internal {
            let mut routed = internal.clone();
            routed.set_path(url.path());
            routed.set_query(url.query());
            return Ok(routed);
        }
        self.permitted(url)
    }

    /// The address of an endpoint that browsers are sent to: as announced.
    pub(crate) fn browser_endpoint(&self, announced: &str) -> Result<Url, &'static str> {
        self.permitted(parse(announced)?)
    }

    fn permitted(&self, url: Url) -> Result<Url, &'static str> {
        let configured = [Some(&self.issuer), self.internal.as_ref()];
        if configured.into_iter().flatten().any(|configured| is_at(&url, configured)) {
            return Ok(url);
        }
        match url.scheme() {
            "https" if !is_special(&url) => Ok(url),
            "https" => Err("endpoint_address"),
            _ => Err("endpoint_not_https"),
        }
    }
}

/// Whether the URL has the very host and port that the operator configured: https there is as good as what was
/// configured, http only where that is this machine or the operator configured http.
fn is_at(url: &Url, configured: &Url) -> bool {
    let same_place =
        url.host() == configured.host() && url.port_or_known_default() == configured.port_or_known_default();
    same_place && (url.scheme() == "https" || configured.scheme() == "http" || is_loopback(configured))
}

/// An absolute http or https URL with a host and without user, password and fragment.
pub(crate) fn parse(text: &str) -> Result<Url, &'static str> {
    if text.len() > MAX_URL_BYTES {
        return Err("url_too_long");
    }
    // The URL parser repairs these silently; a value that needs repair is not one to trust.
    if text.bytes().any(|byte| byte <= b' ' || byte == b'\\' || byte == 0x7f) {
        return Err("url_characters");
    }
    let url = Url::parse(text).map_err(|_| "url_syntax")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("url_scheme");
    }
    if !text[url.scheme().len()..].starts_with("://") {
        return Err("url_syntax");
    }
    if !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
        return Err("url_user");
    }
    if url.fragment().is_some() {
        return Err("url_fragment");
    }
    Ok(url)
}

fn authority(text: &str) -> &str {
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Addresses and names that are never a public provider: IP literals (in any spelling), `localhost`, single-label
/// names and the suffixes reserved for private networks (RFC 6761, RFC 6762, RFC 8375).
fn is_special(url: &Url) -> bool {
    match url.host() {
        None | Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            !name.contains('.')
                || [".localhost", ".local", ".internal", ".home.arpa", ".onion"]
                    .iter()
                    .any(|suffix| name.ends_with(suffix))
        }
    }
}

/// Whether the URL points at this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn channel(issuer: &str) -> BackChannel {
        BackChannel::new(Url::parse(issuer).unwrap(), None, None)
    }

    #[test]
    fn atk_d02_endpoints_that_no_request_may_go_to() {
        let public = channel("https://id.example.com");
        let oversized = format!("https://id.example.com/{}", "a".repeat(64 * 1024));
        let refused = [
            "http://id.example.com/jwks",
            "http://id.example.com:443/jwks",
            "file:///etc/passwd",
            "data:application/json,{}",
            "https://op@evil.example/jwks",
            "https://op:pw@evil.example/jwks",
            "https://@evil.example/jwks",
            "http://localhost:80@evil.example/",
            "https://id.example.com/jwks#fragment",
            "https://127.0.0.1/jwks",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/jwks",
            "https://[::ffff:127.0.0.1]/jwks",
            "https://0.0.0.0/jwks",
            "https://2130706433/jwks",
            "https://0177.0.0.1/jwks",
            "https://0x7f.1/jwks",
            "https://localhost/jwks",
            "https://LOCALHOST./jwks",
            "https://metadata.google.internal/jwks",
            "https://intranet/jwks",
            "https://printer.local/jwks",
            "https:\\\\id.example.com/jwks",
            "https://id.example.com\t/jwks",
            "https:id.example.com/jwks",
            "//id.example.com/jwks",
            "/jwks",
            "",
            &oversized,
        ];
        for announced in refused {
            assert!(public.endpoint(announced).is_err(), "{announced:.80}");
        }
    }

    #[test]
    fn an_https_endpoint_on_another_public_host_is_fine() {
        let google = channel("https://accounts.google.com");
        assert!(google.endpoint("https://www.googleapis.com/oauth2/v3/certs").is_ok());
    }

    #[test]
    fn an_idn_homograph_is_another_host_and_gets_no_privilege() {
        let local = channel("http://localhost:8000");
        assert!(local.endpoint("http://lоcalhost:8000/jwks").is_err());
    }

    #[test]
    fn http_only_where_the_operator_configured_that_very_host_and_port() {
        let local = channel("http://127.0.0.1:8100");
        assert!(local.endpoint("http://127.0.0.1:8100/jwks").is_ok());
        assert!(local.endpoint("http://127.0.0.1:8101/jwks").is_err());
        assert!(local.endpoint("http://localhost:8100/jwks").is_err());
        let inside = channel("http://keycloak:8080/realms/castles");
        assert!(inside.endpoint("http://keycloak:8080/realms/castles/certs").is_ok());
        assert!(inside.endpoint("http://keycloak:9000/certs").is_err());
    }

    #[test]
    fn with_an_internal_url_only_path_and_query_of_the_announced_endpoint_count() {
        let internal = Url::parse("http://fief:8000").unwrap();
        let split = BackChannel::new(Url::parse("https://id.example.com").unwrap(), Some(internal), None);
        let routed = split.endpoint("http://evil.example/api/token?tenant=1").unwrap();
        assert_eq!(routed.as_str(), "http://fief:8000/api/token?tenant=1");
        assert!(split.endpoint("https://op@evil.example/api/token").is_err());
    }
}
