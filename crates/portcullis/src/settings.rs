//! The settings by name: one place for what the environment, the builders and the error messages call them.

macro_rules! settings {
    ($($constant:ident = $name:literal),+ $(,)?) => {
        $(pub(crate) const $constant: &str = $name;)+

        /// The order of the settings table, in which problems are reported.
        pub(crate) const ORDER: &[&str] = &[$($name),+];
    };
}

settings! {
    ISSUER = "PORTCULLIS_ISSUER",
    AUDIENCE = "PORTCULLIS_AUDIENCE",
    CLIENT_ID = "PORTCULLIS_CLIENT_ID",
    CLIENT_SECRET = "PORTCULLIS_CLIENT_SECRET",
    CLIENT_AUTH = "PORTCULLIS_CLIENT_AUTH",
    CLIENT_KEYS = "PORTCULLIS_CLIENT_KEYS",
    BASE_URL = "PORTCULLIS_BASE_URL",
    PROFILE = "PORTCULLIS_PROFILE",
    SCOPES = "PORTCULLIS_SCOPES",
    ACR_VALUES = "PORTCULLIS_ACR_VALUES",
    RESPONSE_MODE = "PORTCULLIS_RESPONSE_MODE",
    TOKENS = "PORTCULLIS_TOKENS",
    USERINFO = "PORTCULLIS_USERINFO",
    ALGORITHMS = "PORTCULLIS_ALGORITHMS",
    ID_TOKEN_ALG = "PORTCULLIS_ID_TOKEN_ALG",
    LEEWAY = "PORTCULLIS_LEEWAY",
    INTERNAL_URL = "PORTCULLIS_INTERNAL_URL",
    INTERNAL_HOST = "PORTCULLIS_INTERNAL_HOST",
    CA = "PORTCULLIS_CA",
    SESSIONS = "PORTCULLIS_SESSIONS",
    COOKIE_KEYS = "PORTCULLIS_COOKIE_KEYS",
}

/// Settings of a web application. At a guard of an API setting one is an error: silently ignoring a setting that
/// somebody relies on is how protections get lost.
pub(crate) const WEB_ONLY: &[&str] = &[BASE_URL, RESPONSE_MODE, USERINFO, SESSIONS, COOKIE_KEYS];
