//! What a table of faults is run with.

use portcullis::InvalidToken;
use portcullis_testkit::TokenBuilder;

use crate::support::{Login, invalid};

/// What the provider does wrong, or unusually.
pub(crate) type Change = fn(TokenBuilder) -> TokenBuilder;

/// Each change is refused for exactly this reason, before a key is looked up and without a question to userinfo.
pub(crate) async fn refuses(rows: &[(&str, Change, InvalidToken)]) {
    for (name, change, reason) in rows {
        let login = Login::new();
        login.server.id_token_fault(*change);
        assert_eq!(login.refusal().await, invalid(*reason), "{name}");
        assert_eq!(login.asked().jwks, 0, "{name}: what is cheap comes first");
    }
}

/// Each change is unusual and right.
pub(crate) async fn accepts(rows: &[(&str, Change)]) {
    for (name, change) in rows {
        let login = Login::new();
        login.server.id_token_fault(*change);
        let outcome = login.whole().await;
        assert!(outcome.is_ok(), "{name}: {outcome:?}");
    }
}
