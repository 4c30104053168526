//! Tokens, correct ones and every kind of wrong ones.

mod mint;
mod shape;
mod signer;

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value};

use self::shape::Shape;
pub use self::signer::Signer;
use crate::key::Algorithm;
use crate::provider::State;

/// Makes one token; start with [`TestProvider::token`](crate::TestProvider::token).
///
/// Without further calls it is a correct RFC 9068 access token of alice's: `typ` `at+jwt`, `iss`, `sub`, `aud`,
/// `client_id`, `iat`, `exp` in 300 s, `auth_time` and a unique `jti`, signed by the provider's first key.
///
/// ```
/// use portcullis_testkit::TestProvider;
///
/// let provider = TestProvider::in_memory();
/// let token = provider.token().subject("alice").scope("castles").permission("castles:read").mint();
/// let expired = provider.token().user("alice").expires_in(-1).mint();
/// let id_token = provider.token().id_token().nonce("n-1").access_token(&token).mint();
/// let unsigned = provider.token().user("alice").unsigned().mint();
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct TokenBuilder {
    provider: Arc<State>,
    shape: Shape,
    claims: Map<String, Value>,
    without: BTreeSet<String>,
    header: Map<String, Value>,
    without_header: BTreeSet<String>,
    raw_header: Option<Bytes>,
    raw_payload: Option<Bytes>,
    raw_signature: Option<Bytes>,
    corrupt: bool,
    algorithm: Option<Algorithm>,
    kid: Option<String>,
    signer: Signer,
}

impl TokenBuilder {
    pub(crate) fn new(provider: Arc<State>) -> Self {
        Self {
            provider,
            shape: Shape::default(),
            claims: Map::new(),
            without: BTreeSet::new(),
            header: Map::new(),
            without_header: BTreeSet::new(),
            raw_header: None,
            raw_payload: None,
            raw_signature: None,
            corrupt: false,
            algorithm: None,
            kid: None,
            signer: Signer::Provider,
        }
    }

    /// Takes subject, scopes, permissions and acr from a user of the provider: alice has every permission, bob none.
    pub fn user(mut self, subject: &str) -> Self {
        if let Some(user) = self.provider.users().find(subject) {
            self.shape.scope = Some(user.scope.clone());
            self.shape.permissions = Some(user.permissions.clone());
            self.shape.acr = Some(user.acr.clone());
        }
        self.subject(subject)
    }

