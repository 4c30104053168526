//! From settings to a guard: every value checked, every problem reported at once.

use std::sync::Arc;
use std::time::Duration;

use super::{AccessTokenCookie, Guard, GuardBuilder, Shared};
use crate::access::AcrLevels;
use crate::error::{BuildError, Problem};
use crate::provider::{Provider, noted};
use crate::settings;
use crate::token::{Algorithm, Judgement, KnownHeader, TokenPolicy, VerifiedTokens};
use crate::userinfo::{MemoryUserInfoCache, UserInfoSource};
use crate::web::{Web, is_cookie_name};

const DEFAULT_USER_INFO_TTL: Duration = Duration::from_secs(5 * 60);

/// The settings that can be wrong, checked.
struct Checked {
    provider: Provider,
    /// `None` for a web application that accepts no bearer tokens.
    audience: Option<String>,
    algorithms: Vec<Algorithm>,
    levels: AcrLevels,
    web: Option<Web>,
    access_token_cookie: Option<AccessTokenCookie>,
}

impl GuardBuilder {
    /// Builds the guard. Asks nobody and needs no runtime.
    ///
    /// # Errors
    /// Returns every problem at once, each with what to set.
    pub fn build(self) -> Result<Guard, BuildError> {
        let checked = self.checked().map_err(BuildError::new)?;
        let provider = checked.provider;
        let clock = Arc::clone(provider.clock());
        let leeway = self.provider.chosen_leeway();
        let judgement = Arc::new(Judgement { levels: checked.levels, leeway, clock: Arc::clone(&clock) });
        let policy = checked.audience.map(|audience| TokenPolicy {
            issuer: provider.issuer().into(),
            audience: audience.into(),
            algorithms: checked.algorithms.into(),
            known_header: KnownHeader::default(),
            profile: self.provider.chosen_profile(),
            judgement: Arc::clone(&judgement),
        });
        let cache = self.user_info_cache.unwrap_or_else(|| Arc::new(MemoryUserInfoCache::new()));
        let ttl = self.user_info_ttl.unwrap_or(DEFAULT_USER_INFO_TTL);
        let users = UserInfoSource::new(provider.clone(), cache, clock, ttl);
        let verified = VerifiedTokens::new();
        Ok(Guard(Arc::new(Shared {
            provider,
            policy,
            judgement,
            web: checked.web,
            access_token_cookie: checked.access_token_cookie,
            verified,
            users,
            on_reject: self.on_reject,
        })))
    }

    /// What `build()` would object to.
    pub(super) fn problems(&self) -> Vec<Problem> {
        self.checked().err().unwrap_or_default()
    }

    fn checked(&self) -> Result<Checked, Vec<Problem>> {
        let mut problems = Vec::new();
        let provider = self.provider.checked(&mut problems);
        let audience = noted(self.checked_audience(), &mut problems);
        let algorithms = noted(self.checked_algorithms(), &mut problems);
        let levels = noted(self.checked_levels(), &mut problems);
        let parts = self.checked_web_parts(&mut problems);
        let access_token_cookie = self.checked_access_token_cookie(&mut problems);
        let (Some(provider), Some(audience), Some(algorithms), Some(levels)) = (provider, audience, algorithms, levels)
        else {
            return Err(problems);
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        let web =
            match parts {
                Some(parts) => Some(self.web(&provider, &levels, parts).ok_or_else(|| {
                    vec![Problem::new(settings::COOKIE_KEYS, "cannot be used: the cryptography fails")]
                })?),
                None => None,
            };
        Ok(Checked { provider, audience, algorithms, levels, web, access_token_cookie })
    }

    fn checked_audience(&self) -> Result<Option<String>, Problem> {
        let is_implied = self.provider.chosen_profile().audience_is_client_id;
        let implied = self.provider.client_id.as_ref().filter(|_| is_implied);
        let message = match self.audience.as_ref().or(implied).filter(|audience| !audience.is_empty()) {
            Some(audience) => return Ok(Some(audience.clone())),
            None if self.is_web => return Ok(None),
            None if is_implied => {
                "is not set: use what a token's `aud` must contain, or set PORTCULLIS_CLIENT_ID, which is the audience with this profile"
            }
            None => "is not set: use what a token's `aud` must contain, such as the API's URL",
        };
        Err(Problem::new(settings::AUDIENCE, message))
    }

    fn checked_access_token_cookie(&self, problems: &mut Vec<Problem>) -> Option<AccessTokenCookie> {
        let name = self.access_token_cookie.clone()?;
        if !is_cookie_name(&name) {
            problems.push(Problem::new("access_token_cookie", "is no name of a cookie (RFC 6265 section 4.1.1)"));
        }
        if self.audience.is_none() && !self.provider.chosen_profile().audience_is_client_id {
            let message = "is not set: the access token in a cookie has to be made for this application";
            problems.push(Problem::new(settings::AUDIENCE, message));
        }
        match self.checked_base_url() {
            Ok(base) => Some(AccessTokenCookie { name, base }),
            Err(problem) => {
                problems.push(problem);
                None
            }
        }
    }

    fn checked_algorithms(&self) -> Result<Vec<Algorithm>, Problem> {
        match &self.algorithms {
            None => Ok(Algorithm::ALL.to_vec()),
            Some(algorithms) if algorithms.is_empty() => {
                Err(Problem::new(settings::ALGORITHMS, "names no algorithm: name at least one, such as RS256"))
            }
            Some(algorithms) => Ok(algorithms.clone()),
        }
    }

    fn checked_levels(&self) -> Result<AcrLevels, Problem> {
        let levels = match &self.acr_values {
            Some(levels) => levels.clone(),
            None => AcrLevels::new(self.provider.chosen_profile().acr_values.iter().copied()),
        };
        match levels.first_invalid() {
            Some(_) => Err(Problem::new(
                settings::ACR_VALUES,
                "has a value that no challenge can carry: use printable ASCII without spaces, quotes and backslashes",
            )),
            None => Ok(levels),
        }
    }
}
