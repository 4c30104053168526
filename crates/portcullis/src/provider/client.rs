//! Who we are at the provider.

use crate::provider::client_keys::ClientKeys;
use crate::provider::profile::Profile;
use crate::secret::Secret;
use crate::token::IdTokenPolicy;

/// Our registration at the provider.
#[derive(Debug)]
pub(crate) struct Client {
    /// `None` for an API that never logs anybody in.
    pub(crate) client_id: Option<String>,
    pub(crate) secret: Option<Secret>,
    /// `None`: decided by what we have and what the provider lists.
    pub(crate) auth: Option<ClientAuth>,
    pub(crate) keys: Option<ClientKeys>,
    pub(crate) scopes: Vec<String>,
    pub(crate) profile: Profile,
    /// How ID tokens are validated; `None` without a client id.
    pub(crate) id_tokens: Option<IdTokenPolicy>,
}

/// How the client proves who it is at the token endpoint (OpenID Connect Core section 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuth {
    /// A public client: nothing but its id, and PKCE for each code.
    None,
    /// The secret in the `Authorization` header.
    ClientSecretBasic,
    /// The secret in the form.
    ClientSecretPost,
    /// An assertion signed with the client's private key (RFC 7523).
    PrivateKeyJwt,
}

impl ClientAuth {
    /// Every method.
    pub const ALL: &'static [Self] =
        &[Self::None, Self::ClientSecretBasic, Self::ClientSecretPost, Self::PrivateKeyJwt];

    /// The registered name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }

    /// The method of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|method| method.as_str() == name)
    }
}

impl Client {
    /// The method to use where the provider lists these: the configured one; else with a secret Basic if it is
    /// listed or nothing is, else the form; else the private key; else none.
    pub(crate) fn method(&self, listed: Option<&[String]>) -> ClientAuth {
        if let Some(method) = self.auth {
            return method;
        }
        let is_listed =
            |method: ClientAuth| listed.is_none_or(|listed| listed.iter().any(|name| name == method.as_str()));
        match (&self.secret, &self.keys) {
            (Some(_), _) if is_listed(ClientAuth::ClientSecretBasic) => ClientAuth::ClientSecretBasic,
            (Some(_), _) => ClientAuth::ClientSecretPost,
            (None, Some(_)) => ClientAuth::PrivateKeyJwt,
            (None, None) => ClientAuth::None,
        }
    }
}
