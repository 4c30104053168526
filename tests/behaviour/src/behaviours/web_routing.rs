//! The framework's own router: what is protected stays so however a request is spelt, and whoever answers it.

use http::header::{CACHE_CONTROL, SET_COOKIE, VARY};
use portcullis_testkit::TestProvider;

use crate::web::{AUDIENCE, SESSION, TYPED, navigation, request};
use crate::{Answer, Browser, SessionKind, TestApp, WebFixture};

/// Ways to write the address of a protected page so that a check of raw paths takes it for a public one.
const SPELLINGS: &[&str] = &[
    "/account",
    "/account/",
    "/account?x=/public",
    "/account?/../public",
    "/account;x=/public",
    "/account%3F/public",
    "/public/../account",
    "/public/..;/account",
    "/public/%2e%2e/account",
    "/public%2F..%2Faccount",
    "/public/%252e%252e/account",
    "/public\\..\\account",
    "/public;/account",
    "/./account",
    "//account",
    "///account",
    "/ACCOUNT",
    "/Public",
    "/public/",
    "/public%00",
    "/public%0a",
    "/%61ccount",
    "/account%20",
    "/account.json",
    "/account/public",
    "/group/../account",
    "/group/plain",
    "/group//plain",
    "/group/%70lain",
    "/nested/../account",
    "/nested/inner/account",
    "/auth/../account",
    "/auth/login/../../account",
];

const METHODS: &[&str] =
    &["GET", "HEAD", "OPTIONS", "TRACE", "POST", "PUT", "DELETE", "PATCH", "CONNECT", "PROPFIND", "get"];

fn is_refused(answer: &Answer) -> bool {
    matches!(answer.status.as_u16(), 303 | 400 | 401 | 404 | 405) && !answer.text().contains("alice")
}

pub async fn atk_m03_no_spelling_opens_a_page_to_nobody<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    for path in SPELLINGS {
        let Ok(uri) = path.parse::<http::Uri>() else { continue };
        for method in METHODS {
            let answer = fixture.send(request(method, &uri.to_string(), &[])).await;
            assert!(is_refused(&answer), "{method} {path}: {answer:?}");
            let person = fixture.open(&Browser::default(), path).await;
            assert!(is_refused(&person) && person.body.is_empty() == (person.status == 303), "{path}: {person:?}");
        }
    }
    assert_eq!(fixture.asked(), 0);
}

pub async fn atk_m03_what_a_header_says_of_path_or_method_changes_nothing<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let lies = [
        ("x-original-url", "/public"),
        ("x-rewrite-url", "/public"),
        ("x-forwarded-path", "/public"),
        ("x-forwarded-prefix", "/public"),
        ("x-http-method-override", "OPTIONS"),
        ("x-method-override", "HEAD"),
        ("user-agent", "kube-probe/1.30"),
        ("access-control-request-method", "GET"),
    ];
    for lie in lies {
        for method in METHODS {
            let answer = fixture.send(request(method, "/account", &[lie])).await;
            assert_eq!(answer.status, 401, "{method} {lie:?}");
        }
    }
    assert_eq!(fixture.send(request("GET", "/public", &[])).await.body, "public");
}

pub async fn atk_m03_a_public_page_is_public<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    for path in ["/public", "/public?x=/account"] {
        let answer = fixture.open(&Browser::default(), path).await;
        assert_eq!((answer.outcome().as_str(), &*answer.body), ("200", &b"public"[..]), "{path}");
        assert!(answer.headers.get(CACHE_CONTROL).is_none() && answer.headers.get(VARY).is_none(), "{path}");
    }
}

/// Groups, nested routers and what answers every other path: nobody gets past an extractor or `require`.
pub async fn atk_m06_wherever_a_handler_is_it_is_guarded<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::with(|guard| guard.audience(AUDIENCE));
    let pages = ["/group/account", "/group/plain", "/nested/inner/account", "/no/such/page"];
    for path in pages {
        let nobody = fixture.open(&Browser::default(), path).await;
        let login = format!("/auth/login?return_to={}", path.replace('/', "%2F"));
        assert_eq!((nobody.outcome().as_str(), nobody.header("location")), ("303", Some(login.as_str())), "{path}");
        assert_eq!(nobody.header("cache-control"), Some("no-store"), "{path}");
    }
    for (user, expected) in [("alice", [200, 200, 200, 404]), ("bob", [403, 403, 200, 404])] {
        let browser = fixture.logged_in(user).await;
        for (path, status) in pages.into_iter().zip(expected) {
            let answer = fixture.open(&browser, path).await;
            assert_eq!(answer.status.as_u16(), status, "{user} {path}");
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{user} {path}");
        }
    }
    assert_eq!(fixture.asked(), 0);
}

/// The layers inside of `attach` have their say first: its cookies come on whatever they answer.
pub async fn atk_m06_a_group_deletes_a_dead_cookie_too<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    for path in ["/group/plain", "/group/account", "/nested/inner/account", "/no/such/page"] {
        let answer = fixture.get(path, &format!("{SESSION}=garbage")).await;
        assert_eq!(answer.outcome(), "401 missing_credentials", "{path}");
        answer.assert_ends_session(path);
    }
}

