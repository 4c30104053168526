//! What an attempt has to tell the browser.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::HeaderValue;

use crate::guard::Guard;
use crate::session::{Live, Renewal};
use crate::web::Web;

/// Cookies for the response, its own and those of attempts further in.
#[derive(Default)]
pub(super) struct Outbox {
    /// Whether somebody takes them to the response.
    is_open: AtomicBool,
    cookies: Mutex<Vec<Message>>,
}

enum Message {
    Cookie(HeaderValue),
    /// What has become of this session when the response goes.
    Session(Guard, Box<Live>),
}

impl Outbox {
    pub(super) fn open(&self) {
        self.is_open.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Relaxed)
    }

    /// The session is over: nothing that was noted of it counts any more.
    pub(super) fn forget_session(&self, guard: &Guard, web: &Web) {
        let mut messages = self.lock();
        messages.retain(|message| !matches!(message, Message::Session(of, _) if of.is(guard)));
        messages.extend(web.session_deletion().into_iter().map(Message::Cookie));
    }

    pub(super) fn keep_session(&self, guard: &Guard, live: Live) {
        if !guard.web_part().is_some_and(|web| web.sessions.are_kept_here()) {
            let mut messages = self.lock();
            messages.retain(|message| !matches!(message, Message::Session(of, _) if of.is(guard)));
            messages.push(Message::Session(guard.clone(), Box::new(live)));
        }
    }

    /// Nobody takes cookies from now on: the response has gone.
    pub(super) fn close(&self) {
        self.is_open.store(false, Ordering::Relaxed);
    }

    pub(super) fn take(&self) -> Vec<HeaderValue> {
        let messages = std::mem::take(&mut *self.lock());
        messages.into_iter().flat_map(Message::into_cookies).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Message>> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Message {
    fn into_cookies(self) -> Vec<HeaderValue> {
        match self {
            Self::Cookie(cookie) => vec![cookie],
            Self::Session(guard, live) => {
                let Some(web) = guard.web_part() else { return Vec::new() };
                match web.sessions.renewal(&live) {
                    Renewal::Nothing => Vec::new(),
                    Renewal::Keep(value, lifetime) => web.session_cookies(value.expose(), lifetime),
                    Renewal::Forget => web.session_deletion(),
                }
            }
        }
    }
}
