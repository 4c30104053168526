//! Why a token does not validate.

use std::fmt;

/// Why a token does not validate.
///
/// Only the log sees it: the wire says `invalid_token` for all of them, so that nobody learns from the answers
/// which check to work on next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InvalidToken {
    /// Not a compact JWS that this library reads (RFC 7515); the code says which rule is broken.
    Malformed(&'static str),
    /// The header's `typ`, or the token's event, is not that of the kind of token which is expected (RFC 8725 section
    /// 3.11): an access token's is `at+jwt` (RFC 9068 section 2.1).
    Type,
    /// `iss` is not the configured issuer, byte for byte.
    Issuer,
    /// `aud` does not contain the configured audience.
    Audience,
    /// `exp` lies in the past, or the `iat` of a logout token too far back.
    Expired,
    /// `nbf` or `iat` lies in the future.
    NotYetValid,
    /// A claim is missing or has the wrong type; the code names the claim.
    Claim(&'static str),
    /// It is an ID token, or could be one.
    IdToken,
    /// `azp` is not this client, or is missing where `aud` names several (OpenID Connect Core section 3.1.3.7).
    AuthorizedParty,
    /// `nonce` is not that of the login: the token was made for another one. A logout token has none at all.
    Nonce,
    /// `acr` is not one that the login required.
    Acr,
    /// `auth_time` is missing or too old for the `max_age` that was asked for.
    AuthTime,
    /// `at_hash`, `c_hash` or `s_hash` does not fit the access token, the code or the state that came with it.
    Hash(&'static str),
    /// The refreshed ID token is not the successor of the first one; the code names the claim (Core section 12.2).
    Successor(&'static str),
    /// It is bound to a key (`cnf`), so a bearer must not use it (RFC 9449 section 7.1, RFC 8705 section 3).
    SenderConstrained,
    /// No key of the provider has this `kid`.
    UnknownKey,
    /// The signature does not verify with any fitting key.
    Signature,
    /// The provider itself refused the token.
    Refused,
}

impl InvalidToken {
    /// A stable reason code for logs.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Malformed(reason) => reason,
            Self::Type => "typ",
            Self::Issuer => "iss",
            Self::Audience => "aud",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::Claim(name) => name,
            Self::IdToken => "id_token",
            Self::AuthorizedParty => "azp",
            Self::Nonce => "nonce",
            Self::Acr => "acr",
            Self::AuthTime => "auth_time",
            Self::Hash(name) | Self::Successor(name) => name,
            Self::SenderConstrained => "sender_constrained",
            Self::UnknownKey => "unknown_key",
            Self::Signature => "signature",
            Self::Refused => "refused_by_provider",
        }
    }

    /// What mends it, where a setting does.
    pub(crate) fn hint(self) -> Option<&'static str> {
        match self {
            Self::Type => Some(
                "this provider's access tokens may carry no `at+jwt`: name its profile (PORTCULLIS_PROFILE), for example `fief`",
            ),
            Self::Issuer => Some("PORTCULLIS_ISSUER must equal the token's `iss` byte for byte, final slash included"),
            Self::Audience => Some("PORTCULLIS_AUDIENCE must be contained in the token's `aud`"),
            _ => None,
        }
    }
}

impl fmt::Display for InvalidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Claim(name) => write!(f, "claim {name}"),
            Self::Successor(name) => write!(f, "claim {name} changed at a refresh"),
            other => f.write_str(other.reason()),
        }
    }
}
