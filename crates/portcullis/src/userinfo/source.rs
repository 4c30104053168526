//! The policy over the cache: what is a hit, who asks the provider, and how long an answer is good.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::cache::{CacheError, Grant, UserInfoCache, UserInfoEntry, UserInfoKey};
use super::user_info::UserInfo;
use crate::clock::Clock;
use crate::error::{AuthError, InvalidToken, ProviderError};
use crate::keys::unavailable;
use crate::provider::{Flights, Landed, Provider, UserInfoAnswer};
use crate::token::AccessToken;

/// A cache that has not answered by then has failed. Without this limit one lost connection to a store would hold the
/// flight of a user, and everybody who joins it, for ever.
const CACHE_PATIENCE: Duration = Duration::from_secs(1);

/// Brings the claims of the user behind a token: from the cache, or from the provider, once per user at a time.
#[derive(Debug)]
pub(crate) struct UserInfoSource {
    shared: Arc<Shared>,
    flights: Flights<(UserInfoKey, Grant), Result<UserInfoAnswer, ProviderError>>,
}

#[derive(Debug)]
struct Shared {
    provider: Provider,
    cache: Arc<dyn UserInfoCache>,
    clock: Arc<dyn Clock>,
    ttl: Duration,
}

impl UserInfoSource {
    pub(crate) fn new(provider: Provider, cache: Arc<dyn UserInfoCache>, clock: Arc<dyn Clock>, ttl: Duration) -> Self {
        Self { shared: Arc::new(Shared { provider, cache, clock, ttl }), flights: Flights::new() }
    }

    /// The claims from the cache, where it has good ones.
    pub(crate) async fn cached(&self, token: &AccessToken) -> Option<UserInfo> {
        match in_time(self.shared.cache.get(&key_of(token))).await {
            Ok(entry) => entry.filter(|entry| self.shared.is_good(entry, token)).map(|entry| entry.user_info),
            Err(error) => {
                warn(&error);
                None
            }
        }
    }

    /// The claims from the provider, which are then the cache's too.
    pub(crate) async fn asked(&self, token: &AccessToken) -> Result<UserInfo, AuthError> {
        match self.ask(token).await.map_err(|error| unavailable(&error))? {
            UserInfoAnswer::Claims(user_info) => Ok(user_info),
            UserInfoAnswer::TokenRefused => Err(InvalidToken::Refused.into()),
            UserInfoAnswer::Forbidden => Err(AuthError::InsufficientScope { required: vec!["openid".to_owned()] }),
        }
    }

    /// Forgets the user's claims: nobody is logged in as that user here any more.
    pub(crate) async fn forget(&self, subject: &str) {
        let issuer = self.shared.provider.issuer().to_owned();
        let key = UserInfoKey { issuer, subject: subject.to_owned() };
        if let Err(error) = in_time(self.shared.cache.remove(&key)).await {
            warn(&error);
        }
    }

    /// One question per user at a time. A refusal counts only for the token that asked: another token of the same
    /// user may still be good, so its bearer asks for itself.
    async fn ask(&self, token: &AccessToken) -> Result<UserInfoAnswer, ProviderError> {
        let flight = (key_of(token), grant_of(token));
        for _ in 0..2 {
            let asked = || Arc::clone(&self.shared).ask_and_keep(token.clone());
            match self.flights.join(flight.clone(), asked).await {
                Landed::Own(answer) | Landed::Joined(answer @ (Ok(UserInfoAnswer::Claims(_)) | Err(_))) => {
                    return answer;
                }
                Landed::Joined(_) | Landed::Lost => {}
            }
        }
        Arc::clone(&self.shared).ask_and_keep(token.clone()).await
    }
}

impl Shared {
    /// Runs to its end even when the request that started it is gone.
    async fn ask_and_keep(self: Arc<Self>, token: AccessToken) -> Result<UserInfoAnswer, ProviderError> {
        let answer = self.provider.ask_user_info(token.raw(), token.subject()).await;
        if let Ok(UserInfoAnswer::Claims(user_info)) = &answer {
            self.keep(user_info.clone(), &token).await;
        }
        answer
    }

    async fn keep(&self, user_info: UserInfo, token: &AccessToken) {
        let now = self.clock.unix_time();
        let ttl = self.ttl.min(Duration::from_secs(token.expires_at()).saturating_sub(now));
        if ttl.is_zero() {
            return;
        }
        let entry = UserInfoEntry { user_info, grant: grant_of(token), expires_at: (now + ttl).as_secs() };
        if let Err(error) = in_time(self.cache.set(&key_of(token), entry, ttl)).await {
            warn(&error);
        }
    }

    fn is_good(&self, entry: &UserInfoEntry, token: &AccessToken) -> bool {
        self.clock.unix_time() < Duration::from_secs(entry.expires_at)
            && entry.user_info.subject() == token.subject()
            && entry.grant == grant_of(token)
    }
}

fn key_of(token: &AccessToken) -> UserInfoKey {
    UserInfoKey { issuer: token.issuer().to_owned(), subject: token.subject().to_owned() }
}

fn grant_of(token: &AccessToken) -> Grant {
    let mut scopes: Vec<_> = token.scopes().map(str::to_owned).collect();
    scopes.sort_unstable();
    Grant { scopes, client_id: token.client_id().map(str::to_owned) }
}

async fn in_time<T>(work: impl Future<Output = Result<T, CacheError>>) -> Result<T, CacheError> {
    timeout(CACHE_PATIENCE, work).await.unwrap_or_else(|_| Err(CacheError::new("no answer in time")))
}

fn warn(error: &CacheError) {
    tracing::warn!(target: "portcullis::userinfo", "{error}");
}
