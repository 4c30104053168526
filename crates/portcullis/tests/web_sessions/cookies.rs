//! Which cookie is a session, and what a store gets to see.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use portcullis::{AccessToken, IfPresent, SessionKey, UserInfo};

use crate::app::{App, DELETED, NAME, get, request};

fn value(cookie: &str) -> &str {
    cookie.split_once('=').unwrap().1
}

#[tokio::test]
async fn atk_s11_what_is_no_id_is_nobody_and_asks_no_store() {
    let app = App::new();
    let id = value(&app.log_in().await).to_owned();
    let calls = app.store.calls();
    let rows = [
        ("empty", String::new()),
        ("short", id[1..].to_owned()),
        ("long", format!("{id}A")),
        ("padded", format!("{id}=")),
        ("quoted", format!("\"{id}\"")),
        ("not base64url", format!("+{}", &id[1..])),
        ("hex", "0".repeat(64)),
        ("8 KiB", "A".repeat(8192)),
        ("traversal", "../../../../etc/passwd".to_owned()),
        ("a wildcard", "*".repeat(43)),
    ];
    for (name, garbage) in rows {
        let cookie = format!("{NAME}={garbage}");
        let answer = app.with_cookie::<UserInfo>(&cookie).await;
        assert_eq!(answer.outcome(), (401, "missing_credentials"), "{name}");
        assert_eq!(answer.cookies(), [DELETED], "{name}");
        let optional = app.with_cookie::<Option<UserInfo>>(&cookie).await;
        assert_eq!((optional.cookies().len(), optional.value), (1, Some(None)), "{name}");
        assert!(app.with_cookie::<IfPresent<UserInfo>>(&cookie).await.value.unwrap().0.is_none(), "{name}");
    }
    assert_eq!((app.store.calls(), app.asked()), (calls, 0));
}

#[tokio::test]
async fn an_unknown_id_is_nobody_and_deleted() {
    let app = App::new();
    app.log_in().await;
    let unknown = format!("{NAME}={}", BASE64_URL_SAFE_NO_PAD.encode([7; 32]));
    let answer = app.with_cookie::<AccessToken>(&unknown).await;
    assert_eq!(answer.outcome(), (401, "missing_credentials"));
    assert_eq!(answer.cookies(), [DELETED]);
    assert_eq!(app.asked(), 0);
}

#[tokio::test]
async fn atk_s03_two_cookies_of_our_name_are_as_none() {
    let app = App::new();
    let cookie = app.log_in().await;
    let calls = app.store.calls();
    let tossed = format!("{NAME}={}", BASE64_URL_SAFE_NO_PAD.encode([7; 32]));
    let rows = [
        get("/page", &format!("{cookie}; {tossed}")),
        get("/page", &format!("{tossed}; {cookie}")),
        get("/page", &format!("{cookie}; {cookie}")),
        request("GET", "/page", &[("cookie", &cookie), ("cookie", &tossed)]),
    ];
    for page in &rows {
        let answer = app.ask::<UserInfo, ()>(page).await;
        assert_eq!(answer.outcome(), (401, "missing_credentials"), "{page:?}");
        assert_eq!(answer.cookies(), [DELETED], "{page:?}");
        assert_eq!(app.ask::<Option<UserInfo>, ()>(page).await.value, Some(None));
    }
    assert_eq!((app.store.calls(), app.asked()), (calls, 0));
    assert_eq!(app.with_cookie::<UserInfo>(&format!("a=b; {cookie}; c=d")).await.status, 200, "among others");
    assert_eq!(app.with_cookie::<UserInfo>(&format!("x{cookie}")).await.status, 401, "of another name");
}

#[tokio::test]
async fn atk_s11_ids_have_256_bits_and_are_new_at_each_login() {
    let app = App::new();
    let mut seen = std::collections::BTreeSet::new();
    let mut before: Option<String> = None;
    for _ in 0..4 {
        let cookie = app.log_in_again("", before.as_deref()).await;
        let id = BASE64_URL_SAFE_NO_PAD.decode(value(&cookie)).unwrap();
        assert_eq!(id.len(), 32);
        assert!(seen.insert(id), "used twice");
        if let Some(before) = before {
            assert_eq!(app.with_cookie::<UserInfo>(&before).await.status, 401, "the earlier session has ended");
        }
        before = Some(cookie);
    }
}

