//! Provider profiles: the quirks of a provider, by name.

/// How a provider's access tokens look, where they differ from RFC 9068.
///
/// A profile is a named set of quirks, not a set of switches: whoever reads `PORTCULLIS_PROFILE=fief` knows what is
/// relaxed and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    name: &'static str,
    pub(crate) token_type: TokenType,
    /// The claims that may name the client the token was issued to, in order.
    pub(crate) client_id_claims: &'static [&'static str],
    /// RFC 9068 section 2.2 requires `jti`.
    pub(crate) requires_token_id: bool,
    /// Access tokens carry the client id as their audience.
    pub(crate) audience_is_client_id: bool,
    /// Authentication levels, weakest first.
    pub(crate) acr_values: &'static [&'static str],
    /// What the provider calls `ui_locales`, where it does not know that.
    pub(crate) language_parameter: Option<&'static str>,
    pub(crate) logout: Logout,
    pub(crate) assertion_audience: AssertionAudience,
}

/// How a browser is sent to log out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Logout {
    /// OpenID Connect RP-Initiated Logout 1.0.
    Standard,
    /// `<segment>?<parameter>=<where to go on>` beside the authorization endpoint; no hint, no state, and not in the
    /// metadata.
    Own { segment: &'static str, parameter: &'static str },
}

/// Whom a client assertion is made for (RFC 7523 section 3).
///
/// # Security
/// The issuer, unless a provider takes nothing else: a malicious provider whose metadata names an honest provider's
/// token endpoint would otherwise receive assertions that are good there (CVE-2025-27370).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AssertionAudience {
    Issuer,
}

/// What the `typ` header of an access token must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenType {
    /// `at+jwt` (RFC 9068 section 4).
    AccessTokenJwt,
    /// Absent or `JWT`. ID tokens look the same then, so something else must tell them apart.
    Plain(Separation),
}

/// What separates an access token from an ID token where `typ` does not.
///
/// # Security
/// Without it an ID token, which passes through browsers and logs and proves a login to its client, could be
/// presented as an access token (RFC 8725 section 3.12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Separation {
    /// `scope` is there as a string, and none of `nonce`, `at_hash`, `c_hash` is.
    ScopeAndNoIdTokenClaims,
}

impl Profile {
    /// RFC 9068: `typ` `at+jwt`, `client_id` and `jti` required; scopes in `scope`, permissions in `permissions`.
    pub const GENERIC: Self = Self {
        name: "generic",
        token_type: TokenType::AccessTokenJwt,
        client_id_claims: &["client_id"],
        requires_token_id: true,
        audience_is_client_id: false,
        acr_values: &[],
        language_parameter: None,
        logout: Logout::Standard,
        assertion_audience: AssertionAudience::Issuer,
    };

    /// Fief. Its access tokens have no `typ`, `client_id` or `jti`; `azp` names the client and `aud` is the client.
    /// The separation: `scope` is there, `nonce`, `at_hash` and `c_hash` are not. Levels: `0` (a session was reused)
    /// and `1` (the password was just given). Logout is `/logout?redirect_uri=`, languages are asked for by `lang`.
    pub const FIEF: Self = Self {
        name: "fief",
        token_type: TokenType::Plain(Separation::ScopeAndNoIdTokenClaims),
        client_id_claims: &["client_id", "azp"],
        requires_token_id: false,
        audience_is_client_id: true,
        acr_values: &["0", "1"],
        language_parameter: Some("lang"),
        logout: Logout::Own { segment: "logout", parameter: "redirect_uri" },
        assertion_audience: AssertionAudience::Issuer,
    };

    /// Every profile of this version.
    pub const ALL: &'static [Self] = &[Self::GENERIC, Self::FIEF];

    /// The profile's name, as `PORTCULLIS_PROFILE` spells it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The profile of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|profile| profile.name == name).copied()
    }
}
