//! An application in which alice has logged in.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::{ACCEPT, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request, Response};
use portcullis::{
    Guard, Head, MemorySessionStore, SessionIndex, SessionKey, SessionKind, SessionStore, StoreError, StoredSession,
    UserInfo, WebRoute, async_trait,
};
use portcullis_testkit::{TestProvider, TokenKind};
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

const BASE_URL: &str = "https://app.example.com";

pub(crate) struct Login {
    guard: Guard,
    request: Request<()>,
    runtime: Runtime,
    stored: Arc<Mutex<Option<StoredSession>>>,
}

impl Login {
    pub(crate) fn new(kind: SessionKind) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let provider = TestProvider::in_memory();
        // Sealed, this makes about 3 KB.
        provider.token_fault(TokenKind::AccessToken, |token| token.claim("roles", vec!["castle-keeper"; 36]));
        provider.user("alice", json!({"sub": "alice", "name": "Alice", "email": "alice@example.com"}));
        let stored = Arc::new(Mutex::new(None));
        let guard = Guard::web(provider.issuer(), TestProvider::CLIENT_ID, BASE_URL)
            .client_secret(TestProvider::CLIENT_SECRET)
            .scopes(["openid", "profile", "email", "offline_access"])
            .http_client(provider.http_client());
        let guard = match kind {
            SessionKind::Cookie => guard.sessions(kind),
            _ => guard.session_store(Noting(MemorySessionStore::new(), Arc::clone(&stored))),
        };
        let guard = guard.build().unwrap();
        let cookies = runtime.block_on(log_in(&provider, &guard));
        let request = Request::get("https://app.example.com/account")
            .header(HOST, "app.example.com")
            .header(ACCEPT, "text/html")
            .header(COOKIE, cookies)
            .body(())
            .unwrap();
        Self { guard, request, runtime, stored }
    }

    pub(crate) fn serve(&self) -> UserInfo {
        let attempt = self.guard.attempt(&Head::of(&self.request));
        attempt.promise_write_back();
        let user = self.runtime.block_on(attempt.admit::<UserInfo, ()>()).unwrap();
        attempt.write_back(&mut HeaderMap::new());
        user
    }

    pub(crate) fn session_bytes(&self) -> usize {
        let cookies = self.request.headers()[COOKIE].to_str().unwrap();
        cookies.split("; ").map(|cookie| cookie.split_once('=').unwrap().1.len()).sum()
    }

    /// The session as its store has it.
    pub(crate) fn stored(&self) -> StoredSession {
        self.stored.lock().unwrap().clone().unwrap()
    }
}

async fn log_in(provider: &TestProvider, guard: &Guard) -> String {
    let begun = visit(guard, WebRoute::Login, "/auth/login", "").await;
    let callback = provider.sign_in(begun.headers()[LOCATION].to_str().unwrap(), "alice").await;
    let path = callback.strip_prefix(BASE_URL).unwrap();
    let finished = visit(guard, WebRoute::Callback, path, &cookies(&begun)).await;
    cookies(&finished)
}

async fn visit(guard: &Guard, route: WebRoute, path: &str, cookies: &str) -> Response<Bytes> {
    let request = Request::get(path).header(COOKIE, cookies).body(()).unwrap();
    let response = guard.visit(route, &Head::of(&request), &Bytes::new()).serve().await;
    assert_eq!(response.status(), 303);
    response
}

/// What the browser sends after this response, without what it was told to forget.
fn cookies(response: &Response<Bytes>) -> String {
    let set = response.headers().get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap());
    let pairs = set.map(|cookie| cookie.split(';').next().unwrap()).filter(|pair| !pair.ends_with('='));
    pairs.collect::<Vec<_>>().join("; ")
}

/// Remembers the last session that was stored.
#[derive(Debug)]
struct Noting(MemorySessionStore, Arc<Mutex<Option<StoredSession>>>);

#[async_trait]
impl SessionStore for Noting {
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StoreError> {
        self.0.load(key).await
    }

    async fn insert(&self, key: &SessionKey, session: StoredSession) -> Result<(), StoreError> {
        *self.1.lock().unwrap() = Some(session.clone());
        self.0.insert(key, session).await
    }

    async fn replace(&self, key: &SessionKey, session: StoredSession, expected: u64) -> Result<bool, StoreError> {
        self.0.replace(key, session, expected).await
    }

    async fn remove(&self, key: &SessionKey) -> Result<(), StoreError> {
        self.0.remove(key).await
    }

    async fn remove_all(&self, index: &SessionIndex) -> Result<usize, StoreError> {
        self.0.remove_all(index).await
    }
}
