//! What a session leaves in the headers of the response.

use http::header::{CACHE_CONTROL, HeaderName, VARY};

use crate::web::SESSION;
use crate::{Answer, SessionKind, TestApp, WebFixture};

fn all(answer: &Answer, name: HeaderName) -> Vec<&str> {
    answer.headers.get_all(name).iter().map(|value| value.to_str().expect("visible ASCII")).collect()
}

pub async fn atk_s07_caches_are_told<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let cookie = fixture.session().await;
    for path in ["/account", "/token", "/", "/castles", "/enforced", "/nested/inner/account", "/no/such/page"] {
        let answer = fixture.get(path, &cookie).await;
        assert_eq!(all(&answer, VARY), ["authorization", "cookie"], "{path}");
        assert_eq!(all(&answer, CACHE_CONTROL), ["no-store"], "{path}");
        assert!(answer.cookies().is_empty(), "{path}");
    }
    let nobody = fixture.get("/", "a=b").await;
    assert_eq!(all(&nobody, VARY), ["authorization", "cookie"], "the page differs for who is logged in");
    assert!(all(&nobody, CACHE_CONTROL).is_empty());
    let refused = fixture.get("/account", "a=b").await;
    assert_eq!(all(&refused, VARY), ["authorization", "cookie"]);
    assert_eq!(all(&refused, CACHE_CONTROL), ["no-store"]);
}

pub async fn a_page_that_asked_nobody_is_left_alone<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let answer = fixture.get("/public", &format!("{SESSION}=a; {SESSION}=b")).await;
    assert_eq!(answer.outcome(), "200");
    assert!(all(&answer, VARY).is_empty() && all(&answer, CACHE_CONTROL).is_empty() && answer.cookies().is_empty());
    assert_eq!(fixture.sessions.calls(), 0);
}

pub async fn headers_of_the_handler_stay<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let answer = fixture.get("/own-headers", &format!("{SESSION}=garbage")).await;
    assert_eq!(answer.cookies(), [&["theme=dark"], K::DELETED].concat());
    assert_eq!(all(&answer, VARY), ["Accept, Cookie", "authorization"]);
}

pub async fn atk_s07_a_stricter_word_of_the_handler_stands<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let cookie = fixture.session().await;
    for (path, expected) in [("/cache/private", "private, max-age=60"), ("/cache/public", "no-store")] {
        assert_eq!(all(&fixture.get(path, &cookie).await, CACHE_CONTROL), [expected], "{path}");
    }
}
