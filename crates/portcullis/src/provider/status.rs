//! What a status page may say about a provider.

use serde::Serialize;

use super::document::DocumentStatus;
use crate::error::ProviderError;
use crate::keys::KeySet;

/// The state of one issuer's keys. Holds no secret: an application may publish it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct IssuerStatus {
    /// The issuer identifier.
    pub issuer: String,
    /// How current its keys are.
    pub state: IssuerState,
    /// The number of usable keys.
    pub keys: usize,
    /// Seconds since the last good fetch.
    pub age_s: Option<u64>,
    /// The reason code of the last fetch, if that failed.
    pub last_error: Option<&'static str>,
}

/// How current an issuer's keys are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum IssuerState {
    /// No good fetch yet: keys are fetched when a request first needs them.
    Never,
    /// Within their lifetime.
    Fresh,
    /// Past their lifetime and not refreshed, but within `max_stale`: tokens still validate.
    Stale,
    /// Past `max_stale`: tokens are answered with 503 until a fetch succeeds.
    Unavailable,
}

impl IssuerStatus {
    pub(super) fn of(issuer: &str, keys: &DocumentStatus<KeySet>, metadata_error: Option<ProviderError>) -> Self {
        let state = match (&keys.value, keys.fresh, keys.usable) {
            (None, ..) => IssuerState::Never,
            (_, true, _) => IssuerState::Fresh,
            (_, _, true) => IssuerState::Stale,
            _ => IssuerState::Unavailable,
        };
        Self {
            issuer: issuer.to_owned(),
            state,
            keys: keys.value.as_ref().map_or(0, |set| set.len()),
            age_s: keys.age.map(|age| age.as_secs()),
            last_error: keys.last_error.or(metadata_error).map(|error| error.reason()),
        }
    }
}
