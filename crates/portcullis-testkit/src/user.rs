//! The people the provider knows.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What the provider says about one user at userinfo, and what it grants that user in a token.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) claims: Map<String, Value>,
    pub(crate) scope: String,
    pub(crate) permissions: Vec<String>,
    pub(crate) acr: String,
}

#[derive(Debug)]
pub(crate) struct Users(BTreeMap<String, User>);

impl Users {
    /// Alice may do everything and was strongly authenticated; bob has the same scopes but no permission.
    pub(crate) fn alice_and_bob() -> Self {
        let mut users = Self(BTreeMap::new());
        users.set("alice", profile("alice", "Alice", "Liddell"));
        users.set("bob", profile("bob", "Bob", "Builder"));
        users.grant("alice", vec!["castles:read".to_owned(), "castles:create".to_owned()]);
        if let Some(alice) = users.0.get_mut("alice") {
            "1".clone_into(&mut alice.acr);
        }
        users
    }

    /// Adds a user, or gives a known one other claims.
    pub(crate) fn set(&mut self, subject: &str, claims: Value) {
        let mut claims = match claims {
            Value::Object(claims) => claims,
            other => panic!("the claims of a user are a JSON object, not {other}"),
        };
        claims.entry("sub").or_insert_with(|| json!(subject));
        let user = self.0.entry(subject.to_owned()).or_insert_with(|| User {
            claims: Map::new(),
            scope: "openid profile email castles".to_owned(),
            permissions: Vec::new(),
            acr: "0".to_owned(),
        });
        user.claims = claims;
    }

    /// Gives a user exactly these permissions; the user is added if not known.
    pub(crate) fn grant(&mut self, subject: &str, permissions: Vec<String>) {
        if !self.0.contains_key(subject) {
            self.set(subject, json!({}));
        }
        if let Some(user) = self.0.get_mut(subject) {
            user.permissions = permissions;
        }
    }

    /// The user whom somebody means who types this: the subject, the user name or the e-mail address.
    pub(crate) fn meant_by(&self, typed: &str) -> Option<String> {
        let typed = typed.trim();
        let means = |user: &User| {
            let mut names =
                ["preferred_username", "email"].into_iter().filter_map(|name| user.claims.get(name)?.as_str());
            names.any(|name| name.eq_ignore_ascii_case(typed))
        };
        let found = self.0.get_key_value(typed).or_else(|| self.0.iter().find(|(_, user)| means(user)));
        found.map(|(subject, _)| subject.clone())
    }

    /// What a user may do, in words.
    pub(crate) fn rights(&self, user: &User) -> String {
        let known = self.0.values().flat_map(|user| &user.permissions);
        match user.permissions.as_slice() {
            [] => "no permission".to_owned(),
            _ if known.into_iter().all(|permission| user.permissions.contains(permission)) => {
                "every permission".to_owned()
            }
            some => some.join(", "),
        }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &User)> {
        self.0.iter().map(|(subject, user)| (subject.as_str(), user))
    }

    pub(crate) fn find(&self, subject: &str) -> Option<&User> {
        self.0.get(subject)
    }

    pub(crate) fn remove(&mut self, subject: &str) {
        self.0.remove(subject);
    }
}

fn profile(subject: &str, given_name: &str, family_name: &str) -> Value {
    json!({
        "name": format!("{given_name} {family_name}"),
        "given_name": given_name,
        "family_name": family_name,
        "nickname": subject,
        "preferred_username": subject,
        "profile": format!("https://people.example/{subject}"),
        "picture": format!("https://people.example/{subject}.png"),
        "website": format!("https://{subject}.example"),
        "email": format!("{subject}@example.com"),
        "email_verified": true,
        "gender": "unspecified",
        "birthdate": "1990-05-04",
        "zoneinfo": "Europe/Paris",
        "locale": "en-GB",
        "phone_number": "+33 1 55 55 01 00",
        "phone_number_verified": false,
        "address": {"locality": "Rennes", "country": "France"},
        "updated_at": 1_700_000_000,
    })
}
