//! The claims of the UserInfo endpoint.

use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::json::Object;

/// The claims that every provider may have (OpenID Connect Core section 5.1), without the address, which is a structure.
const STANDARD_CLAIMS: &[&str] = &[
    "sub",
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "email_verified",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "phone_number_verified",
    "updated_at",
];

/// What the provider says about a user: the UserInfo claims (OpenID Connect Core sections 5.1 and 5.3).
///
/// Serializes as the JSON object that the provider sent. A clone is cheap.
#[derive(Clone, PartialEq)]
pub struct UserInfo {
    claims: Arc<Value>,
}

impl UserInfo {
    /// Takes the claims of an answer; `None` without a usable `sub`, which every answer must have (Core 5.3.2).
    pub(crate) fn from_claims(claims: Object) -> Option<Self> {
        let subject = claims.get("sub").and_then(Value::as_str)?;
        (!subject.is_empty()).then_some(())?;
        Some(Self::of_validated(claims))
    }

    /// Takes claims whose `sub` has been validated.
    pub(crate) fn of_validated(claims: Object) -> Self {
        Self { claims: Arc::new(Value::Object(claims)) }
    }

    /// The same user without the claims that only this provider has.
    pub(crate) fn standard_claims(&self) -> Self {
        let claims = self.claims.as_object().into_iter().flatten();
        let standard = claims.filter(|(name, _)| STANDARD_CLAIMS.contains(&name.as_str()));
        Self::of_validated(standard.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// `sub`: the user at this issuer. Two users are the same only if issuer and `sub` are; an e-mail address is no
    /// identity.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.text("sub").unwrap_or_default()
    }

    /// `name`: the full name, as shown to people.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.text("name")
    }

    /// `given_name`.
    #[must_use]
    pub fn given_name(&self) -> Option<&str> {
        self.text("given_name")
    }

    /// `family_name`.
    #[must_use]
    pub fn family_name(&self) -> Option<&str> {
        self.text("family_name")
    }

    /// `nickname`.
    #[must_use]
    pub fn nickname(&self) -> Option<&str> {
        self.text("nickname")
    }

    /// `preferred_username`: may change and need not be unique.
    #[must_use]
    pub fn preferred_username(&self) -> Option<&str> {
        self.text("preferred_username")
    }

    /// `email`: the address, verified or not.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.text("email")
    }

    /// `email_verified`: true only for the boolean `true`; text and numbers do not count.
    #[must_use]
    pub fn email_verified(&self) -> bool {
        self.claims.get("email_verified").and_then(Value::as_bool).unwrap_or(false)
    }

    /// `picture`: the address of a picture of the user.
    #[must_use]
    pub fn picture(&self) -> Option<&str> {
        self.text("picture")
    }

    /// `locale`, such as `fr-FR`.
    #[must_use]
    pub fn locale(&self) -> Option<&str> {
        self.text("locale")
    }

    /// `zoneinfo`, such as `Europe/Paris`.
    #[must_use]
    pub fn zoneinfo(&self) -> Option<&str> {
        self.text("zoneinfo")
    }

    /// `phone_number`.
    #[must_use]
    pub fn phone_number(&self) -> Option<&str> {
        self.text("phone_number")
    }

    /// One claim as the type you need; `None` where it is absent or of another type.
    #[must_use]
    pub fn claim<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.claims.get(name)?).ok()
    }

    /// All claims as your own type.
    ///
    /// # Errors
    /// Returns serde's message when the claims do not fit the type. It may quote a value of the claims.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, crate::ClaimsError> {
        T::deserialize(&*self.claims).map_err(crate::ClaimsError::new)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str)
    }
}

impl fmt::Debug for UserInfo {
    // The other claims are personal data, and `Debug` ends up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserInfo").field("sub", &self.subject()).finish_non_exhaustive()
    }
}

impl Serialize for UserInfo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.claims.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for UserInfo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_claims(Object::deserialize(deserializer)?).ok_or_else(|| D::Error::missing_field("sub"))
    }
}
