//! What users allowed, and the codes and refresh tokens that stand for it.

use std::collections::{HashMap, HashSet};

use crate::random::unguessable;

/// One authorization of a client by a user; its tokens live and die together.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) id: String,
    pub(crate) client_id: String,
    pub(crate) subject: String,
    pub(crate) scope: Vec<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) auth_time: u64,
    pub(crate) acr: String,
    pub(crate) sid: String,
}

/// An authorization code, kept after its use to notice another one.
#[derive(Clone)]
pub(crate) struct Code {
    pub(crate) grant: Grant,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    pub(crate) expires: u64,
    pub(crate) used: bool,
}

struct RefreshToken {
    grant: String,
    expires: u64,
    used: bool,
}

/// Why a refresh token is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spent {
    Unknown,
    Used,
    Expired,
    Revoked,
}

#[derive(Default)]
pub(crate) struct Grants {
    codes: HashMap<String, Code>,
    grants: HashMap<String, Grant>,
    refresh_tokens: HashMap<String, RefreshToken>,
    assertions: HashSet<(String, String)>,
}

impl Grants {
    pub(crate) fn add_code(&mut self, code: Code) -> String {
        let value = unguessable();
        self.codes.insert(value.clone(), code);
        value
    }

    pub(crate) fn code(&self, value: &str) -> Option<Code> {
        self.codes.get(value).cloned()
    }

    /// Takes the code: false if somebody was faster.
    pub(crate) fn use_code(&mut self, value: &str) -> bool {
        let Some(code) = self.codes.get_mut(value) else { return false };
        if std::mem::replace(&mut code.used, true) {
            return false;
        }
        self.grants.insert(code.grant.id.clone(), code.grant.clone());
        true
    }

    pub(crate) fn is_alive(&self, grant: &str) -> bool {
        self.grants.contains_key(grant)
    }

    pub(crate) fn revoke(&mut self, grant: &str) {
        self.grants.remove(grant);
    }

    pub(crate) fn add_refresh_token(&mut self, grant: &str, expires: u64) -> String {
        let value = unguessable();
        let token = RefreshToken { grant: grant.to_owned(), expires, used: false };
        self.refresh_tokens.insert(value.clone(), token);
        value
    }

    /// The grant a refresh token belongs to, whatever became of the token.
    pub(crate) fn grant_of(&self, refresh_token: &str) -> Option<Grant> {
        self.grants.get(&self.refresh_tokens.get(refresh_token)?.grant).cloned()
    }

    /// The grant, if the token may be used; an old token that is used again ends its grant
    /// (RFC 9700 section 4.14.2).
    pub(crate) fn refreshable(&mut self, refresh_token: &str, client_id: &str, now: u64) -> Result<Grant, Spent> {
        let token = self.refresh_tokens.get(refresh_token).ok_or(Spent::Unknown)?;
        let grant = self.grants.get(&token.grant).ok_or(Spent::Revoked)?;
        if grant.client_id != client_id {
            return Err(Spent::Unknown);
        }
        if token.used {
            let id = grant.id.clone();
            self.revoke(&id);
            return Err(Spent::Used);
        }
        if token.expires <= now { Err(Spent::Expired) } else { Ok(grant.clone()) }
    }

    /// Takes the refresh token: false if somebody was faster.
    pub(crate) fn use_refresh_token(&mut self, refresh_token: &str) -> bool {
        let token = self.refresh_tokens.get_mut(refresh_token);
        token.is_some_and(|token| !std::mem::replace(&mut token.used, true))
    }

    /// Notes an assertion's `jti`: false if it was there before.
    pub(crate) fn first_use_of(&mut self, client_id: &str, jti: &str) -> bool {
        self.assertions.insert((client_id.to_owned(), jti.to_owned()))
    }
}
