//! Client assertions: `private_key_jwt` (RFC 7523 section 3, OpenID Connect Core 9).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::super::problem::Problem;
use crate::client::{AssertionAudience, Client};
use crate::form::Form;
use crate::key::{Algorithm, verify};
use crate::provider::State;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// An assertion is made for one request: one that lives longer is a password.
const LONGEST_LIFE: u64 = 60;

/// Who an assertion says it is from, before it is validated.
pub(super) fn issuer(assertion: &str) -> Option<String> {
    Some(Jws::parse(assertion)?.claims["iss"].as_str()?.to_owned())
}

/// Validates signature, `iss`, `sub`, `aud`, `exp` and that `jti` is new.
pub(super) fn validate(state: &State, client: &Client, form: &Form) -> Result<(), Problem> {
    if form.get("client_assertion_type") != Some(ASSERTION_TYPE) {
        return Err(Problem::new("invalid_request", "client_assertion_type is not that of a JWT"));
    }
    let assertion = form.get("client_assertion").unwrap_or_default();
    let refused = |text: &str| Problem::invalid_client(format!("the assertion {text}"));
    let jws = Jws::parse(assertion).ok_or_else(|| refused("is not a signed JWT"))?;
    if !jws.is_signed_by(client) {
        return Err(refused("has no signature of a registered key"));
    }
    let claims = &jws.claims;
    if claims["iss"] != client.id.as_str() || claims["sub"] != client.id.as_str() {
        return Err(refused("names another client as iss or sub"));
    }
    let audience = match client.assertion_audience {
        AssertionAudience::Issuer => state.issuer.clone(),
        AssertionAudience::TokenEndpoint => state.url("/token"),
    };
    if claims["aud"] != audience.as_str() {
        return Err(refused(&format!("has another aud than the single string {audience}")));
    }
    let now = state.clock.unix();
    match claims["exp"].as_u64() {
        None => return Err(refused("has no exp")),
        Some(expires) if expires <= now => return Err(refused("has expired")),
        Some(expires) if expires > now + LONGEST_LIFE => return Err(refused("lives longer than 60 s")),
        Some(_) => {}
    }
    let jti = claims["jti"].as_str().ok_or_else(|| refused("has no jti"))?;
    if !state.grants().first_use_of(&client.id, jti) {
        return Err(refused("was used before"));
    }
    Ok(())
}

struct Jws<'a> {
    header: Value,
    claims: Value,
    message: &'a str,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    fn parse(token: &'a str) -> Option<Self> {
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        Some(Self {
            header: serde_json::from_slice(&decode(header)?).ok()?,
            claims: serde_json::from_slice(&decode(claims)?).ok()?,
            message,
            signature: decode(signature)?,
        })
    }

    fn is_signed_by(&self, client: &Client) -> bool {
        let Some(algorithm) = self.header["alg"].as_str().and_then(Algorithm::named) else { return false };
        let keys = client.jwks.as_ref().and_then(|jwks| jwks["keys"].as_array());
        let named = |key: &&Value| self.header["kid"].is_null() || self.header["kid"] == key["kid"];
        let fits = |key: &&Value| key["alg"].is_null() || key["alg"] == algorithm.name();
        let mut candidates = keys.into_iter().flatten().filter(named).filter(fits);
        candidates.any(|key| verify(key, algorithm, self.message.as_bytes(), &self.signature))
    }
}
