//! The settings by name: one place for what the environment, the builder and the error messages call them.

macro_rules! settings {
    ($($constant:ident = $name:literal),+ $(,)?) => {
        $(pub(super) const $constant: &str = $name;)+
    };
}

settings! {
    ISSUER = "PORTCULLIS_ISSUER",
    AUDIENCE = "PORTCULLIS_AUDIENCE",
    CLIENT_ID = "PORTCULLIS_CLIENT_ID",
    PROFILE = "PORTCULLIS_PROFILE",
    ACR_VALUES = "PORTCULLIS_ACR_VALUES",
    TOKENS = "PORTCULLIS_TOKENS",
    ALGORITHMS = "PORTCULLIS_ALGORITHMS",
    LEEWAY = "PORTCULLIS_LEEWAY",
    INTERNAL_URL = "PORTCULLIS_INTERNAL_URL",
    INTERNAL_HOST = "PORTCULLIS_INTERNAL_HOST",
    CA = "PORTCULLIS_CA",
}

/// Settings of capabilities that this version does not have. Setting one is an error: silently ignoring a setting
/// that somebody relies on is how protections get lost.
pub(super) const NOT_BUILT: &[(&str, &str)] = &[
    ("PORTCULLIS_CLIENT_SECRET", "client authentication"),
    ("PORTCULLIS_CLIENT_AUTH", "client authentication"),
    ("PORTCULLIS_CLIENT_KEYS", "client authentication and decryption"),
    ("PORTCULLIS_BASE_URL", "web login"),
    ("PORTCULLIS_SCOPES", "web login"),
    ("PORTCULLIS_RESPONSE_MODE", "web login"),
    ("PORTCULLIS_USERINFO", "web login"),
    ("PORTCULLIS_ID_TOKEN_ALG", "web login"),
    ("PORTCULLIS_SESSIONS", "web login"),
    ("PORTCULLIS_COOKIE_KEYS", "web login"),
];