/// A credential that is there and is no good is never taken for none by who did not ask for that.
pub async fn atk_m07_an_invalid_credential_is_not_anonymous<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::with(|guard| guard.audience(AUDIENCE));
    for (authorization, expected) in [("Bearer a.b.c", "401 invalid_token"), ("Bearer", "400 invalid_request")] {
        for path in ["/if-present", "/account", "/token", "/enforced", "/group/plain", "/no/such/page"] {
            let answer = fixture.send(request("GET", path, &[("authorization", authorization)])).await;
            assert_eq!(answer.outcome(), expected, "{path} {authorization}");
        }
    }
    let malformed = fixture.send(request("GET", "/", &[("authorization", "Bearer")])).await;
    assert_eq!(malformed.outcome(), "400 invalid_request", "a malformed request is nobody's anonymous visit");
    let forbidden = fixture.get("/optional/never", &fixture.session().await).await;
    assert_eq!(forbidden.outcome(), "403 missing_permission", "a user who may not is not anonymous");
}

pub async fn atk_m10_nothing_of_a_page_comes_with_its_refusal<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    for path in ["/account", "/castles", "/token", "/enforced", "/fails", "/panics", "/own-headers", "/group/plain"] {
        let answer = fixture.open(&Browser::default(), path).await;
        if path == "/own-headers" {
            assert_eq!(&*answer.body, b"dark", "the one that is for everybody");
            continue;
        }
        assert_eq!((answer.outcome().as_str(), answer.body.len()), ("303", 0), "{path}");
        assert!(answer.headers.get(SET_COOKIE).is_none(), "{path}: the handler has not run");
    }
    let bob = fixture.logged_in("bob").await;
    for path in ["/castles", "/never", "/group/plain", "/group/account"] {
        let answer = fixture.open(&bob, path).await;
        assert_eq!(&*answer.body, br#"{"error":"missing_permission"}"#, "{path}");
    }
}

/// Whoever is logged in: what they see is for them alone, also where it is an error.
pub async fn atk_s07_a_handler_that_fails_or_panics_is_completed_too<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let cookie = fixture.session().await;
    for path in ["/fails", "/panics"] {
        let answer = fixture.get(path, &cookie).await;
        assert_eq!(answer.status, 500, "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        let vary: Vec<_> = answer.headers.get_all(VARY).iter().collect();
        assert_eq!(vary, ["authorization", "cookie"], "{path}");
        assert!(!answer.text().contains("panics"), "{path}: {answer:?}");
        assert_eq!(fixture.get("/account", &cookie).await.outcome(), "200", "{path}: the session is as before");
    }
    fixture.sessions.assert_rows("after both", 1).await;
    assert_eq!(fixture.asked(), 0);
}

/// A token refreshed on the way to a handler that then fails is not lost.
pub async fn atk_m09_a_refresh_before_a_panic_is_kept<A: TestApp, K: SessionKind>() {
    for path in ["/panics", "/fails"] {
        let fixture = WebFixture::<A, K>::refreshing();
        let browser = fixture.logged_in("alice").await;
        fixture.after(crate::web::LIFE);
        assert_eq!(fixture.open(&browser, path).await.status, 500, "{path}");
        assert_eq!(fixture.token_requests(), 1, "{path}");
        assert_eq!(fixture.open(&browser, "/account").await.outcome(), "200", "{path}");
        fixture.after(crate::web::LIFE);
        assert_eq!(fixture.open(&browser, "/account").await.outcome(), "200", "{path}: with the rotated one");
        assert_eq!(fixture.token_requests(), 2, "{path}");
    }
}

/// A dead cookie goes on an answer that its handler has not given.
pub async fn a_public_handler_beside_a_dead_cookie<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let answer = fixture.get("/own-headers", &format!("{SESSION}=garbage")).await;
    assert_eq!(answer.cookies(), [&["theme=dark"], K::DELETED].concat(), "the handler's own cookie stays");
    assert_eq!(fixture.get("/public", &format!("{SESSION}=garbage")).await.cookies(), [""; 0], "nobody has looked");
}

/// Everything below `/auth` is the library's: no cache keeps it, and no method but its own has an effect.
pub async fn the_librarys_routes_take_their_own_method<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    for path in ["/auth/login", "/auth/callback", "/auth/logged-out", "/auth/logout"] {
        for method in METHODS {
            let answer = fixture.send(request(method, path, &[])).await;
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{method} {path}: {answer:?}");
            let own = if path == "/auth/logout" { ["POST", "POST"] } else { ["GET", "GET"] };
            if !own.contains(method) && path != "/auth/callback" {
                assert_eq!(answer.status, 405, "{method} {path}");
                assert_eq!(answer.header("allow"), Some(own[0]), "{method} {path}");
            }
            assert!(answer.session_cookies().is_empty(), "{method} {path}");
        }
    }
    let provider: &TestProvider = &fixture.provider;
    assert!(provider.unexpected().is_empty());
    let unknown = fixture.send(navigation("/auth/nowhere", TYPED)).await;
    assert_eq!(unknown.header("cache-control"), Some("no-store"));
}

/// No header makes a request somebody's, or a page public.
pub async fn atk_m04_no_header_opens_a_page<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let rows = [
        ("user-agent", "kube-probe/1.31"),
        ("user-agent", "GoogleHC/1.0"),
        ("user-agent", "ELB-HealthChecker/2.0"),
        ("x-health-check", "1"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-original-url", "/public"),
        ("x-auth-request-user", "alice"),
        ("x-internal", "true"),
        ("x-portcullis-skip", "1"),
        ("authorization", "Basic YWxpY2U6"),
    ];
    for (name, value) in rows {
        let answer = fixture.send(request("GET", "/account", &[(name, value)])).await;
        assert_eq!(answer.outcome(), "401 missing_credentials", "{name}: {value}");
    }
}
