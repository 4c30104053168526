//! Logout tokens that the provider, or anybody, sends to us.

use super::Provider;
use crate::error::InvalidToken;
use crate::keys::KeyFailure;
use crate::token::LogoutToken;

impl Provider {
    /// Validates a logout token completely (OpenID Connect Back-Channel Logout 1.0 section 2.6); whether it was used
    /// before is the caller's question.
    pub(crate) async fn validate_logout_token(&self, token: &str) -> Result<LogoutToken, KeyFailure> {
        let policy = self.0.client.id_tokens.as_ref().ok_or(InvalidToken::Audience)?;
        policy.validate_logout_token(&self.0.keys, token, self.0.clock.unix_time()).await
    }
}