#[tokio::test]
async fn atk_s11_a_planted_id_does_not_become_a_session() {
    let app = App::new();
    let planted = format!("{NAME}={}", BASE64_URL_SAFE_NO_PAD.encode([7; 32]));
    let cookie = app.log_in_again("", Some(&planted)).await;
    assert_ne!(cookie, planted);
    assert_eq!(app.with_cookie::<UserInfo>(&planted).await.status, 401);
    assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.status, 200);
}

#[tokio::test]
async fn atk_s12_a_store_sees_nothing_in_clear() {
    let app = App::new();
    let cookie = app.log_in().await;
    let token = app.with_cookie::<AccessToken>(&cookie).await.value.unwrap();
    let (key, row) = app.store.written().pop().unwrap();
    let seen = format!("{} {}", String::from_utf8_lossy(row.sealed()), serde_json::to_string(&row).unwrap());
    let (access_token, id) = (token.secret().unwrap().expose(), value(&cookie));
    for secret in [access_token, id, "alice", "Liddell", "eyJ", "castles", "openid", &app.server.issuer()] {
        assert!(!seen.contains(secret), "{secret} in {seen}");
        for decoded in [BASE64_URL_SAFE_NO_PAD.decode(row.sealed()).unwrap_or_default(), row.sealed().to_vec()] {
            assert!(!decoded.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret}");
        }
    }
    let hashed: SessionKey = key;
    assert_ne!(hashed.to_string(), id);
    assert!(!format!("{key} {key:?}").contains(id));
    assert!(!row.indexes().is_empty());
    assert_eq!(row.version(), 1);
    let debug = format!("{:?} {:?}", app.guard, app.guard.attempt(&portcullis::Head::of(&get("/", &cookie))));
    assert!(!debug.contains(id), "{debug}");
}

#[tokio::test]
async fn atk_p09_a_store_that_is_down_is_503_for_everybody() {
    let app = App::new();
    let cookie = app.log_in().await;
    app.store.set_down(true);
    let page =
        request("GET", "/page", &[("cookie", &cookie), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]);
    let answers = [
        app.ask::<UserInfo, ()>(&page).await.outcome(),
        app.ask::<AccessToken, ()>(&page).await.outcome(),
        app.ask::<Option<UserInfo>, ()>(&page).await.outcome(),
        app.ask::<IfPresent<UserInfo>, ()>(&page).await.outcome(),
        app.ask::<(), ()>(&page).await.outcome(),
    ];
    assert_eq!(answers, [(503, "temporarily_unavailable"); 5]);
    let answer = app.ask::<UserInfo, ()>(&page).await;
    assert!(answer.header("retry-after").is_some() && answer.header("location").is_none());
    assert!(answer.cookies().is_empty(), "the session is not thrown away");
    assert!(!answer.body.contains("login_url"), "{}", answer.body);
    let calls = app.store.calls();
    assert_eq!(
        app.ask::<UserInfo, ()>(&request("GET", "/page", &[])).await.status,
        401,
        "without a cookie nobody asks it"
    );
    assert_eq!((app.store.calls(), app.asked()), (calls, 0));
    app.store.set_down(false);
    assert_eq!(app.ask::<UserInfo, ()>(&page).await.outcome(), (200, "ok"));
}

#[tokio::test]
async fn atk_p09_no_cookie_where_the_session_could_not_be_stored() {
    let app = App::new();
    app.store.set_down(true);
    let response = app.callback("", None).await;
    assert_eq!(response.status(), 503);
    assert_eq!(crate::app::session_of(&response), None);
    assert!(app.store.written().is_empty());
}

#[tokio::test]
async fn atk_s12_a_row_under_another_key_or_changed_is_no_session() {
    use portcullis::{SessionStore, StoredSession};
    let app = App::new();
    let cookie = app.log_in().await;
    let (key, row) = app.store.written().pop().unwrap();
    let mut sealed = row.sealed().to_vec();
    let last = sealed.len() - 1;
    sealed[last] ^= 1;
    let changed = StoredSession::new(sealed, row.version(), row.expires_at(), row.indexes().to_vec());
    assert!(app.store.replace(&key, changed, row.version()).await.unwrap());
    assert_eq!(app.with_cookie::<UserInfo>(&cookie).await.outcome(), (503, "temporarily_unavailable"));
    assert_eq!(app.with_cookie::<Option<UserInfo>>(&cookie).await.status, 503, "never anonymous");
}
