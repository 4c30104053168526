//! Validating an ID token: the thirteen steps of OpenID Connect Core 3.1.3.7, in their order where order matters.

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::algorithm::Algorithm;
use super::claims;
use super::id_token::IdToken;
use super::jws::{Header, Jws, SignatureAlgorithm};
use super::logout_token::is_logout;
use crate::error::InvalidToken;
use crate::json::{self, Members, Node, Object};
use crate::keys::{Asker, ClientSecret, HmacAlgorithm, KeyEngine, KeyFailure};

/// How the provider signs ID tokens for this client.
#[derive(Debug)]
pub(crate) enum IdTokenKeys {
    /// With a key of its key set, by one of these algorithms.
    Published(Box<[Algorithm]>),
    /// With the client secret, because the client is registered so.
    ClientSecret(HmacAlgorithm, Box<ClientSecret>),
}

/// What an ID token must be for this client.
#[derive(Debug)]
pub(crate) struct IdTokenPolicy {
    pub(crate) issuer: std::sync::Arc<str>,
    pub(crate) client_id: Box<str>,
    /// Other audiences that may stand beside the client in `aud`.
    pub(crate) trusted_audiences: Box<[String]>,
    pub(crate) keys: IdTokenKeys,
    pub(crate) leeway: Duration,
}

/// What the token must fit to: the login that asked for it.
#[derive(Default)]
pub(crate) struct Expected<'e> {
    pub(crate) nonce: Nonce<'e>,
    pub(crate) access_token: Option<&'e str>,
    pub(crate) code: Option<&'e str>,
    pub(crate) state: Option<&'e str>,
    pub(crate) max_age: Option<Duration>,
    pub(crate) acr_values: &'e [String],
}

