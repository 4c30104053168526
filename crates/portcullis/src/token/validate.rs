//! Validating an access token: a checklist that reads like the RFC.

use std::sync::Arc;
use std::time::Duration;

use super::access_token::{AccessToken, Claims, Facts, Judgement};
use super::algorithm::Algorithm;
use super::claims;
use super::jws::{Header, Jws};
use super::known_header::KnownHeader;
use super::texts::{Said, Texts};
use crate::error::{AuthError, InvalidToken};
use crate::json::{self, Members, Node};
use crate::keys::{Asker, KeyEngine, PublicKey};
use crate::provider::{Profile, Separation, TokenType};
use crate::secret::Secret;

const NOT_JSON: InvalidToken = InvalidToken::Malformed("payload_json");

/// What an access token must be for this guard.
#[derive(Debug)]
pub(crate) struct TokenPolicy {
    pub(crate) issuer: Arc<str>,
    pub(crate) audience: Box<str>,
    pub(crate) algorithms: Box<[Algorithm]>,
    pub(crate) known_header: KnownHeader,
    pub(crate) profile: Profile,
    pub(crate) judgement: Arc<Judgement>,
}

impl TokenPolicy {
    /// Validates a JWT access token (RFC 9068 section 4) and returns it with the key that vouches for it.
    ///
    /// Validates: JWS form, algorithm, `typ`, issuer, audience, lifetime, the claims' types, that it is not an ID
    /// token, and the signature. Does not validate whether the provider has revoked the token meanwhile.
    ///
    /// What is cheap comes before the key lookup, and the key lookup before cryptography, so that refused tokens
    /// cost the provider nothing.
    pub(crate) async fn validate(
        &self,
        keys: &KeyEngine,
        token: &Arc<Secret>,
    ) -> Result<(AccessToken, Arc<PublicKey>), AuthError> {
        let jws = Jws::parse_knowing(token.expose(), &self.algorithms, &self.known_header)
            .map_err(|error| InvalidToken::Malformed(error.reason()))?;
        let facts = self.check(token, &jws)?;
        let key = keys.verify(&jws, Asker::Stranger).await?;
        self.known_header.remember(&jws);
        Ok((AccessToken::new(facts), key))
    }

    /// All but the signature.
    fn check(&self, token: &Arc<Secret>, jws: &Jws<'_>) -> Result<Facts, InvalidToken> {
        self.check_type(&jws.header)?;
        let payload = str::from_utf8(jws.payload()).map_err(|_| NOT_JSON)?;
        let claims = json::members_of(payload).map_err(|_| NOT_JSON)?;
        claims::check_issuer(&claims, &self.issuer)?;
        self.check_audience(&claims)?;
        let expires_at = claims::check_lifetime(&claims, self.now(), self.judgement.leeway)?;
        self.check_kind(&claims)?;
        check_binding(&claims)?;
        self.facts(token, &claims, expires_at)
    }

    /// RFC 9068 section 4, first rule; what a profile relaxes, it names.
    fn check_type(&self, header: &Header) -> Result<(), InvalidToken> {
        let fits = match self.profile.token_type {
            TokenType::AccessTokenJwt => header.is_type("at+jwt"),
            TokenType::Plain(_) => header.token_type.is_none() || header.is_type("JWT"),
        };
        if fits { Ok(()) } else { Err(InvalidToken::Type) }
    }

    fn check_audience(&self, claims: &Members<'_>) -> Result<(), InvalidToken> {
        if claims::audience_contains(claims, &self.audience) { Ok(()) } else { Err(InvalidToken::Audience) }
    }

    /// Where `typ` does not tell the kinds apart, the profile's separation does (RFC 8725 section 3.12).
    fn check_kind(&self, claims: &Members<'_>) -> Result<(), InvalidToken> {
        match self.profile.token_type {
            TokenType::AccessTokenJwt => Ok(()),
            TokenType::Plain(Separation::ScopeAndNoIdTokenClaims) => {
                let has_scope = matches!(claims.get("scope"), Some(Node::Text(_)));
                let looks_like_id_token = ["nonce", "at_hash", "c_hash"].iter().any(|name| claims.contains_key(name));
                if has_scope && !looks_like_id_token { Ok(()) } else { Err(InvalidToken::IdToken) }
            }
        }
    }

    fn facts(&self, token: &Arc<Secret>, claims: &Members<'_>, expires_at: u64) -> Result<Facts, InvalidToken> {
        if self.profile.requires_token_id {
            claims::required_text(claims, "jti")?;
        }
        let texts = Texts::new(Said {
            subject: claims::subject(claims)?,
            client_id: Some(self.client_id(claims)?),
            scopes: claims::scopes(claims)?,
            permissions: claims::permissions(claims)?,
            acr: claims::text(claims, "acr")?,
        });
        Ok(Facts {
            raw: Arc::clone(token),
            issuer: Arc::clone(&self.issuer),
            texts,
            claims: Claims::InToken,
            auth_time: claims::date(claims, "auth_time")?,
            expires_at,
            judgement: Arc::clone(&self.judgement),
        })
    }

    fn client_id<'c>(&self, claims: &'c Members<'_>) -> Result<&'c str, InvalidToken> {
        let mut named = self.profile.client_id_claims.iter();
        let stated = named.find_map(|name| claims.get(name).map(|claimed| (name, claimed.as_str())));
        let (name, text) = stated.ok_or(InvalidToken::Claim("client_id"))?;
        text.filter(|text| !text.is_empty()).ok_or(InvalidToken::Claim(name))
    }

    /// Whether `exp` plus leeway still lies ahead, give or take some milliseconds.
    pub(crate) fn is_alive(&self, expires_at: u64) -> bool {
        claims::is_alive(expires_at, self.judgement.clock.about_unix_time(), self.judgement.leeway)
    }

    fn now(&self) -> Duration {
        self.judgement.clock.unix_time()
    }
}

/// A token that is bound to a key (RFC 7800) proves nothing in the hands of a mere bearer.
fn check_binding(claims: &Members<'_>) -> Result<(), InvalidToken> {
    if claims.contains_key("cnf") { Err(InvalidToken::SenderConstrained) } else { Ok(()) }
}
