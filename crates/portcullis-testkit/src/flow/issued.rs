//! The tokens this provider gave out, by SHA-256: a test may mint a great many.

use std::collections::HashMap;

use aws_lc_rs::digest;

type Fingerprint = Box<[u8]>;

#[derive(Default)]
pub(crate) struct Issued {
    access_tokens: HashMap<Fingerprint, AccessToken>,
    id_tokens: HashMap<Fingerprint, IdTokenFacts>,
}

struct AccessToken {
    subject: String,
    expires: f64,
    holder: Option<Holder>,
}

/// Who got an access token, and for what; a token minted by hand has none and opens everything.
#[derive(Clone)]
pub(crate) struct Holder {
    pub(crate) client_id: String,
    pub(crate) scope: Vec<String>,
    /// The grant it ends with; a machine has none.
    pub(crate) grant: Option<String>,
}

/// What the end of a session has to know about an ID token.
#[derive(Clone)]
pub(crate) struct IdTokenFacts {
    pub(crate) client_id: String,
    pub(crate) subject: String,
}

impl Issued {
    pub(crate) fn add(&mut self, token: &str, subject: &str, expires: f64) {
        let token_facts = AccessToken { subject: subject.to_owned(), expires, holder: None };
        self.access_tokens.insert(fingerprint(token), token_facts);
    }

    pub(crate) fn set_holder(&mut self, token: &str, holder: Holder) {
        if let Some(known) = self.access_tokens.get_mut(&fingerprint(token)) {
            known.holder = Some(holder);
        }
    }

    /// Whose token this is and who got it, while it is alive.
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
    pub(crate) fn find(&self, token: &str, now: u64) -> Option<(String, Option<Holder>)> {
        let known = self.access_tokens.get(&fingerprint(token))?;
        (known.expires > now as f64).then(|| (known.subject.clone(), known.holder.clone()))
    }

    pub(crate) fn revoke(&mut self, token: &str) {
        let fingerprint = fingerprint(token);
        self.access_tokens.remove(&fingerprint);
        self.id_tokens.remove(&fingerprint);
    }

    pub(crate) fn add_id_token(&mut self, token: &str, facts: IdTokenFacts) {
        self.id_tokens.insert(fingerprint(token), facts);
    }

    pub(crate) fn id_token(&self, token: &str) -> Option<IdTokenFacts> {
        self.id_tokens.get(&fingerprint(token)).cloned()
    }
}

fn fingerprint(token: &str) -> Fingerprint {
    digest::digest(&digest::SHA256, token.as_bytes()).as_ref().into()
}
