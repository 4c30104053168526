//! Where the browser comes back to from the provider.

use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{HeaderValue, Response};

use super::pages::see_other;
use super::parameters::Parameters;
use super::refused::Refused;
use super::spent::Spent;
use super::transactions::Pending;
use super::visit::Visit;
use super::{SessionCookie, Web};
use crate::error::ProviderErrorKind;
use crate::guard::Guard;
use crate::provider::{Tokens, Transaction};
use crate::session::{Granted, KeptIdToken, Record, dates, granted_permissions};
use crate::token::IdToken;
use crate::userinfo::UserInfo;

/// What the provider answers (RFC 6749 section 4.1.2, RFC 9207).
struct Answer<'v> {
    state: &'v str,
    code: Option<&'v str>,
    is_error: bool,
    issuer: Option<&'v str>,
}

impl<'v> Answer<'v> {
    /// A parameter that came twice, and an answer that belongs to no login, are refused before anybody is asked.
    fn read(parameters: &'v Parameters) -> Result<Self, Refused> {
        let one = |name| parameters.one(name).map_err(|_| Refused::Login("doubled_parameter"));
        let (code, error, issuer) = (one("code")?, one("error")?, one("iss")?);
        one("response")?;
        let state = one("state")?.ok_or(Refused::Login("no_state"))?;
        Ok(Self { state, code, is_error: error.is_some(), issuer })
    }
}

impl Web {
    /// `GET /auth/callback`, or `POST` where the answer was asked for in a form (OpenID Connect Core section 3.1.2.5).
    ///
    /// # Security
    /// The response is accepted only in the browser in which the login began, once, and only from our provider
    /// (RFC 9207). Whatever goes wrong ends on a page with a link: an automatic redirect could loop.
    pub(super) async fn callback(&self, visit: &Visit, guard: &Guard) -> Response<Bytes> {
        let Some(parameters) = self.answer_as_asked(visit) else {
            return self.refused_page(Refused::Login("response_mode"), None);
        };
        let state = parameters.one("state").ok().flatten();
        let answer = Answer::read(parameters);
        if let (Some(state), Ok(_)) = (state, &answer)
            && self.wants_repost(visit, parameters, state)
        {
            return self.repost(parameters);
        }
        let pending = state.and_then(|state| self.recall(state, &visit.cookie_headers));
        let outcome = match answer {
            Ok(answer) => self.finish(visit, guard, &answer, pending.as_ref()).await,
            Err(refused) => Err(refused),
        };
        let return_to = pending.as_ref().map(|pending| &*pending.return_to);
        let is_over = outcome.as_ref().err() != Some(&Refused::NotYet);
        let mut response = match outcome {
            Ok(cookies) => {
                let mut response = see_other(&self.base.way_back(return_to));
                response.headers_mut().extend(cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)));
                response
            }
            Err(refused) => self.refused_page(refused, return_to),
        };
        // The transaction is over whatever the outcome: its cookie goes.
        if let Some(state) = state.filter(|_| is_over) {
            response.headers_mut().append(SET_COOKIE, self.forget(state));
        }
        response
    }

    async fn finish(
        &self,
        visit: &Visit,
        guard: &Guard,
        answer: &Answer<'_>,
        pending: Option<&Pending>,
    ) -> Result<Vec<HeaderValue>, Refused> {
        let pending = pending.ok_or(Refused::Login("unknown_state"))?;
        let transaction = pending.transaction().ok_or(Refused::Login("unknown_state"))?;
        self.check_issuer(answer.issuer).await?;
        if answer.is_error {
            return Err(Refused::Login("provider_error"));
        }
        let code = answer.code.ok_or(Refused::Login("no_code"))?;
        self.provider.prepare_exchange().await.map_err(Refused::not_yet)?;
        match self.spent.spend(answer.state, self.provider.clock().unix_time(), pending.ends_at()) {
            Spent::Now => {}
            Spent::Before => return Err(Refused::Login("used_state")),
            Spent::Full => return Err(Refused::NotYet),
        }
        let began = self.sessions.login_begins();
        let tokens = self.provider.exchange_code(code, &transaction).await.map_err(Refused::of)?;
        let id_token = tokens.id_token().cloned().ok_or(Refused::Login("no_id_token"))?;
        self.check_level(&id_token, pending)?;
        let record = self.record(guard, &transaction, &tokens, &id_token).await?;
        let begun = self.sessions.create(&record, began).await.map_err(Refused::store)?;
        let begun = begun.ok_or(Refused::Login("ended_meanwhile"))?;
        if let Err(refused) = self.end_previous(visit).await {
            begun.take_back().await;
            return Err(refused);
        }
        Ok(self.session_cookies(begun.told().expose(), self.sessions.absolute()))
    }

    /// RFC 9207: required where the provider announces it, compared wherever it is there.
    async fn check_issuer(&self, issuer: Option<&str>) -> Result<(), Refused> {
        let announced = self.provider.announces_issuer().await.map_err(Refused::not_yet)?;
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
        let granted = granted_permissions(guard, tokens.access_token(), Some(id_token), Some(&user_info)).await;
        let permissions = match granted {
            Granted::Permissions(permissions) => permissions,
            Granted::Unsaid | Granted::Unknown => Vec::new(),
        };
        let now = self.sessions.now();
        let (refresh_from, access_expires_at) = dates(tokens, now);
        let granted: Vec<_> = tokens.scopes().map(str::to_owned).collect();
        Ok(Record {
            created_at: now,
            seen_at: now,
            subject: id_token.subject().to_owned(),
            auth_time: id_token.auth_time(),
            acr: id_token.acr().map(str::to_owned),
            scopes: if granted.is_empty() { transaction.scopes.clone() } else { granted },
            permissions,
            user_info,
            id_token: KeptIdToken::of(id_token),
            access_token: Some(tokens.access_token().clone()),
            access_expires_at,
            refresh_from,
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
            SessionCookie::Value(session) => self.sessions.remove(session.expose()).await.map_err(Refused::store),
            SessionCookie::Absent | SessionCookie::Unusable => Ok(()),
        }
    }
}
