//! What a token says in words.

use crate::pieces::{Names, Pieces};

const SUBJECT: usize = 0;
const CLIENT_ID: usize = 1;
const ACR: usize = 2;
const NAMES: usize = 3;

/// Room from the start: counting first costs more than what is left over.
const USUAL_BYTES: usize = 128;
const USUAL_PIECES: usize = 12;

/// The texts of a token, kept together: each of its own would cost an allocation when a token is validated.
#[derive(Default)]
pub(super) struct Texts {
    pieces: Pieces,
    has_client_id: bool,
    has_acr: bool,
    scopes: usize,
}

/// Where the texts come from.
pub(super) struct Said<'s, S, P> {
    pub(super) subject: &'s str,
    pub(super) client_id: Option<&'s str>,
    pub(super) acr: Option<&'s str>,
    pub(super) scopes: S,
    pub(super) permissions: P,
}

impl Texts {
    pub(super) fn new<'s, S, P>(said: Said<'s, S, P>) -> Self
    where
        S: Iterator<Item = &'s str>,
        P: Iterator<Item = &'s str>,
    {
        let Said { subject, client_id, acr, scopes, permissions } = said;
        let single = [subject, client_id.unwrap_or_default(), acr.unwrap_or_default()];
        let mut pieces = Pieces::with_capacity(USUAL_BYTES, USUAL_PIECES);
        single.into_iter().chain(scopes).for_each(|text| pieces.push(text));
        let scopes = pieces.len() - NAMES;
        permissions.for_each(|text| pieces.push(text));
        Self { pieces, has_client_id: client_id.is_some(), has_acr: acr.is_some(), scopes }
    }

    pub(super) fn subject(&self) -> &str {
        self.pieces.get(SUBJECT)
    }

    pub(super) fn client_id(&self) -> Option<&str> {
        self.has_client_id.then(|| self.pieces.get(CLIENT_ID))
    }

    pub(super) fn acr(&self) -> Option<&str> {
        self.has_acr.then(|| self.pieces.get(ACR))
    }

    pub(super) fn scopes(&self) -> Names<'_> {
        self.pieces.names(NAMES, NAMES + self.scopes)
    }

    pub(super) fn permissions(&self) -> Names<'_> {
        self.pieces.names(NAMES + self.scopes, self.pieces.len())
    }

    pub(super) fn memory(&self) -> usize {
        self.pieces.memory()
    }
}

#[cfg(test)]
mod tests {
    use super::{Said, Texts};

    #[test]
    fn each_text_comes_back_from_its_place() {
        let (scopes, permissions) = (["openid", "castles"], ["castles:read", "a b", ""]);
        let said =
            Said { subject: "alice", client_id: None, acr: None, scopes: [].into_iter(), permissions: [].into_iter() };
        let least = Texts::new(said);
        assert_eq!((least.subject(), least.client_id(), least.acr()), ("alice", None, None));
        assert_eq!((least.scopes().iter().count(), least.permissions().iter().count()), (0, 0));
        let most = Texts::new(Said {
            subject: "alice",
            client_id: Some(""),
            acr: Some("1"),
            scopes: scopes.into_iter(),
            permissions: permissions.into_iter(),
        });
        assert_eq!((most.client_id(), most.acr()), (Some(""), Some("1")));
        assert_eq!(most.scopes().iter().collect::<Vec<_>>(), scopes);
        assert_eq!(most.permissions().iter().collect::<Vec<_>>(), permissions);
        assert!(!most.scopes().contains("castles:read"), "a permission is no scope");
    }
}
