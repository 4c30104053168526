//! The keys of one provider, kept current: who may make us fetch them, and how often.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::budget::{TokenBucket, UnknownKeyIds};
use super::{KeySet, PublicKey};
use crate::clock::Clock;
use crate::error::{AuthError, InvalidToken, ProviderEndpoint, ProviderError};
use crate::provider::document::{Document, DocumentStatus, Fetched, Refresh, Source};
use crate::provider::exchange::{Exchange, freshness, json_body};
use crate::provider::metadata::MetadataSource;
use crate::token::Jws;
use crate::transport::HttpLimits;

/// What a 503 says when the provider itself gives no hint.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The keys of one provider.
///
/// # Security
/// Anybody can send tokens with an invented `kid` or a bad signature. Each kind has a budget, so that a flood of
/// them neither floods the provider nor evicts good keys, while a real rotation is followed at once.
#[derive(Debug)]
pub(crate) struct KeyEngine {
    document: Document<KeySource>,
    clock: Arc<dyn Clock>,
    budgets: Mutex<Budgets>,
}

/// Who brought the token. A stranger's `kid` is a stranger's choice; the provider's own is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asker {
    Stranger,
    Provider,
}

/// Why no key vouches for a token.
#[derive(Debug)]
pub(crate) enum KeyFailure {
    Invalid(InvalidToken),
    /// Strangers have used up what may be asked; there is more after this time.
    Budget(Duration),
    Provider(ProviderError),
}

#[derive(Debug)]
struct Budgets {
    unknown_key_id: TokenBucket,
    bad_signature: TokenBucket,
    from_provider: TokenBucket,
    unknown: UnknownKeyIds,
}

/// Fetches the key set from where the metadata says.
#[derive(Debug)]
pub(crate) struct KeySource {
    metadata: Document<MetadataSource>,
    exchange: Exchange,
}

enum Verdict {
    Verified(Arc<PublicKey>),
    UnknownKey,
    BadSignature,
}

impl KeyEngine {
    pub(crate) fn new(
        metadata: Document<MetadataSource>,
        exchange: Exchange,
        clock: Arc<dyn Clock>,
        max_stale: Duration,
    ) -> Self {
        let source = KeySource { metadata, exchange };
        Self {
            document: Document::new(source, Arc::clone(&clock), max_stale),
            clock,
            budgets: Mutex::new(Budgets {
                unknown_key_id: TokenBucket::new(3, Duration::from_secs(10)),
                bad_signature: TokenBucket::new(1, Duration::from_secs(60)),
                from_provider: TokenBucket::new(10, Duration::from_secs(1)),
                unknown: UnknownKeyIds::default(),
            }),
        }
    }

    /// Says whether a refresh is due if a token that was verified with this key may still be taken as verified,
    /// without asking anybody; `None` if it may not.
    pub(crate) fn vouch_for(&self, key: &PublicKey) -> Option<Refresh> {
        if key.is_retired() { None } else { self.document.currency() }
    }

    /// Starts a background refresh where one is due.
    pub(crate) fn refresh_if_due(&self) {
        self.document.refresh_if_due();
    }

    /// Has keys fetched where there are none that may be used.
    pub(crate) async fn at_hand(&self) -> Result<(), ProviderError> {
        self.document.current().await.map(drop)
    }

    /// Verifies the signature and returns the key that did it.
    pub(crate) async fn verify(&self, jws: &Jws<'_>, asker: Asker) -> Result<Arc<PublicKey>, KeyFailure> {
        let set = self.document.current().await?;
        match (judge(&set, jws), asker) {
            (Verdict::Verified(key), _) => Ok(key),
            (Verdict::UnknownKey, Asker::Stranger) => self.look_for_unknown(jws).await,
            (Verdict::BadSignature, Asker::Stranger) => self.look_again(jws).await,
            (verdict, Asker::Provider) => self.look_for_provider(jws, verdict).await,
        }
    }

    /// A `kid` that no key has: the provider may have rotated its keys a moment ago.
    async fn look_for_unknown(&self, jws: &Jws<'_>) -> Result<Arc<PublicKey>, KeyFailure> {
        let key_id = jws.header.key_id.as_deref().unwrap_or_default();
        self.may_ask_for(key_id)?;
        let mut fetched = self.document.refetch().await?;
        if fetched.left_earlier && matches!(judge(&fetched.value, jws), Verdict::UnknownKey) {
            // The provider may have published the key while that fetch was on its way: its silence is no answer.
            self.may_ask_for(key_id)?;
            fetched = self.document.refetch().await?;
        }
        let verdict = judge(&fetched.value, jws);
        if matches!(verdict, Verdict::UnknownKey) {
            self.budgets().unknown.insert(key_id, self.clock.monotonic());
        }
        verdict.final_word()
    }

