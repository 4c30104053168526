//! Changes to what the flow makes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::token::TokenBuilder;

pub(crate) type TokenChange = Arc<dyn Fn(TokenBuilder) -> TokenBuilder + Send + Sync>;
pub(crate) type ParameterChange = Arc<dyn Fn(&mut Vec<(String, String)>) + Send + Sync>;

/// A token that the provider's endpoints make, see [`TestProvider::token_fault`](crate::TestProvider::token_fault).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TokenKind {
    /// The ID token for a code.
    IdToken,
    /// The ID token for a refresh token.
    RefreshedIdToken,
    /// The access token of any grant.
    AccessToken,
    /// Userinfo as a signed JWT.
    UserInfo,
    /// What clients are told when a session ends.
    LogoutToken,
}

#[derive(Default)]
pub(crate) struct Hooks {
    tokens: BTreeMap<TokenKind, Changes>,
    authorization_response: Option<ParameterChange>,
    rotations: usize,
}

#[derive(Default)]
struct Changes {
    lasting: Option<TokenChange>,
    counted: VecDeque<(usize, TokenChange)>,
}

impl Hooks {
    pub(crate) fn lasting(&mut self, kind: TokenKind, change: TokenChange) {
        self.tokens.entry(kind).or_default().lasting = Some(change);
    }

    pub(crate) fn counted(&mut self, kind: TokenKind, times: usize, change: TokenChange) {
        self.tokens.entry(kind).or_default().counted.push_back((times, change));
    }

    pub(crate) fn heal(&mut self, kind: TokenKind) {
        self.tokens.remove(&kind);
    }

    /// The change of the next token; counted ones come before the lasting one.
    pub(crate) fn next(&mut self, kind: TokenKind) -> Option<TokenChange> {
        let changes = self.tokens.get_mut(&kind)?;
        changes.counted.retain(|(times, _)| *times > 0);
        if let Some((times, change)) = changes.counted.front_mut() {
            *times -= 1;
            return Some(Arc::clone(change));
        }
        changes.lasting.clone()
    }

    pub(crate) fn set_authorization_response(&mut self, change: Option<ParameterChange>) {
        self.authorization_response = change;
    }

    pub(crate) fn authorization_response(&self) -> Option<ParameterChange> {
        self.authorization_response.clone()
    }

    pub(crate) fn add_rotations(&mut self, times: usize) {
        self.rotations += times;
    }

    /// Whether the keys are to be rotated before the next signature.
    pub(crate) fn take_rotation(&mut self) -> bool {
        let due = self.rotations > 0;
        self.rotations = self.rotations.saturating_sub(1);
        due
    }
}
