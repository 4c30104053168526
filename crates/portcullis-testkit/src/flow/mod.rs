//! What the provider remembers between requests: browsers, codes, grants and tokens.

mod grants;
mod hooks;
mod issued;
mod logouts;
mod visitors;

pub(crate) use self::grants::{Code, Grant, Grants, Spent};
pub(crate) use self::hooks::Hooks;
pub use self::hooks::TokenKind;
pub(crate) use self::issued::{Holder, IdTokenFacts, Issued};
pub use self::logouts::LogoutMessage;
pub(crate) use self::logouts::Logouts;
pub(crate) use self::visitors::{Interaction, Login, Purpose, Visitors};

/// What an application asked for at the authorization endpoint, after validation.
#[derive(Clone)]
pub(crate) struct AuthorizationRequest {
    pub(crate) client_id: String,
    pub(crate) reply_to: ReplyTo,
    pub(crate) scope: Vec<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<String>,
    pub(crate) prompt: Prompt,
    pub(crate) max_age: Option<u64>,
    pub(crate) acr_values: Vec<String>,
    pub(crate) login_hint: Option<String>,
    /// Whom the application expects (`id_token_hint`).
    pub(crate) expected: Option<String>,
}

/// Where, and how, the answer to an authorization request goes.
#[derive(Clone)]
pub(crate) struct ReplyTo {
    pub(crate) redirect_uri: String,
    pub(crate) form_post: bool,
    pub(crate) state: Option<String>,
}

/// `prompt`: which pages must, or must not, be shown.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Prompt {
    pub(crate) none: bool,
    pub(crate) login: bool,
    pub(crate) consent: bool,
}

/// A logout that waits for the user's word.
#[derive(Clone)]
pub(crate) struct LogoutRequest {
    pub(crate) redirect_to: Option<String>,
}
