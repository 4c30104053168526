//! Which claims a correct token has.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::key::Algorithm;
use crate::provider::State;

static NEXT_TOKEN: AtomicU64 = AtomicU64::new(1);

#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) id_token: bool,
    pub(super) logout: bool,
    pub(super) fief: bool,
    pub(super) subject: String,
    pub(super) client_id: String,
    pub(super) audiences: Vec<String>,
    pub(super) scope: Option<String>,
    pub(super) permissions: Option<Vec<String>>,
    pub(super) acr: Option<String>,
    pub(super) auth_time: Option<u64>,
    pub(super) expires_in: i64,
    pub(super) access_token: Option<String>,
    pub(super) code: Option<String>,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            id_token: false,
            logout: false,
            fief: false,
            subject: "alice".to_owned(),
            client_id: "app".to_owned(),
            audiences: Vec::new(),
            scope: None,
            permissions: None,
            acr: None,
            auth_time: None,
            expires_in: 300,
            access_token: None,
            code: None,
        }
    }
}

impl Shape {
    pub(super) fn typ(&self) -> Option<&'static str> {
        if self.logout {
            return Some("logout+jwt");
        }
        match (self.fief, self.id_token) {
            (true, _) => None,
            (false, true) => Some("JWT"),
            (false, false) => Some("at+jwt"),
        }
    }

    pub(super) fn claims(&self, provider: &State, algorithm: Algorithm) -> Map<String, Value> {
        let now = provider.clock.unix();
        if self.logout {
            return self.end(provider, now);
        }
        let mut claims = Map::new();
        let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        set("iss", json!(provider.issuer));
        set("sub", json!(self.subject));
        set("aud", self.audience(provider));
        set("iat", json!(now));
        set("exp", json!(i64::try_from(now).unwrap_or(i64::MAX).saturating_add(self.expires_in)));
        set("auth_time", json!(self.auth_time.unwrap_or(now)));
        if let Some(acr) = self.acr.as_deref().or(self.fief.then_some("0")) {
            set("acr", json!(acr));
        }
        if self.fief {
            set("azp", json!(self.client_id));
        }
        claims.extend(if self.id_token { self.identity(provider, algorithm) } else { self.grant() });
        claims
    }

    /// What a logout token says (OpenID Connect Back-Channel Logout 1.0 section 2.4).
    fn end(&self, provider: &State, now: u64) -> Map<String, Value> {
        let claims = json!({
            "iss": provider.issuer,
            "sub": self.subject,
            "aud": self.audience(provider),
            "iat": now,
            "exp": i64::try_from(now).unwrap_or(i64::MAX).saturating_add(self.expires_in),
            "jti": format!("token-{}", NEXT_TOKEN.fetch_add(1, Ordering::Relaxed)),
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        claims.as_object().cloned().unwrap_or_default()
    }

    fn audience(&self, provider: &State) -> Value {
        match self.audiences.as_slice() {
            [] if self.fief => json!([self.client_id]),
            [] if self.id_token || self.logout => json!(self.client_id),
            [] => json!(provider.audience),
            [one] if !self.fief => json!(one),
            several => json!(several),
        }
    }

    /// What only an access token says.
    fn grant(&self) -> Map<String, Value> {
        let mut claims = Map::new();
        let scope = self.scope.as_deref().or(self.fief.then_some("openid"));
        if let Some(scope) = scope {
            claims.insert("scope".to_owned(), json!(scope));
        }
        if self.permissions.is_some() || self.fief {
            claims.insert("permissions".to_owned(), json!(self.permissions.as_deref().unwrap_or_default()));
        }
        if !self.fief {
            claims.insert("client_id".to_owned(), json!(self.client_id));
            let number = NEXT_TOKEN.fetch_add(1, Ordering::Relaxed);
            claims.insert("jti".to_owned(), json!(format!("token-{number}")));
        }
        claims
    }

    /// What only an ID token says.
    fn identity(&self, provider: &State, algorithm: Algorithm) -> Map<String, Value> {
        let mut claims = Map::new();
        let access_token = self.access_token.as_deref().unwrap_or("an access token");
        claims.insert("nonce".to_owned(), json!("a nonce"));
        claims.insert("at_hash".to_owned(), json!(left_half_hash(algorithm, access_token)));
        if let Some(code) = self.code.as_deref().or(self.fief.then_some("a code")) {
            claims.insert("c_hash".to_owned(), json!(left_half_hash(algorithm, code)));
        }
        if self.fief {
            let users = provider.users();
            let email = users.find(&self.subject).and_then(|user| user.claims.get("email"));
            claims.insert("email".to_owned(), json!(email));
            claims.insert("email_verified".to_owned(), json!(true));
            claims.insert("is_active".to_owned(), json!(true));
            claims.insert("tenant_id".to_owned(), json!("7f8a6c1e-0000-4000-8000-000000000001"));
            claims.insert("fields".to_owned(), json!({}));
        }
        claims
    }
}

/// `at_hash` and `c_hash`: the left half of the hash that belongs to the ID token's `alg`.
fn left_half_hash(algorithm: Algorithm, value: &str) -> String {
    let hash = digest::digest(algorithm.digest(), value.as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}
