//! From our logout to the provider's (OpenID Connect RP-Initiated Logout 1.0), and back.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use tokio::time::{Instant, timeout_at};

use super::pages::{SelfPosting, see_other};
use super::{Web, WebRoute};
use crate::error::ProviderError;
use crate::provider::{EndSessionForm, EndSessionUrlBuilder, Revocable};
use crate::session::Record;
use crate::token::IdToken;

/// The provider's part is best effort, in this time altogether: the user has left either way.
const PATIENCE: Duration = Duration::from_secs(2);
/// Who is asked by the provider whether to sign out may take a while.
const STATE_LIFETIME: Duration = Duration::from_secs(10 * 60);
const STATE: &str = "state";

/// How the browser goes on.
enum Way {
    Redirect(String),
    Form(EndSessionForm),
}

/// What the `state` that came back is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Returned {
    /// One of ours, not long ago.
    Ours,
    Missing,
    Other,
}

impl Web {
    /// What the browser gets after a logout: the way to the provider where there is one, else our own page. The tokens
    /// are taken back (RFC 7009) in what is left of the time.
    pub(super) async fn leave_for_provider(&self, record: &Record) -> Response<Bytes> {
        let deadline = Instant::now() + PATIENCE;
        let id_token = record.id_token.restore();
        let way = timeout_at(deadline, self.way_out(&id_token)).await;
        if timeout_at(deadline, self.take_back(record)).await.is_err() {
            tracing::warn!(target: "portcullis::logout", reason = "timeout", "the tokens could not be revoked in time");
        }
        match way {
            Ok(Some(Way::Redirect(url))) => see_other(&url),
            Ok(Some(Way::Form(form))) => leaving_page(&form).unwrap_or_else(|| see_other(&self.signed_out_path())),
            _ => see_other(&self.signed_out_path()),
        }
    }

    async fn way_out(&self, id_token: &IdToken) -> Option<Way> {
        let way = match self.ends_session_by_post {
            true => self.end_session(id_token).form().await.map(|form| form.map(Way::Form)),
            false => Ok(None),
        };
        let way = match way {
            Ok(None) => self.end_session(id_token).build().await.map(|url| url.map(Way::Redirect)),
            other => other,
        };
        way.unwrap_or_else(|error| {
            warn(&error);
            None
        })
    }

    fn end_session<'w>(&'w self, id_token: &'w IdToken) -> EndSessionUrlBuilder<'w> {
        let request = self.provider.end_session_url().id_token_hint(id_token);
        let request = request.post_logout_redirect_uri(self.base.url_of(WebRoute::LoggedOut));
        match self.logout_state() {
            Some(state) => request.state(state),
            None => request,
        }
    }

    /// The refresh token, which takes the access tokens with it; without one, the access token. Never the ID token: it
    /// opens nothing, and is the hint.
    async fn take_back(&self, record: &Record) {
        let token = match &record.refresh_token {
            Some(refresh_token) => Revocable::RefreshToken(refresh_token),
            None => match &record.access_token {
                Some(access_token) => Revocable::AccessToken(access_token),
                None => return,
            },
        };
        match self.provider.revoke(token).await {
            Err(error) if error.reason() != "no_revocation_endpoint" => warn(&error),
            _ => {}
        }
    }

    /// A new `state`: the time, sealed. Nothing is kept for it, here or in the browser, because nothing depends on its
    /// return but a line in the log.
    fn logout_state(&self) -> Option<String> {
        let now = self.provider.clock().unix_time().as_secs();
        self.logout_states.seal(STATE, &now.to_be_bytes())
    }

    pub(super) fn returned(&self, state: Option<&str>) -> Returned {
        let Some(state) = state else { return Returned::Missing };
        let sealed_at =
            self.logout_states.open(STATE, state).and_then(|time| Some(u64::from_be_bytes((**time).try_into().ok()?)));
        let now = self.provider.clock().unix_time();
        match sealed_at.map(Duration::from_secs) {
            Some(then) if now < then.saturating_add(STATE_LIFETIME) => Returned::Ours,
            _ => Returned::Other,
        }
    }
}

/// The hint is on this page, so it is kept nowhere.
fn leaving_page(form: &EndSessionForm) -> Option<Response<Bytes>> {
    let page = SelfPosting {
        title: "Signing out",
        text: "Your session here has ended. The place where you signed in still knows you.",
        button: "Sign out there too",
        action: &form.action,
    };
    page.into_response(form.fields.iter().map(|(name, value)| (&**name, &**value)))
}

fn warn(error: &ProviderError) {
    tracing::warn!(target: "portcullis::logout", reason = error.reason(), "{error}");
}
