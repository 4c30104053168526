//! The browsers at the provider, and the pages they have open.

use std::collections::{BTreeSet, HashMap};

use super::{AuthorizationRequest, LogoutRequest};
use crate::random::unguessable;

/// A page that nobody answered is forgotten after this many seconds.
const PAGE_LIFETIME: u64 = 3600;

/// A user who signed in with a browser.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) subject: String,
    pub(crate) auth_time: u64,
    pub(crate) sid: String,
    /// Who got an ID token with this `sid`: those to tell when the session ends.
    pub(crate) clients: BTreeSet<String>,
}

/// A page with a form, shown to one browser.
#[derive(Clone)]
pub(crate) struct Interaction {
    pub(crate) id: String,
    /// Proves that a form comes from the page.
    pub(crate) csrf: String,
    pub(crate) visitor: String,
    pub(crate) purpose: Purpose,
    started: u64,
}

#[derive(Clone)]
pub(crate) enum Purpose {
    Login(AuthorizationRequest),
    /// `fresh`: the user signed in for this very request.
    Consent {
        request: AuthorizationRequest,
        fresh: bool,
    },
    EndSession(LogoutRequest),
}

/// Browsers by the value of their cookie, and open pages by their id.
#[derive(Default)]
pub(crate) struct Visitors {
    logins: HashMap<String, Option<Login>>,
    interactions: HashMap<String, Interaction>,
    consents: BTreeSet<(String, String, Vec<String>)>,
}

impl Visitors {
    /// The browser with this cookie, or a new one.
    pub(crate) fn visitor(&mut self, cookie: Option<&str>) -> String {
        match cookie.filter(|cookie| self.logins.contains_key(*cookie)) {
            Some(known) => known.to_owned(),
            None => {
                let visitor = unguessable();
                self.logins.insert(visitor.clone(), None);
                visitor
            }
        }
    }

    pub(crate) fn login(&self, visitor: &str) -> Option<Login> {
        self.logins.get(visitor)?.clone()
    }

    /// Signs the browser in under a new cookie value, against session fixation; the pages that it has open in other
    /// tabs go with it.
    pub(crate) fn sign_in(&mut self, visitor: &str, subject: &str, now: u64) -> String {
        let same_user = self.logins.remove(visitor).flatten().filter(|login| login.subject == subject);
        let renewed = unguessable();
        let login = match same_user {
            Some(login) => Login { auth_time: now, ..login },
            None => Login { subject: subject.to_owned(), auth_time: now, sid: unguessable(), clients: BTreeSet::new() },
        };
        self.logins.insert(renewed.clone(), Some(login));
        for open in self.interactions.values_mut().filter(|open| open.visitor == visitor) {
            renewed.clone_into(&mut open.visitor);
        }
        renewed
    }

    /// Ends the browser's session, and returns it if there was one.
    pub(crate) fn sign_out(&mut self, visitor: &str) -> Option<Login> {
        self.interactions.retain(|_, open| open.visitor != visitor);
        self.logins.remove(visitor).flatten()
    }

    /// Ends every session of a user, and returns them.
    pub(crate) fn sign_out_user(&mut self, subject: &str) -> Vec<Login> {
        let is_theirs = |login: &&Option<Login>| login.as_ref().is_some_and(|login| login.subject == subject);
        let visitors: Vec<_> =
            self.logins.iter().filter(|(_, login)| is_theirs(login)).map(|(visitor, _)| visitor.clone()).collect();
        visitors.iter().filter_map(|visitor| self.sign_out(visitor)).collect()
    }

    /// The sessions of a user, by their `sid`.
    pub(crate) fn sids(&self, subject: &str) -> Vec<String> {
        let logins = self.logins.values().flatten().filter(|login| login.subject == subject);
        logins.map(|login| login.sid.clone()).collect()
    }

    /// Notes that a client knows this browser's session.
    pub(crate) fn joined(&mut self, visitor: &str, client_id: &str) {
        if let Some(Some(login)) = self.logins.get_mut(visitor) {
            login.clients.insert(client_id.to_owned());
        }
    }

    /// Opens a page with a form.
    pub(crate) fn open(&mut self, visitor: &str, purpose: Purpose, now: u64) -> Interaction {
        self.interactions.retain(|_, open| open.started + PAGE_LIFETIME > now);
        let (id, csrf) = (unguessable(), unguessable());
        let opened = Interaction { id: id.clone(), csrf, visitor: visitor.to_owned(), purpose, started: now };
        self.interactions.insert(id, opened.clone());
        opened
    }

    /// The page that a form came from, if it was shown to this browser and the form has its secret.
    pub(crate) fn interaction(&self, id: &str, csrf: &str, visitor: &str) -> Option<Interaction> {
        let open = self.interactions.get(id)?;
        (open.csrf == csrf && open.visitor == visitor).then(|| open.clone())
    }

    pub(crate) fn close(&mut self, id: &str) {
        self.interactions.remove(id);
    }

    pub(crate) fn consented(&self, subject: &str, client_id: &str, scope: &[String]) -> bool {
        self.consents.contains(&(subject.to_owned(), client_id.to_owned(), scope.to_vec()))
    }

    pub(crate) fn consent(&mut self, subject: &str, client_id: &str, scope: &[String]) {
        self.consents.insert((subject.to_owned(), client_id.to_owned(), scope.to_vec()));
    }
}
