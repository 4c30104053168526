//! A login on its way.

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::secret::Secret;

const SECRET_BYTES: usize = 32;

/// A login on its way: everything that binds the callback to the browser in which the login began.
///
/// `state`, `nonce` and the PKCE verifier are derived (HKDF-SHA256) from one 256-bit random secret, so the whole
/// login fits into a small cookie and none of the three tells anything about the others.
///
/// # Security
/// Keep it where only this browser can bring it back, sealed if that is a cookie. A callback whose `state` does not
/// [match](Self::matches_state) was not started here: login CSRF (RFC 9700 section 4.7).
#[derive(Debug, Clone)]
pub struct Transaction {
    secret: Secret,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) max_age: Option<Duration>,
    pub(crate) required_acr: Vec<String>,
}

/// What a transaction looks like at rest.
#[derive(Serialize, Deserialize)]
struct AtRest {
    secret: String,
    redirect_uri: String,
    scopes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_age: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    required_acr: Vec<String>,
}

impl Transaction {
    /// Begins a login; `None` if the system has no randomness to give.
    pub(crate) fn begin(redirect_uri: String, scopes: Vec<String>) -> Option<Self> {
        let mut secret = Zeroizing::new([0u8; SECRET_BYTES]);
        aws_lc_rs::rand::fill(secret.as_mut()).ok()?;
        let secret = Secret::from(BASE64_URL_SAFE_NO_PAD.encode(secret.as_ref()));
        Some(Self { secret, redirect_uri, scopes, max_age: None, required_acr: Vec::new() })
    }

    /// The `state` parameter (RFC 6749 section 4.1.1).
    #[must_use]
    pub fn state(&self) -> String {
        self.derive(b"portcullis state")
    }

    /// Whether a callback's `state` belongs to this login; compared in constant time.
    #[must_use]
    pub fn matches_state(&self, state: &str) -> bool {
        !state.is_empty() && verify_slices_are_equal(self.state().as_bytes(), state.as_bytes()).is_ok()
    }

    /// The `redirect_uri` that the login was started with.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// The transaction as text, to keep until the callback comes. Whoever has it can finish the login.
    #[must_use]
    pub fn to_secret(&self) -> Secret {
        let at_rest = AtRest {
            secret: self.secret.expose().to_owned(),
            redirect_uri: self.redirect_uri.clone(),
            scopes: self.scopes.clone(),
            max_age: self.max_age.map(|age| age.as_secs()),
            required_acr: self.required_acr.clone(),
        };
        // Strings, lists and numbers: their JSON cannot fail.
        Secret::from(serde_json::to_string(&at_rest).unwrap_or_default())
    }

    /// The transaction of a text that [`to_secret`](Self::to_secret) made; `None` if it is not one.
    #[must_use]
    pub fn from_secret(text: &Secret) -> Option<Self> {
        let at_rest: AtRest = serde_json::from_str(text.expose()).ok()?;
        let secret = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(&at_rest.secret).ok()?);
        (secret.len() == SECRET_BYTES).then(|| Self {
            secret: Secret::from(at_rest.secret),
            redirect_uri: at_rest.redirect_uri,
            scopes: at_rest.scopes,
            max_age: at_rest.max_age.map(Duration::from_secs),
            required_acr: at_rest.required_acr,
        })
    }

    pub(crate) fn nonce(&self) -> String {
        self.derive(b"portcullis nonce")
    }

    /// 43 characters, 256 bits (RFC 7636 section 4.1).
    pub(crate) fn code_verifier(&self) -> String {
        self.derive(b"portcullis code verifier")
    }

    fn derive(&self, purpose: &[u8]) -> String {
        struct Length;
        impl KeyType for Length {
            fn len(&self) -> usize {
                SECRET_BYTES
            }
        }
        let key = Salt::new(HKDF_SHA256, b"").extract(self.secret.expose().as_bytes());
        let mut derived = Zeroizing::new([0u8; SECRET_BYTES]);
        let info = [purpose];
        // Fails only for lengths that HKDF cannot make. An empty `state` matches nothing, so it fails closed.
        let filled = key.expand(&info, Length).and_then(|okm| okm.fill(derived.as_mut()));
        filled.map(|()| BASE64_URL_SAFE_NO_PAD.encode(derived.as_ref())).unwrap_or_default()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn begin() -> Transaction {
        Transaction::begin("https://app.example/auth/callback".into(), vec!["openid".into()]).unwrap()
    }

    #[test]
    fn atk_f09_state_nonce_and_verifier_are_long_unlike_and_never_reused() {
        let mut seen = HashSet::new();
        for _ in 0..20_000 {
            let transaction = begin();
            for value in [transaction.state(), transaction.nonce(), transaction.code_verifier()] {
                assert_eq!(value.len(), 43, "32 bytes of base64url, within RFC 7636's 43 to 128");
                assert!(value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
                assert!(seen.insert(value));
            }
        }
    }

    #[test]
    fn a_transaction_comes_back_as_it_was() {
        let mut transaction = begin();
        transaction.max_age = Some(Duration::from_secs(300));
        transaction.required_acr = vec!["1".into()];
        let back = Transaction::from_secret(&transaction.to_secret()).unwrap();
        assert_eq!((back.state(), back.nonce()), (transaction.state(), transaction.nonce()));
        assert_eq!((back.max_age, &back.required_acr), (transaction.max_age, &transaction.required_acr));
        assert!(transaction.matches_state(&back.state()));
        assert!(!transaction.matches_state(&begin().state()));
        assert!(!transaction.matches_state(""));
    }

    #[test]
    fn what_is_no_transaction_is_none() {
        for text in ["", "{}", "null", r#"{"secret":"AAAA","redirect_uri":"/","scopes":[]}"#] {
            assert!(Transaction::from_secret(&Secret::from(text)).is_none(), "{text}");
        }
    }

    #[test]
    fn atk_t09_debug_shows_no_secret() {
        let transaction = begin();
        let shown = format!("{transaction:?}");
        for secret in [transaction.state(), transaction.nonce(), transaction.code_verifier()] {
            assert!(!shown.contains(&secret));
        }
    }
}
