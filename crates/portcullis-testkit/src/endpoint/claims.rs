//! What is said about a user, and how it is signed for a client.

use serde_json::{Map, Value, json};

use crate::client::Client;
use crate::key::Algorithm;
use crate::provider::State;
use crate::token::TokenBuilder;

/// Which scope opens which claims (OpenID Connect Core 5.4).
const SCOPES: [(&str, &[&str]); 4] = [
    (
        "profile",
        &[
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("address", &["address"]),
    ("phone", &["phone_number", "phone_number_verified"]),
];

/// Everything about a user.
pub(super) fn all(state: &State, subject: &str) -> Map<String, Value> {
    let known = state.users().find(subject).map(|user| user.claims.clone());
    known.unwrap_or_else(|| Map::from_iter([("sub".to_owned(), json!(subject))]))
}

/// What these scopes open. Claims that no standard scope stands for are always there.
pub(super) fn of_scope(state: &State, subject: &str, scope: &[String]) -> Map<String, Value> {
    let mut claims = all(state, subject);
    let closed = SCOPES.iter().filter(|(name, _)| !scope.iter().any(|scope| scope == name));
    for name in closed.flat_map(|(_, names)| names.iter()) {
        claims.remove(*name);
    }
    claims
}

/// Signs with the algorithm that the client is registered for.
pub(super) fn signed(builder: TokenBuilder, client: &Client, algorithm: Option<&str>) -> TokenBuilder {
    match algorithm {
        None => builder,
        Some("HS256") => builder.hmac(client.secret.as_deref().unwrap_or_default()),
        Some("none") => builder.unsigned(),
        Some(name) => Algorithm::named(name).map_or_else(|| builder.clone(), |named| builder.clone().algorithm(named)),
    }
}
