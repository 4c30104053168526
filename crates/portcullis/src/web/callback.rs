//! Where the browser comes back to from the provider.

use std::sync::Arc;

use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{HeaderValue, Response, StatusCode};

use super::login::unavailable_page;
use super::pages::{Page, see_other};
use super::return_to::local_path;
use super::spent::Spent;
use super::transactions::Pending;
use super::visit::Visit;
use super::{LOGIN, SessionCookie, Web};
use crate::error::{ProviderEndpoint, ProviderError, ProviderErrorKind};
use crate::guard::Guard;
use crate::provider::{Tokens, Transaction};
use crate::session::{KeptIdToken, Record};
use crate::token::IdToken;
use crate::userinfo::UserInfo;

/// Why a callback does not lead to a session.
enum Refused {
    /// Nobody could be asked: 503.
    Unavailable,
    /// Unknown, used, foreign or expired state, an error of the provider, a refused code or token: 400. The code is
    /// for the log.
    Login(&'static str),
    /// The login is weaker than what was asked for: 403. Another redirect would only go round in circles.
    TooWeak,
}

impl Web {
    /// `GET /auth/callback` (OpenID Connect Core section 3.1.2.5).
    ///
    /// # Security
    /// The response is accepted only in the browser in which the login began, once, and only from our provider
    /// (RFC 9207). Whatever goes wrong ends on a page with a link: an automatic redirect could loop.
    pub(super) async fn callback(&self, visit: &Visit, guard: &Guard) -> Response<Bytes> {
        let state = visit.query.one("state").ok().flatten().map(str::to_owned);
        let outcome = self.finish(visit, guard, state.as_deref()).await;
        let mut response = match outcome {
            Ok((return_to, cookies)) => {
                let mut response = see_other(local_path(&return_to).unwrap_or("/"));
                response.headers_mut().extend(cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)));
                response
            }
            Err(refused) => refused.into_page(),
        };
        // The transaction is over whatever the outcome: its cookie goes.
        if let Some(state) = state {
            response.headers_mut().append(SET_COOKIE, self.forget(&state));
        }
        response
    }

    async fn finish(
        &self,
        visit: &Visit,
        guard: &Guard,
        state: Option<&str>,
    ) -> Result<(String, Vec<HeaderValue>), Refused> {
        let one = |name| visit.query.one(name).map_err(|_| Refused::Login("doubled_parameter"));
        let (code, error, issuer) = (one("code")?, one("error")?, one("iss")?);
        one("response")?;
        let state = state.ok_or(Refused::Login("no_state"))?;
        let pending = self.recall(state, &visit.cookie_headers).ok_or(Refused::Login("unknown_state"))?;
        let transaction = pending.transaction().ok_or(Refused::Login("unknown_state"))?;
        self.check_issuer(issuer).await?;
        if error.is_some() {
            return Err(Refused::Login("provider_error"));
        }
        let code = code.ok_or(Refused::Login("no_code"))?;
        match self.spent.spend(state, self.provider.clock().unix_time(), pending.ends_at()) {
            Spent::Now => {}
            Spent::Before => return Err(Refused::Login("used_state")),
            Spent::Full => return Err(Refused::Unavailable),
        }
        let tokens = self.provider.exchange_code(code, &transaction).await.map_err(Refused::of)?;
        let id_token = tokens.id_token().cloned().ok_or(Refused::Login("no_id_token"))?;
        self.check_level(&id_token, &pending)?;
        let record = self.record(guard, &transaction, &tokens, &id_token).await?;
        let session = self.sessions.create(&record).await.map_err(|_| Refused::Unavailable)?;
        if let Err(refused) = self.end_previous(visit).await {
            // Nobody will ever learn this id; its row is only in the way.
            let _ = self.sessions.remove(session.expose()).await;
            return Err(refused);
        }
        Ok((pending.return_to, self.session_cookies(session.expose(), self.sessions.absolute())))
    }

    /// RFC 9207: required where the provider announces it, compared wherever it is there.
    async fn check_issuer(&self, issuer: Option<&str>) -> Result<(), Refused> {
        let announced = self.provider.announces_issuer().await.map_err(Refused::of)?;
        match issuer {
            Some(issuer) if issuer == self.provider.issuer() => Ok(()),
            None if !announced => Ok(()),
            _ => Err(Refused::Login("issuer")),
        }
    }

    /// A step-up compares by itself: `acr_values` is a wish that the provider may not have granted.
    fn check_level(&self, id_token: &IdToken, pending: &Pending) -> Result<(), Refused> {
        let is_granted = |wanted: &String| {
            id_token.acr().is_some_and(|acr| self.levels.is_satisfied(crate::access::Acr::value(wanted), acr))
        };
        if pending.acr_values.is_empty() || pending.acr_values.iter().any(is_granted) {
            Ok(())
        } else {
            Err(Refused::TooWeak)
        }
    }

    async fn record(
        &self,
        guard: &Guard,
        transaction: &Transaction,
        tokens: &Tokens,
        id_token: &IdToken,
    ) -> Result<Record, Refused> {
        let user_info = self.user_info(tokens, id_token).await?;
        let now = self.sessions.now();
        let granted: Vec<_> = tokens.scopes().map(str::to_owned).collect();
        Ok(Record {
            created_at: now,
            seen_at: now,
            subject: id_token.subject().to_owned(),
            auth_time: id_token.auth_time(),
            acr: id_token.acr().map(str::to_owned),
            scopes: if granted.is_empty() { transaction.scopes.clone() } else { granted },
            permissions: permissions(guard, tokens, id_token, &user_info).await,
            user_info,
            id_token: KeptIdToken::of(id_token),
            access_token: Some(tokens.access_token().clone()),
            access_expires_at: tokens.expires_in().map(|life| now + life.as_secs()),
            refresh_token: tokens.refresh_token().cloned(),
            refreshes: 0,
            refreshing_until: None,
            has_ended: false,
        })
    }

    /// Asked once, at login. Another user's claims or a refusal fail the login; without an endpoint the ID token's
    /// claims are what there is.
    async fn user_info(&self, tokens: &Tokens, id_token: &IdToken) -> Result<UserInfo, Refused> {
        if !self.asks_user_info {
            return Ok(id_token.user_info());
        }
        match self.provider.user_info(tokens.access_token(), id_token.subject()).await {
            Ok(user_info) => Ok(user_info),
            Err(error) if error.reason() == "no_userinfo_endpoint" => Ok(id_token.user_info()),
            Err(error) if error.reason() == "subject_mismatch" => Err(Refused::Login("subject_mismatch")),
            Err(error) => match error.kind() {
                ProviderErrorKind::Status(401 | 403) => Err(Refused::Login("userinfo_refused")),
                _ => Err(Refused::of(error)),
            },
        }
    }

    /// The session that this browser had until now ends, once there is a new one: a login that fails ends nothing.
    async fn end_previous(&self, visit: &Visit) -> Result<(), Refused> {
        let headers = visit.cookie_headers.iter().map(|header| &**header);
        match self.presented_session(headers) {
            SessionCookie::Value(session) => {
                self.sessions.remove(session.expose()).await.map_err(|_| Refused::Unavailable)
            }
            SessionCookie::Absent | SessionCookie::Unusable => Ok(()),
        }
    }
}

