//! Validating a logout token (OpenID Connect Back-Channel Logout 1.0 section 2.6).

use std::time::Duration;

use super::claims;
use super::jws::{Header, Jws, SignatureAlgorithm};
use super::validate_id_token::{IdTokenKeys, IdTokenPolicy, parse};
use crate::error::InvalidToken;
use crate::json::{self, Members, Node};
use crate::keys::{Asker, KeyEngine, KeyFailure};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// A provider sends its token when a session ends, and again a little later where it was not heard. An older one is
/// somebody's copy; and so long a used one has to be remembered.
const MAX_AGE: Duration = Duration::from_secs(10 * 60);
const MAX_NAME_BYTES: usize = 255;

/// A **validated** logout token: whose sessions end.
pub(crate) struct LogoutToken {
    pub(crate) target: LogoutTarget,
    /// `jti`: the token is good once.
    pub(crate) id: String,
    /// From then on the token is refused for its age.
    pub(crate) acceptable_until: Duration,
}

/// What a logout token names (section 2.4): at least one of user and session, and what it names must all match.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LogoutTarget {
    /// Every session of this `sub`.
    Subject(String),
    /// The sessions of this `sid`.
    Session(String),
    /// The sessions of this `sid`, where they are this `sub`'s.
    SessionOfSubject { sid: String, subject: String },
}

impl IdTokenPolicy {
    /// Validates a logout token.
    ///
    /// Validates: JWS form, `typ`, issuer, audience, `iat` (required, at most ten minutes old), `exp` and `nbf` where
    /// they are there, `jti`, the event, `sub` and `sid`, that there is no `nonce`, and the signature, as an ID
    /// token's. Does not validate whether it was used before.
    ///
    /// # Security
    /// Anybody can post here, so a key is looked for on a stranger's budget, and only when everything else is right.
    pub(crate) async fn validate_logout_token(
        &self,
        published: &KeyEngine,
        token: &str,
        now: Duration,
    ) -> Result<LogoutToken, KeyFailure> {
        match &self.keys {
            IdTokenKeys::Published(allowed) => {
                let jws = parse(token, allowed)?;
                let logout = self.check_logout(&jws, now)?;
                published.verify(&jws, Asker::Stranger).await?;
                Ok(logout)
            }
            IdTokenKeys::ClientSecret(algorithm, secret) => {
                let jws = parse(token, &[*algorithm])?;
                let logout = self.check_logout(&jws, now)?;
                if secret.verify(&jws) { Ok(logout) } else { Err(InvalidToken::Signature.into()) }
            }
        }
    }

    /// All but the signature.
    fn check_logout<A: SignatureAlgorithm>(
        &self,
        jws: &Jws<'_, A>,
        now: Duration,
    ) -> Result<LogoutToken, InvalidToken> {
        check_type(&jws.header)?;
        let claims = json::members(jws.payload()).map_err(|_| InvalidToken::Malformed("payload_json"))?;
        claims::check_issuer(&claims, &self.issuer)?;
        self.check_audience(&claims)?;
        let acceptable_until = self.check_age(&claims, now)?;
        if !is_logout(&claims) {
            return Err(InvalidToken::Claim("events"));
        }
        if claims.contains_key("nonce") {
            return Err(InvalidToken::Nonce);
        }
        let id = name(&claims, "jti")?.ok_or(InvalidToken::Claim("jti"))?;
        Ok(LogoutToken { target: target(&claims)?, id, acceptable_until })
    }

    fn check_age(&self, claims: &Members<'_>, now: Duration) -> Result<Duration, InvalidToken> {
        claims::check_stated_lifetime(claims, now, self.leeway)?;
        let issued = claims::date(claims, "iat")?.ok_or(InvalidToken::Claim("iat"))?;
        let oldest = Duration::from_secs(issued) + MAX_AGE + self.leeway;
        if oldest <= now {
            return Err(InvalidToken::Expired);
        }
        let expires = claims::date(claims, "exp")?.map(|expires| Duration::from_secs(expires) + self.leeway);
        Ok(expires.map_or(oldest, |expires| expires.min(oldest)))
    }
}

/// Whether the claims tell of a logout; what an ID token must never do.
pub(super) fn is_logout(claims: &Members<'_>) -> bool {
    let Some(Node::Object(events)) = claims.get("events") else { return false };
    matches!(events.get(EVENT), Some(Node::Object(_)))
}

/// `logout+jwt` is recommended (section 2.4); many providers say `JWT` or nothing. An access token (`at+jwt`) or any
/// other kind is refused (RFC 8725 section 3.11).
fn check_type<A>(header: &Header<A>) -> Result<(), InvalidToken> {
    let fits = header.token_type.is_none() || header.is_type("logout+jwt") || header.is_type("JWT");
    if fits { Ok(()) } else { Err(InvalidToken::Type) }
}

fn target(claims: &Members<'_>) -> Result<LogoutTarget, InvalidToken> {
    match (name(claims, "sub")?, name(claims, "sid")?) {
        (Some(subject), None) => Ok(LogoutTarget::Subject(subject)),
        (None, Some(sid)) => Ok(LogoutTarget::Session(sid)),
        (Some(subject), Some(sid)) => Ok(LogoutTarget::SessionOfSubject { sid, subject }),
        (None, None) => Err(InvalidToken::Claim("sid")),
    }
}

/// A name that, where it is there, says something and is not too long.
fn name(claims: &Members<'_>, name: &'static str) -> Result<Option<String>, InvalidToken> {
    match claims::text(claims, name)? {
        Some(text) if text.is_empty() || text.len() > MAX_NAME_BYTES => Err(InvalidToken::Claim(name)),
        text => Ok(text.map(str::to_owned)),
    }
}