    /// Sets `sub`; `alice` if not set.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.shape.subject = subject.into();
        self
    }

    /// Sets the client the token was given to; `app` if not set.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.shape.client_id = client_id.into();
        self
    }

    /// Adds an audience; called again, `aud` becomes a list.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.shape.audiences.push(audience.into());
        self
    }

    /// Sets `scope`: names, separated by spaces.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.shape.scope = Some(scope.into());
        self
    }

    /// Adds a permission.
    pub fn permission(mut self, permission: impl Into<String>) -> Self {
        self.shape.permissions.get_or_insert_default().push(permission.into());
        self
    }

    /// Sets `permissions`.
    pub fn permissions<P: Into<String>>(mut self, permissions: impl IntoIterator<Item = P>) -> Self {
        self.shape.permissions = Some(permissions.into_iter().map(Into::into).collect());
        self
    }

    /// Sets `acr`.
    pub fn acr(mut self, acr: impl Into<String>) -> Self {
        self.shape.acr = Some(acr.into());
        self
    }

    /// Sets `auth_time` in seconds since the Unix epoch; now if not set.
    pub fn auth_time(mut self, unix: u64) -> Self {
        self.shape.auth_time = Some(unix);
        self
    }

    /// Sets `exp`, in seconds from now; negative for a token that has expired.
    pub fn expires_in(mut self, seconds: i64) -> Self {
        self.shape.expires_in = seconds;
        self
    }

    /// Makes an ID token: `typ` `JWT`, the client as audience, `nonce` and `at_hash` instead of `client_id` and `jti`.
    pub fn id_token(mut self) -> Self {
        self.shape.id_token = true;
        self
    }

    /// Makes a logout token (OpenID Connect Back-Channel Logout 1.0): `typ` `logout+jwt`, the client as audience, the
    /// event, a unique `jti`, and the subject. For another target there are [`sid`](Self::sid) and `without("sub")`.
    pub fn logout_token(mut self) -> Self {
        self.shape.logout = true;
        self.expires_in(120)
    }

    /// Sets `sid`, the session at the provider.
    pub fn sid(self, sid: &str) -> Self {
        self.claim("sid", sid)
    }

    /// Takes Fief's shape: no `typ`, the client as a list of one audience, `azp`, and always `scope`, `permissions`
    /// and `acr`; as an ID token `c_hash` and the user's e-mail address instead of scope and permissions.
    pub fn fief(mut self) -> Self {
        self.shape.fief = true;
        self
    }

    /// Sets the `nonce` of an ID token.
    pub fn nonce(self, nonce: &str) -> Self {
        self.claim("nonce", nonce)
    }

    /// Sets the `at_hash` of an ID token to that of this access token (OpenID Connect Core 3.1.3.6).
    pub fn access_token(mut self, token: &str) -> Self {
        self.shape.access_token = Some(token.to_owned());
        self
    }

    /// Sets the `c_hash` of an ID token to that of this authorization code (OpenID Connect Core 3.3.2.11).
    pub fn code(mut self, code: &str) -> Self {
        self.shape.code = Some(code.to_owned());
        self
    }

    /// Sets any claim to any value, whatever else was said about it.
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        let name = name.into();
        self.without.remove(&name);
        self.claims.insert(name, value.into());
        self
    }

    /// Leaves a claim out, whatever else was said about it.
    pub fn without(mut self, name: impl Into<String>) -> Self {
        self.without.insert(name.into());
        self
    }

    /// Sets any header member to any value: `crit`, `jku`, a wrong `alg`.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.header.insert(name.into(), value.into());
        self
    }

    /// Leaves a header member out.
    pub fn without_header(mut self, name: impl Into<String>) -> Self {
        self.without_header.insert(name.into());
        self
    }

    /// Sets `typ`.
    pub fn typ(self, typ: &str) -> Self {
        self.header("typ", typ)
    }

    /// Sets `kid`, and signs with the provider's key of that name if there is one.
    pub fn kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// Signs with the provider's key for this algorithm. One that is not there yet is made and published, after
    /// which the key set that a client has is out of date: name it at
    /// [`algorithms`](crate::TestProviderBuilder::algorithms) if that matters.
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// Signs with something else than the provider's keys: a foreign key, a secret.
    pub fn sign_with(mut self, signer: impl Into<Signer>) -> Self {
        self.signer = signer.into();
        self
    }

    /// Signs with HS256 and this secret, such as a public key's PEM.
    pub fn hmac(self, secret: impl AsRef<[u8]>) -> Self {
        self.sign_with(Signer::Hs256(secret.as_ref().to_vec()))
    }

    /// Leaves the signature empty, with `alg` `none`.
    pub fn unsigned(self) -> Self {
        self.sign_with(Signer::Unsigned)
    }

    /// Signs this text as the header instead, as it is: duplicate members, not JSON.
    pub fn raw_header(mut self, header: impl Into<Bytes>) -> Self {
        self.raw_header = Some(header.into());
        self
    }

    /// Signs these bytes as the payload instead, as they are: duplicate members, not JSON, not UTF-8.
    pub fn raw_payload(mut self, payload: impl Into<Bytes>) -> Self {
        self.raw_payload = Some(payload.into());
        self
    }

    /// Appends these bytes as the signature instead, as they are: all zeros, DER, too long.
    pub fn raw_signature(mut self, signature: impl Into<Bytes>) -> Self {
        self.raw_signature = Some(signature.into());
        self
    }

    /// Flips a bit of the signature, as the conformance suite does.
    pub fn corrupt_signature(mut self) -> Self {
        self.corrupt = true;
        self
    }
}
