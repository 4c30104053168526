//! Logins on their way, each in a sealed cookie of its own.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use http::HeaderValue;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Web, WebRoute, cookies};
use crate::provider::Transaction;
use crate::secret::Secret;

/// A login that takes longer starts again.
pub(super) const LIFETIME: Duration = Duration::from_secs(10 * 60);
/// Tabs that log in at the same time; the oldest gives way.
const MOST: usize = 4;
/// Name and value of one login's cookie; where the way back does not fit, it ends at the start page. Servers refuse
/// requests whose headers are too long, and then nobody could log in.
const MOST_BYTES: usize = 1024;
const REDIRECT_URI: &str = "redirect_uri";
const SCOPES: &str = "scopes";

/// What the browser keeps of a login, sealed.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Pending {
    #[serde(rename = "t")]
    transaction: Value,
    #[serde(rename = "r")]
    pub(super) return_to: String,
    #[serde(rename = "i")]
    issued_at: u64,
    /// The levels that were asked for; the callback compares by itself.
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) acr_values: Vec<String>,
    /// Stands for the scopes that were asked for.
    #[serde(rename = "s")]
    scopes: String,
}

impl Pending {
    pub(super) fn transaction(&self) -> Option<Transaction> {
        Transaction::from_secret(&Secret::from(self.transaction.to_string()))
    }

    /// When the login has taken too long.
    pub(super) fn ends_at(&self) -> Duration {
        Duration::from_secs(self.issued_at).saturating_add(LIFETIME)
    }
}

impl Web {
    pub(super) fn pending(
        &self,
        transaction: &Transaction,
        return_to: &str,
        acr_values: Vec<String>,
        now: Duration,
    ) -> Pending {
        let mut value: Value = serde_json::from_str(transaction.to_secret().expose()).unwrap_or_default();
        // Settings of ours, which would only make the cookie longer.
        for name in [REDIRECT_URI, SCOPES] {
            value.as_object_mut().map(|members| members.remove(name));
        }
        Pending {
            transaction: value,
            return_to: return_to.to_owned(),
            issued_at: now.as_secs(),
            acr_values,
            scopes: short_hash(&transaction.scopes.join(" ")),
        }
    }

    /// The cookie that starts a login, and the deletion of older ones where there are too many.
    pub(super) fn remember(
        &self,
        pending: &Pending,
        state: &str,
        cookie_headers: &[Box<[u8]>],
    ) -> Option<Vec<HeaderValue>> {
        let name = self.transaction_cookie(state);
        let sealed = self.transactions.seal(&name, &serde_json::to_vec(pending).ok()?)?;
        if name.len() + 1 + sealed.len() > MOST_BYTES && pending.return_to != self.base.home() {
            let home = Pending { return_to: self.base.home(), ..pending.clone() };
            return self.remember(&home, state, cookie_headers);
        }
        let mut cookies = vec![self.names.set(&name, &sealed, Some(LIFETIME))];
        let mut others: Vec<(Duration, String)> = self
            .pending_cookies(cookie_headers)
            .into_iter()
            .map(|(name, value)| {
                let age = self.open(&name, &value).map_or(Duration::ZERO, |pending| pending.ends_at());
                (age, name)
            })
            .collect();
        others.sort_unstable();
        let too_many = (others.len() + 1).saturating_sub(MOST);
        cookies.extend(others.iter().take(too_many).map(|(_, name)| self.names.delete(name)));
        Some(cookies)
    }

    /// The login of this state, if this browser has started it and it has not taken too long.
    pub(super) fn recall(&self, state: &str, cookie_headers: &[Box<[u8]>]) -> Option<Pending> {
        let name = self.transaction_cookie(state);
        let headers = cookie_headers.iter().map(|header| &**header);
        let cookies::Found::One(sealed) = cookies::find(headers, &name) else { return None };
        let pending = self.open(&name, sealed)?;
        let belongs = pending.transaction().is_some_and(|transaction| transaction.matches_state(state));
        (belongs && self.provider.clock().unix_time() < pending.ends_at()).then_some(pending)
    }

    pub(super) fn forget(&self, state: &str) -> HeaderValue {
        self.names.delete(&self.transaction_cookie(state))
    }

    fn open(&self, name: &str, sealed: &str) -> Option<Pending> {
        let mut pending: Pending = serde_json::from_slice(&self.transactions.open(name, sealed)?).ok()?;
        let scopes = self.provider.scopes();
        // A login that began under other settings asked for something else.
        if pending.scopes != short_hash(&scopes.join(" ")) {
            return None;
        }
        let members = pending.transaction.as_object_mut()?;
        members.insert(REDIRECT_URI.to_owned(), self.base.url_of(WebRoute::Callback).into());
        members.insert(SCOPES.to_owned(), scopes.into());
        Some(pending)
    }

    fn pending_cookies(&self, cookie_headers: &[Box<[u8]>]) -> Vec<(String, String)> {
        let headers = cookie_headers.iter().map(|header| &**header);
        let found = cookies::with_prefix(headers, self.names.login_prefix());
        found.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// A name that only the state leads to: parallel logins do not overwrite each other.
    pub(super) fn transaction_cookie(&self, state: &str) -> String {
        self.names.login(&short_hash(state))
    }
}

fn short_hash(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