/// From the access token if that is a JWT that validates for us, else from the ID token, else from the user's claims.
async fn permissions(guard: &Guard, tokens: &Tokens, id_token: &IdToken, user_info: &UserInfo) -> Vec<String> {
    if guard.accepts_bearer()
        && let Ok(token) = guard.validate(&Arc::new(tokens.access_token().clone())).await
    {
        return token.permissions().map(str::to_owned).collect();
    }
    let claimed = id_token.claim("permissions").or_else(|| user_info.claim("permissions"));
    claimed.unwrap_or_default()
}

impl Refused {
    fn of(error: ProviderError) -> Self {
        tracing::warn!(target: "portcullis::login", reason = error.reason(), "{error}");
        match error.kind() {
            ProviderErrorKind::Refused(_) | ProviderErrorKind::InvalidIdToken(_) => Self::Login(error.reason()),
            ProviderErrorKind::Unusable(_) => Self::Login(error.reason()),
            // No is no, also without a reason that RFC 6749 knows: trying again would not help.
            ProviderErrorKind::Status(_) if error.endpoint() == ProviderEndpoint::Token && !error.is_transient() => {
                Self::Login(error.reason())
            }
            _ => Self::Unavailable,
        }
    }

    fn into_page(self) -> Response<Bytes> {
        let (status, title, text) = match self {
            Self::Unavailable => return unavailable_page(),
            Self::Login(reason) => {
                tracing::info!(target: "portcullis::login", reason, "a callback is refused");
                let text =
                    "It may have taken too long, have been used before, or have been refused. Nothing was changed.";
                (StatusCode::BAD_REQUEST, "The login did not succeed", text)
            }
            Self::TooWeak => (
                StatusCode::FORBIDDEN,
                "The login was not strong enough",
                "This page needs a stronger or more recent login than the one you have just made.",
            ),
        };
        Page { status, title, text, link: Some((LOGIN, "Log in again")) }.into_response()
    }
}
