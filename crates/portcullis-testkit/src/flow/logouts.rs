//! What clients are told when a session ends (OpenID Connect Back-Channel Logout 1.0).

use std::fmt;

use crate::form::encode;

/// A logout token that the provider made for a client when a session ended, see
/// [`TestProvider::logout_messages`](crate::TestProvider::logout_messages).
///
/// `Debug` hides the token.
#[derive(Clone)]
#[non_exhaustive]
pub struct LogoutMessage {
    /// The client that is told.
    pub client_id: String,
    /// Its registered address.
    pub uri: String,
    /// What it is told.
    pub logout_token: String,
    /// What it answered; `None` where nothing was sent, as in memory, or no answer came.
    pub status: Option<u16>,
}

impl LogoutMessage {
    /// The form that is posted.
    #[must_use]
    pub fn form(&self) -> String {
        encode([("logout_token", self.logout_token.as_str())])
    }
}

impl fmt::Debug for LogoutMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogoutMessage")
            .field("client_id", &self.client_id)
            .field("uri", &self.uri)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Every message so far, first one first.
#[derive(Default)]
pub(crate) struct Logouts {
    messages: Vec<LogoutMessage>,
    sent: usize,
}

impl Logouts {
    pub(crate) fn add(&mut self, client_id: &str, uri: &str, logout_token: String) {
        let (client_id, uri) = (client_id.to_owned(), uri.to_owned());
        self.messages.push(LogoutMessage { client_id, uri, logout_token, status: None });
    }

    pub(crate) fn all(&self) -> Vec<LogoutMessage> {
        self.messages.clone()
    }

    /// The next one to be sent, with its number; each is sent once.
    pub(crate) fn take_unsent(&mut self) -> Option<(usize, LogoutMessage)> {
        let number = self.sent;
        let message = self.messages.get(number)?.clone();
        self.sent += 1;
        Some((number, message))
    }

    pub(crate) fn answered(&mut self, number: usize, status: Option<u16>) {
        if let Some(message) = self.messages.get_mut(number) {
            message.status = status;
        }
    }
}