/// What `nonce` must be.
#[derive(Default)]
pub(crate) enum Nonce<'e> {
    /// This one: the login sent it.
    Exactly(&'e str),
    /// Absent, or this one: a refreshed token may repeat the first one's (Core 12.2).
    AbsentOr(&'e str),
    /// Absent: none was ever sent.
    #[default]
    Absent,
}

impl IdTokenPolicy {
    /// Validates an ID token from the token endpoint.
    ///
    /// Validates: JWS form, `typ`, issuer, audience and authorized party, signature, lifetime, `nonce`, `auth_time`
    /// and `acr` where they were asked for, `at_hash`, `c_hash` and `s_hash` where they are there. Does not
    /// decrypt: an encrypted token is refused.
    pub(crate) async fn validate(
        &self,
        published: &KeyEngine,
        token: &str,
        expected: &Expected<'_>,
        now: Duration,
    ) -> Result<IdToken, KeyFailure> {
        match &self.keys {
            IdTokenKeys::Published(allowed) => {
                let jws = parse(token, allowed)?;
                let id_token = self.check(token, &jws, expected, now, hash_of(jws.header.algorithm))?;
                published.verify(&jws, Asker::Provider).await?;
                Ok(id_token)
            }
            IdTokenKeys::ClientSecret(algorithm, secret) => {
                let jws = parse(token, &[*algorithm])?;
                let id_token = self.check(token, &jws, expected, now, hash_of_hmac(*algorithm))?;
                if secret.verify(&jws) { Ok(id_token) } else { Err(InvalidToken::Signature.into()) }
            }
        }
    }

    /// Validates a signed UserInfo answer (Core 5.3.2): signature, issuer, that it was made for this client, and its
    /// lifetime where it states one.
    pub(crate) async fn signed_user_info(
        &self,
        published: &KeyEngine,
        token: &str,
        now: Duration,
    ) -> Result<Object, KeyFailure> {
        let payload = match &self.keys {
            IdTokenKeys::Published(allowed) => {
                let jws = parse(token, allowed)?;
                check_type(&jws.header)?;
                published.verify(&jws, Asker::Provider).await?;
                jws.into_payload()
            }
            IdTokenKeys::ClientSecret(algorithm, secret) => {
                let jws = parse(token, &[*algorithm])?;
                check_type(&jws.header)?;
                if !secret.verify(&jws) {
                    return Err(InvalidToken::Signature.into());
                }
                jws.into_payload()
            }
        };
        let claims = json::members(&payload).map_err(|_| InvalidToken::Malformed("payload_json"))?;
        claims::check_issuer(&claims, &self.issuer)?;
        self.check_audience(&claims)?;
        claims::check_stated_lifetime(&claims, now, self.leeway)?;
        Ok(claims.into())
    }

    /// All but the signature.
    fn check<A: SignatureAlgorithm>(
        &self,
        raw: &str,
        jws: &Jws<'_, A>,
        expected: &Expected<'_>,
        now: Duration,
        hash: &'static digest::Algorithm,
    ) -> Result<IdToken, InvalidToken> {
        check_type(&jws.header)?;
        let claims = json::members(jws.payload()).map_err(|_| InvalidToken::Malformed("payload_json"))?;
        if is_logout(&claims) {
            return Err(InvalidToken::Type);
        }
        claims::check_issuer(&claims, &self.issuer)?; // 2
        self.check_audience(&claims)?; // 3
        self.check_authorized_party(&claims)?; // 4, 5
        claims::subject(&claims)?;
        let expires_at = claims::check_lifetime(&claims, now, self.leeway)?; // 9, 10
        check_nonce(&claims, &expected.nonce)?; // 11
        check_acr(&claims, expected.acr_values)?; // 12
        let auth_time = self.check_auth_time(&claims, expected.max_age, now)?; // 13
        check_hash(&claims, "at_hash", expected.access_token, hash)?;
        check_hash(&claims, "c_hash", expected.code, hash)?;
        check_hash(&claims, "s_hash", expected.state, hash)?;
        Ok(IdToken::new(raw, claims.into(), expires_at, auth_time))
    }

    /// Contains the client, and nobody beside it who is not trusted: a token for several could be presented by any of
    /// them.
    pub(super) fn check_audience(&self, claims: &Members<'_>) -> Result<(), InvalidToken> {
        if !claims::audience_contains(claims, &self.client_id) {
            return Err(InvalidToken::Audience);
        }
        let is_known = |audience: &Node<'_>| {
            audience.as_str().is_some_and(|audience| {
                *audience == *self.client_id || self.trusted_audiences.iter().any(|trusted| trusted == audience)
            })
        };
        match claims.get("aud") {
            Some(Node::Array(several)) if !several.iter().all(is_known) => Err(InvalidToken::Audience),
            _ => Ok(()),
        }
    }

    /// `azp` is there if there are several audiences, and is the client if it is there.
    fn check_authorized_party(&self, claims: &Members<'_>) -> Result<(), InvalidToken> {
        let several = claims.get("aud").and_then(Node::as_array).is_some_and(|audiences| audiences.len() > 1);
        match claims::text(claims, "azp")? {
            Some(party) if *party == *self.client_id => Ok(()),
            None if !several => Ok(()),
            _ => Err(InvalidToken::AuthorizedParty),
        }
    }

    /// Required where a maximum age was asked for, and then not older.
    fn check_auth_time(
        &self,
        claims: &Members<'_>,
        max_age: Option<Duration>,
        now: Duration,
    ) -> Result<Option<u64>, InvalidToken> {
        let auth_time = claims::date(claims, "auth_time")?;
        let Some(max_age) = max_age else { return Ok(auth_time) };
        let at = Duration::from_secs(auth_time.ok_or(InvalidToken::AuthTime)?);
        if at.saturating_add(max_age).saturating_add(self.leeway) < now || at > now + self.leeway {
            return Err(InvalidToken::AuthTime);
        }
        Ok(auth_time)
    }
}

pub(super) fn parse<'t, A: SignatureAlgorithm>(token: &'t str, allowed: &[A]) -> Result<Jws<'t, A>, InvalidToken> {
    Jws::parse(token, allowed).map_err(|error| InvalidToken::Malformed(error.reason()))
}

