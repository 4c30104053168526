//! A session of which nobody knows yet.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::key::SessionKey;
use super::store::SessionStore;
use crate::secret::Secret;

/// A session that has begun, and whose browser is still to be told. Dropped before that, it leaves no row behind that
/// nobody could ever use or end.
pub(crate) struct Begun {
    value: Secret,
    row: Option<(Arc<dyn SessionStore>, SessionKey)>,
}

impl Begun {
    /// A session that the browser keeps: there is nothing to take back.
    pub(super) fn in_cookie(value: Secret) -> Self {
        Self { value, row: None }
    }

    /// A session that is about to be in this store.
    pub(super) fn here(id: Secret, store: &Arc<dyn SessionStore>) -> Self {
        let key = SessionKey::of(id.expose().as_bytes());
        Self { value: id, row: Some((Arc::clone(store), key)) }
    }

    /// What the browser is told now.
    pub(crate) fn told(mut self) -> Secret {
        self.row = None;
        self.value.clone()
    }

    /// Nobody is told.
    pub(crate) async fn take_back(mut self) {
        if let Some((store, key)) = &self.row
            && store.remove(key).await.is_ok()
        {
            self.row = None;
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let (Some((store, key)), Ok(runtime)) = (self.row.take(), Handle::try_current()) else { return };
        runtime.spawn(async move {
            if let Err(error) = store.remove(&key).await {
                tracing::warn!(target: "portcullis::session", "a session that nobody has stays until it expires: {error}");
            }
        });
    }
}
