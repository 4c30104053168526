//! What needs a smaller memory for used tokens than an application has.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Request, Response};

use crate::access::AcrLevels;
use crate::clock::Standing;
use crate::guard::Guard;
use crate::provider::{IdTokenAlg, Provider, ResponseMode};
use crate::replay::ReplayMap;
use crate::request::Head;
use crate::session::{Keeper, MemorySessionStore, SessionIndex, SessionKey, SessionStore, Sessions, StoredSession};
use crate::web::{BaseUrl, CookieKeys, CookieNames, Visit, Web, WebRoute, WebSettings};

const ISSUER: &str = "https://id.example";
const SECRET: &str = "a-secret-that-is-no-secret-0123456789";
const NOW: u64 = 1_800_000_000;

/// A logout token of this subject's, signed with the client secret, so that no key has to be fetched.
fn token(subject: &str, id: &str) -> String {
    let payload = format!(
        r#"{{"iss":"{ISSUER}","aud":"app","iat":{NOW},"jti":"{id}","sub":"{subject}",
            "events":{{"http://schemas.openid.net/event/backchannel-logout":{{}}}}}}"#
    );
    let [header, payload] = [r#"{"alg":"HS256"}"#, &payload].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
    let input = format!("{header}.{payload}");
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()), input.as_bytes());
    format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(tag))
}

fn application(store: Arc<MemorySessionStore>) -> (Web, Guard) {
    let builder = Guard::web(ISSUER, "app", "https://app.example").client_secret(SECRET);
    let guard = builder.id_token_alg(IdTokenAlg::Hs256).clock(Standing(NOW)).build().unwrap();
    let provider: Provider = guard.provider().clone();
    let limits = (Duration::from_secs(60), Duration::from_secs(60));
    let sealer = |purpose| CookieKeys::random().unwrap().sealer("app", purpose).unwrap();
    let keeper = Keeper::stored(store, "app".to_owned(), &provider);
    let web = Web::new(WebSettings {
        sessions: Arc::new(Sessions::new(keeper, provider.clone(), limits)),
        provider,
        base: BaseUrl::parse("https://app.example").unwrap(),
        levels: AcrLevels::default(),
        names: CookieNames::new(true, true, "app"),
        transactions: sealer("login transaction"),
        asks_user_info: true,
        response_mode: ResponseMode::Query,
        on_page: None,
        logout_states: sealer("logout state"),
        ends_session_by_post: false,
    });
    (web, guard)
}

async fn tell(web: &Web, guard: &Guard, token: &str) -> Response<Bytes> {
    let request = Request::post("/auth/backchannel-logout").header("content-type", "application/x-www-form-urlencoded");
    let request = request.body(Bytes::from(format!("logout_token={token}"))).unwrap();
    let visit = Visit::new(guard, WebRoute::BackChannelLogout, &Head::of(&request), request.body());
    web.back_channel_logout(&visit, guard).await
}

#[tokio::test]
async fn p10_what_cannot_be_remembered_ends_nothing_and_has_to_wait() {
    let store = Arc::new(MemorySessionStore::new());
    let (mut web, guard) = application(Arc::clone(&store));
    web.used_logout_tokens = ReplayMap::with_capacity(1);
    let key = SessionKey::of(b"bob's");
    let session = StoredSession::new(Vec::new(), 1, u64::MAX, vec![SessionIndex::of_subject(ISSUER, "bob")]);
    store.insert(&key, session).await.unwrap();

    let (first, second) = (token("alice", "1"), token("bob", "2"));
    assert_eq!(tell(&web, &guard, &first).await.status(), 200);
    for _ in 0..2 {
        let waits = tell(&web, &guard, &second).await;
        assert_eq!(waits.status(), 503);
        assert!(waits.headers().contains_key("retry-after"));
        assert!(store.load(&key).await.unwrap().is_some(), "nothing ends without being noted");
    }
    assert_eq!(tell(&web, &guard, &first).await.status(), 400, "and nothing was forgotten for it");

    web.used_logout_tokens = ReplayMap::with_capacity(1);
    assert_eq!(tell(&web, &guard, &second).await.status(), 200, "it is still good when there is room");
    assert!(store.load(&key).await.unwrap().is_none());
}