/// An access token (`at+jwt`) or a logout token (`logout+jwt`) is no ID token (RFC 8725 section 3.11). A logout token
/// that does not say so is known by its event.
fn check_type<A>(header: &Header<A>) -> Result<(), InvalidToken> {
    let fits = header.token_type.is_none() || header.is_type("JWT");
    if fits { Ok(()) } else { Err(InvalidToken::Type) }
}

fn check_nonce(claims: &Members<'_>, expected: &Nonce<'_>) -> Result<(), InvalidToken> {
    let nonce = claims::text(claims, "nonce").map_err(|_| InvalidToken::Nonce)?;
    let is = |sent: &str| nonce.is_some_and(|nonce| same(nonce, sent));
    let fits = match expected {
        Nonce::Exactly(sent) => is(sent),
        Nonce::AbsentOr(sent) => nonce.is_none() || is(sent),
        Nonce::Absent => nonce.is_none(),
    };
    if fits { Ok(()) } else { Err(InvalidToken::Nonce) }
}

fn check_acr(claims: &Members<'_>, wanted: &[String]) -> Result<(), InvalidToken> {
    let acr = claims::text(claims, "acr").map_err(|_| InvalidToken::Acr)?;
    if wanted.is_empty() || acr.is_some_and(|acr| wanted.iter().any(|level| level == acr)) {
        Ok(())
    } else {
        Err(InvalidToken::Acr)
    }
}

/// `at_hash`, `c_hash` (Core 3.1.3.6, 3.3.2.11) and `s_hash` (FAPI 1.0 part 2 section 5.1): the left half of the hash
/// of what came with the token.
///
/// # Security
/// Where the claim is there it must fit: it ties the access token, the code or the state to this ID token, so that
/// none can be exchanged for another user's on the way.
fn check_hash(
    claims: &Members<'_>,
    name: &'static str,
    value: Option<&str>,
    algorithm: &'static digest::Algorithm,
) -> Result<(), InvalidToken> {
    let wrong = InvalidToken::Hash(name);
    let Some(claimed) = claims::text(claims, name).map_err(|_| wrong)? else { return Ok(()) };
    let Some(value) = value else { return Err(wrong) };
    let full = digest::digest(algorithm, value.as_bytes());
    let half = &full.as_ref()[..full.as_ref().len() / 2];
    if same(claimed, &BASE64_URL_SAFE_NO_PAD.encode(half)) { Ok(()) } else { Err(wrong) }
}

fn same(one: &str, other: &str) -> bool {
    verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

/// The hash of the signature algorithm (Core 3.1.3.6); SHA-512 for Ed25519.
fn hash_of(algorithm: Algorithm) -> &'static digest::Algorithm {
    match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 => &SHA256,
        Algorithm::Rs384 | Algorithm::Ps384 | Algorithm::Es384 => &SHA384,
        Algorithm::Rs512 | Algorithm::Ps512 | Algorithm::Es512 | Algorithm::EdDsa => &SHA512,
    }
}

fn hash_of_hmac(algorithm: HmacAlgorithm) -> &'static digest::Algorithm {
    match algorithm {
        HmacAlgorithm::Hs256 => &SHA256,
        HmacAlgorithm::Hs384 => &SHA384,
        HmacAlgorithm::Hs512 => &SHA512,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    /// `max_age` comes from the application, or from a transaction that was kept outside.
    #[test]
    fn p16_no_max_age_is_too_long_to_be_compared() {
        let policy = IdTokenPolicy {
            issuer: "https://id.example".into(),
            client_id: "castles".into(),
            trusted_audiences: Box::default(),
            keys: IdTokenKeys::Published(Algorithm::ALL.into()),
            leeway: Duration::from_secs(60),
        };
        let claims = json::members(br#"{"auth_time":1800000000}"#).unwrap();
        let now = Duration::from_secs(1_800_000_100);
        let checked = |max_age| policy.check_auth_time(&claims, Some(max_age), now);
        assert_eq!(checked(Duration::MAX), Ok(Some(1_800_000_000)));
        assert_eq!(checked(Duration::from_secs(40)), Ok(Some(1_800_000_000)));
        assert_eq!(checked(Duration::from_secs(39)), Err(InvalidToken::AuthTime));
    }
}