    fn may_ask_for(&self, key_id: &str) -> Result<(), KeyFailure> {
        let now = self.clock.monotonic();
        let mut budgets = self.budgets();
        if budgets.unknown.contains(key_id, now) {
            return Err(InvalidToken::UnknownKey.into());
        }
        // Joining a fetch that is under way costs the provider nothing.
        if self.document.is_fetching() {
            return Ok(());
        }
        // Nor is it asked while a failure is remembered: what is left of the budget is for when it is back.
        if let Some(error) = self.document.pausing() {
            return Err(error.into());
        }
        budgets.unknown_key_id.take(now).map_err(KeyFailure::Budget)
    }

    /// A known `kid`, or none, with a signature that does not verify: the provider may have put new key material
    /// under the same `kid`. Without budget, and without an answer, the keys we have decide.
    async fn look_again(&self, jws: &Jws<'_>) -> Result<Arc<PublicKey>, KeyFailure> {
        let is_pausing = self.document.pausing().is_some();
        if is_pausing || self.budgets().bad_signature.take(self.clock.monotonic()).is_err() {
            return Err(InvalidToken::Signature.into());
        }
        self.judge_anew(jws).await.unwrap_or(Verdict::BadSignature).final_word()
    }

    /// The provider itself sent the token: it may have rotated its keys just before it signed.
    async fn look_for_provider(&self, jws: &Jws<'_>, verdict: Verdict) -> Result<Arc<PublicKey>, KeyFailure> {
        if let Err(wait) = self.budgets().from_provider.take(self.clock.monotonic()) {
            return match verdict {
                Verdict::UnknownKey => Err(KeyFailure::Budget(wait)),
                known => known.final_word(),
            };
        }
        self.judge_anew(jws).await?.final_word()
    }

    /// The verdict of the keys that the provider publishes now. A fetch that was under way may have left before they
    /// changed: where it does not help there is one more.
    async fn judge_anew(&self, jws: &Jws<'_>) -> Result<Verdict, ProviderError> {
        let fetched = self.document.refetch().await?;
        match judge(&fetched.value, jws) {
            Verdict::UnknownKey | Verdict::BadSignature if fetched.left_earlier => {
                Ok(judge(&self.document.refetch().await?.value, jws))
            }
            verdict => Ok(verdict),
        }
    }

    pub(crate) fn status(&self) -> DocumentStatus<KeySet> {
        self.document.status()
    }

    fn budgets(&self) -> MutexGuard<'_, Budgets> {
        self.budgets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn judge(set: &KeySet, jws: &Jws<'_>) -> Verdict {
    let key_id = jws.header.key_id.as_deref();
    if let Some(key) = set.candidates(key_id, jws.header.algorithm).find(|key| jws.verify_with(key)) {
        return Verdict::Verified(Arc::clone(key));
    }
    match key_id {
        Some(key_id) if !set.has_key_id(key_id) => Verdict::UnknownKey,
        _ => Verdict::BadSignature,
    }
}

impl Verdict {
    fn final_word(self) -> Result<Arc<PublicKey>, KeyFailure> {
        match self {
            Self::Verified(key) => Ok(key),
            Self::UnknownKey => Err(InvalidToken::UnknownKey.into()),
            Self::BadSignature => Err(InvalidToken::Signature.into()),
        }
    }
}

impl From<InvalidToken> for KeyFailure {
    fn from(invalid: InvalidToken) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<ProviderError> for KeyFailure {
    fn from(error: ProviderError) -> Self {
        Self::Provider(error)
    }
}

impl From<KeyFailure> for AuthError {
    fn from(failure: KeyFailure) -> Self {
        match failure {
            KeyFailure::Invalid(invalid) => invalid.into(),
            KeyFailure::Provider(error) => unavailable(&error),
            KeyFailure::Budget(wait) => Self::unavailable("key_refetch_budget", wait),
        }
    }
}

/// The provider cannot be asked for what the request needs: 503.
pub(crate) fn unavailable(error: &ProviderError) -> AuthError {
    AuthError::unavailable(error.reason(), RETRY_AFTER)
}

impl Source for KeySource {
    type Value = KeySet;

    async fn fetch(&self) -> Result<Fetched<KeySet>, ProviderError> {
        let metadata = self.metadata.current().await?;
        let endpoint = ProviderEndpoint::Jwks;
        let response = self.exchange.get(endpoint, &metadata.jwks_uri, None, HttpLimits::KEY_SET).await?;
        let body = json_body(endpoint, &response)?;
        let value = KeySet::parse(body).map_err(|error| ProviderError::unusable(endpoint, error.reason()))?;
        Ok(Fetched { value, fresh_for: freshness(response.headers()) })
    }

    fn adopt(&self, new: KeySet, previous: Option<&KeySet>) -> KeySet {
        match previous {
            Some(previous) => new.adopt(previous),
            None => new,
        }
    }
}
