//! What a login session holds.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::json;
use crate::secret::Secret;
use crate::token::IdToken;
use crate::userinfo::UserInfo;

/// A refresh before the access token dies, in seconds.
const REFRESH_AHEAD: u64 = 60;

/// The facts of a login, as they are kept: only ever written sealed.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) created_at: u64,
    pub(crate) seen_at: u64,
    pub(crate) subject: String,
    pub(crate) auth_time: Option<u64>,
    pub(crate) acr: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) permissions: Vec<String>,
    pub(crate) user_info: UserInfo,
    pub(crate) id_token: KeptIdToken,
    /// `None` where the browser keeps the session and the token did not fit.
    #[serde(with = "exposed_option", default, skip_serializing_if = "Option::is_none")]
    pub(crate) access_token: Option<Secret>,
    /// When the access token dies; `None` where the provider does not say.
    pub(crate) access_expires_at: Option<u64>,
    /// From when on new tokens are asked for, where there is a refresh token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_from: Option<u64>,
    #[serde(with = "exposed_option", default, skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token: Option<Secret>,
    /// How often the tokens have been refreshed.
    #[serde(default)]
    pub(crate) refreshes: u64,
    /// Until when a process may be refreshing the tokens; the others wait for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refreshing_until: Option<u64>,
    /// The provider has ended the login: what is left is only to be removed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) has_ended: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// The ID token of the login: the hint of a logout, and what a refreshed one must succeed.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KeptIdToken {
    #[serde(with = "exposed")]
    raw: Secret,
    expires_at: u64,
}

impl KeptIdToken {
    pub(crate) fn of(id_token: &IdToken) -> Self {
        Self { raw: id_token.secret().clone(), expires_at: id_token.expires_at() }
    }

    pub(crate) fn restore(&self) -> IdToken {
        let claims = json::object(&self.payload()).unwrap_or_default();
        IdToken::restore(self.raw.clone(), claims, self.expires_at)
    }

    /// The claims as JSON. The token was validated, and has been sealed ever since: reading it cannot fail.
    pub(crate) fn payload(&self) -> Vec<u8> {
        let payload = self.raw.expose().split('.').nth(1).unwrap_or_default();
        BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap_or_default()
    }
}

/// When the access token is to be renewed, and when it dies: so early that no request has to wait for one that has
/// died, but not at once where the provider gives it a minute.
pub(crate) fn dates(tokens: &crate::provider::Tokens, now: u64) -> (Option<u64>, Option<u64>) {
    let Some(life) = tokens.expires_in().map(|life| life.as_secs()) else { return (None, None) };
    let dies = now.saturating_add(life);
    (Some(dies.saturating_sub(REFRESH_AHEAD.min(life / 2))), Some(dies))
}

impl Record {
    /// Takes what a refresh brought: scopes and permissions follow the new tokens, `acr` and `auth_time` stay those of
    /// the last interactive login.
    pub(crate) fn adopt(&mut self, tokens: &crate::provider::Tokens, now: u64) {
        // A refresh is caused by a request, which is use of the session.
        self.seen_at = now;
        self.refreshes += 1;
        self.refreshing_until = None;
        self.access_token = Some(tokens.access_token().clone());
        (self.refresh_from, self.access_expires_at) = dates(tokens, now);
        if let Some(refresh_token) = tokens.refresh_token() {
            self.refresh_token = Some(refresh_token.clone());
        }
        let granted: Vec<_> = tokens.scopes().map(str::to_owned).collect();
        if !granted.is_empty() {
            self.scopes = granted;
        }
        // One that does not name the session at the provider would hide ours from the provider's logout.
        let names_session = |id_token: &IdToken| id_token.session_id().is_some();
        let is_named = names_session(&self.id_token.restore());
        if let Some(id_token) = tokens.id_token().filter(|id_token| names_session(id_token) || !is_named) {
            self.id_token = KeptIdToken::of(id_token);
        }
    }
}

/// A secret in the clear: inside a record, which is sealed as a whole.
mod exposed {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::secret::Secret;

    pub(super) fn serialize<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::from)
    }
}

mod exposed_option {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::secret::Secret;

    pub(super) fn serialize<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
        secret.as_ref().map(Secret::expose).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(Secret::from))
    }
}
