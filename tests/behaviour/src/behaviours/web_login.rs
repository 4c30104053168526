//! Login and logout through the routes that the framework serves.

use http::header::SET_COOKIE;
use portcullis_testkit::{Endpoint, TestProvider};
use url::Url;

use crate::web::{BASE_URL, CROSS_SITE, SAME_ORIGIN, SESSION, TYPED, navigation, parameter, request};
use crate::{Browser, LogCapture, SessionKind, TestApp, WebFixture};

/// The cookie without its value; what names one login is `*`.
fn shape(cookie: &str) -> String {
    let (pair, attributes) = cookie.split_once("; ").expect("attributes");
    let (name, _) = pair.split_once('=').expect("a cookie");
    let name = name.rsplit_once("login-").map_or(name.to_owned(), |(before, _)| format!("{before}login-*"));
    format!("{name}; {attributes}")
}

/// The provider's answer, changed.
fn replaced(callback: &str, name: &str, value: Option<&str>) -> String {
    let mut url = Url::parse(callback).expect("a URL");
    let kept: Vec<_> = url.query_pairs().into_owned().filter(|(known, _)| known != name).collect();
    let added = value.map(|value| (name.to_owned(), value.to_owned()));
    url.query_pairs_mut().clear().extend_pairs(kept.into_iter().chain(added));
    url.into()
}

pub async fn atk_s05_a_whole_login_and_its_cookies<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let browser = Browser::default();
    let page = fixture.open(&browser, "/account?tab=1").await;
    let login = page.header("location").expect("the login");
    let begun = fixture.open(&browser, login).await;
    assert_eq!((begun.status.as_u16(), begun.header("cache-control")), (303, Some("no-store")));
    let flags = "Path=/; Secure; HttpOnly; SameSite=Lax";
    let cookies: Vec<_> = begun.cookies().into_iter().map(shape).collect();
    assert_eq!(cookies, [format!("__Host-portcullis-login-*; {flags}; Max-Age=600")]);
    fixture.sessions.assert_rows("begun", 0).await;

    let authorize_url = begun.header("location").expect("the provider");
    assert_eq!(parameter(authorize_url, "redirect_uri"), Some(format!("{BASE_URL}/auth/callback")));
    let finished = fixture.come_back(&browser, authorize_url, "alice").await;
    finished.assert_redirect("the callback", "/account?tab=1");
    // What is left of a longer session is deleted with it.
    let is_news = |cookie: &&str| !K::DELETED.contains(cookie);
    let mut cookies: Vec<_> = finished.cookies().into_iter().filter(is_news).map(shape).collect();
    let gone = cookies.pop().expect("a cookie");
    assert_eq!(gone, format!("__Host-portcullis-login-*; {flags}; Max-Age=0"), "each in a header of its own");
    assert!(!cookies.is_empty() && cookies.iter().all(|cookie| cookie.starts_with(SESSION)), "{cookies:?}");
    assert!(cookies.iter().all(|cookie| cookie.ends_with(&format!("; {flags}; Max-Age=604800"))), "{cookies:?}");
    assert_eq!(fixture.open(&browser, "/account?tab=1").await.json()["sub"], "alice");
}

pub async fn atk_f01_another_browser_cannot_finish_a_login<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let (victim, attacker) = (Browser::default(), Browser::default());
    let authorize_url = fixture.begin(&attacker, "/auth/login").await;
    let callback = fixture.provider.sign_in(&authorize_url, "bob").await;
    let refused = fixture.visit(&victim, navigation(&callback, CROSS_SITE)).await;
    refused.assert_page("another browser", 400);
    assert_eq!((fixture.token_requests(), victim.cookie().as_str()), (0, ""));
    fixture.sessions.assert_rows("another browser", 0).await;
    fixture.visit(&attacker, navigation(&callback, CROSS_SITE)).await.assert_redirect("its own", "/");
}

pub async fn atk_f02_f03_answers_that_belong_to_no_login<A: TestApp, K: SessionKind>() {
    type Spoil = fn(&str) -> String;
    let rows: [(&str, Spoil); 6] = [
        ("no state", |callback| replaced(callback, "state", None)),
        ("another state", |callback| replaced(callback, "state", Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))),
        ("two states", |callback| format!("{callback}&state=b")),
        ("two codes", |callback| format!("{callback}&code=b")),
        ("another issuer", |callback| replaced(callback, "iss", Some("https://evil.example"))),
        ("code and error", |callback| format!("{callback}&error=access_denied")),
    ];
    for (name, spoil) in rows {
        let fixture = WebFixture::<A, K>::new();
        let browser = Browser::default();
        let authorize_url = fixture.begin(&browser, "/auth/login").await;
        let callback = fixture.provider.sign_in(&authorize_url, "alice").await;
        fixture.visit(&browser, navigation(&spoil(&callback), CROSS_SITE)).await.assert_page(name, 400);
        assert_eq!(fixture.token_requests(), 0, "{name}");
        fixture.sessions.assert_rows(name, 0).await;
        assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "401 missing_credentials", "{name}");
    }
}

pub async fn atk_f02_a_state_is_good_once<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let browser = Browser::default();
    let authorize_url = fixture.begin(&browser, "/auth/login").await;
    let before = browser.cookie();
    let callback = fixture.provider.sign_in(&authorize_url, "alice").await;
    fixture.visit(&browser, navigation(&callback, CROSS_SITE)).await.assert_redirect("the callback", "/");
    let path = callback.strip_prefix(BASE_URL).expect("ours");
    for cookie in [before, browser.cookie()] {
        fixture.get(path, &cookie).await.assert_page("again", 400);
    }
    assert_eq!(fixture.token_requests(), 1, "the code is sent once");
    assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "200", "who is logged in stays so");
    fixture.sessions.assert_rows("again", 1).await;
}

/// R01: what leads elsewhere leads home, also when the framework has decoded the address once.
pub async fn atk_r01_return_to_stays_at_home<A: TestApp, K: SessionKind>() {
    let rows = [
        ("/castles%3Fa%3D1%26b%3D%2520x", "/castles?a=1&b=%20x"),
        ("//evil.example", "/"),
        ("%2F%2Fevil.example", "/"),
        ("/%5Cevil.example", "/"),
        ("%5C%5Cevil.example", "/"),
        ("https%3A%2F%2Fevil.example", "/"),
        ("/%09/evil.example", "/"),
        ("%0d%0aLocation:%20https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ];
    for (return_to, expected) in rows {
        let fixture = WebFixture::<A, K>::new();
        let login = format!("/auth/login?return_to={return_to}");
        fixture.log_in(&Browser::default(), &login, "alice").await.assert_redirect(return_to, expected);
    }
}

pub async fn a_logout_ends_the_session_here_and_there<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let browser = fixture.logged_in("alice").await;
    let cookie = browser.cookie();
    let answer = fixture.post(&browser, "/auth/logout").await;
    assert_eq!(answer.status, 303);
    answer.assert_ends_session("logout");
    fixture.sessions.assert_rows("logout", 0).await;
    for cookie in [cookie, browser.cookie()] {
        assert_eq!(fixture.get("/account", &cookie).await.outcome(), "401 missing_credentials");
    }
    let provider = answer.header("location").expect("the provider");
    assert!(provider.starts_with(&format!("{}/end_session?", fixture.provider.base_url())), "{provider}");
    let back = fixture.provider.browser().open(provider).await;
    let page = fixture.visit(&browser, navigation(&back, CROSS_SITE)).await;
    page.assert_page("logged out", 200);
    assert_eq!(fixture.post(&browser, "/auth/logout").await.status, 303, "once more: nothing to do");
}

/// S10, X01: neither a link, nor an image, nor another site's form.
pub async fn atk_s10_another_site_logs_nobody_out<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let browser = fixture.logged_in("alice").await;
    let cookie = browser.cookie();
    let rows = [
        ("GET", vec![("sec-fetch-site", SAME_ORIGIN)]),
        ("GET", vec![("sec-fetch-site", CROSS_SITE)]),
        ("HEAD", vec![]),
        ("POST", vec![("sec-fetch-site", CROSS_SITE)]),
        ("POST", vec![("sec-fetch-site", "same-site")]),
        ("POST", vec![("origin", "https://evil.example.com")]),
        ("POST", vec![("origin", "null")]),
    ];
    for (method, mut headers) in rows {
        headers.push(("cookie", &cookie));
        let answer = fixture.send(request(method, "/auth/logout", &headers)).await;
        assert!(matches!(answer.status.as_u16(), 403 | 405), "{method} {headers:?}: {answer:?}");
        assert!(answer.headers.get(SET_COOKIE).is_none(), "{method} {headers:?}");
        assert_eq!(fixture.get("/account", &cookie).await.outcome(), "200", "{method} {headers:?}");
    }
    assert_eq!(fixture.provider.requests(Endpoint::EndSession), 0);
}

pub async fn a_body_without_measure_is_refused<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::new();
    let browser = fixture.logged_in("alice").await;
    for path in ["/auth/callback", "/auth/logout"] {
        let headers = [("sec-fetch-site", SAME_ORIGIN), ("content-type", "application/x-www-form-urlencoded")];
        let mut much = request("POST", path, &headers);
        *much.body_mut() = vec![b'a'; 64 * 1024 + 1].into();
        assert_eq!(fixture.visit(&browser, much).await.status, 413, "{path}");
        assert_eq!(fixture.ask(&browser, "/account").await.outcome(), "200", "{path}");
    }
}

/// T09: of a login, a refresh and a logout that go well nothing secret is logged.
pub async fn atk_t09_nothing_is_seen_of_a_session_in_the_log<A: TestApp, K: SessionKind>() {
    let log = LogCapture::begin();
    let fixture = WebFixture::<A, K>::refreshing();
    let browser = Browser::default();
    let authorize_url = fixture.begin(&browser, "/auth/login?login_hint=alice-hint&return_to=/secret-page").await;
    let mut secrets: Vec<_> =
        ["state", "nonce"].iter().map(|name| parameter(&authorize_url, name).expect("a value")).collect();
    secrets.push(browser.cookie().split_once('=').expect("a cookie").1.to_owned());
    fixture.come_back(&browser, &authorize_url, "alice").await.assert_redirect("the callback", "/secret-page");
    secrets.push(browser.cookie().split_once('=').expect("a cookie").1.to_owned());
    secrets.push(fixture.ask(&browser, "/token").await.json()["secret"].as_str().expect("a token").to_owned());
    assert_eq!(fixture.post(&browser, "/refresh").await.outcome(), "200");
    secrets.push(fixture.ask(&browser, "/token").await.json()["secret"].as_str().expect("a token").to_owned());
    let forms = fixture.provider.received(Endpoint::Token);
    let fields = ["code", "code_verifier", "refresh_token"];
    let sent: Vec<_> = forms.iter().flat_map(|form| fields.iter().filter_map(|name| form.form(name))).collect();
    assert_eq!(sent.len(), 3, "one login and one refresh");
    secrets.extend(sent);
    fixture.open(&Browser::default(), &format!("/account?{}=1", secrets[0])).await;
    fixture
        .visit(&browser, navigation(&format!("/auth/callback?code={}&state={}", secrets[0], secrets[1]), TYPED))
        .await;
    assert_eq!(fixture.post(&browser, "/auth/logout").await.cookies(), K::DELETED);
    secrets.extend(
        ["eyJ", "alice@", "Liddell", "alice-hint", "secret-page", TestProvider::CLIENT_SECRET].map(str::to_owned),
    );
    assert!(log.contains("portcullis::"), "something is logged");
    let secrets: Vec<_> = secrets.iter().map(String::as_str).collect();
    log.assert_without("a session", &secrets);
    log.assert_printable("a session");
}

/// The provider's clock may be off by a minute, in either direction, and by no more.
pub async fn p13_clocks_differ_by_the_leeway<A: TestApp, K: SessionKind>() {
    let rows: [(&str, i64, &str); 6] = [
        ("exp", -59, "303"),
        ("exp", -61, "400"),
        ("exp", -360, "400"),
        ("iat", 60, "303"),
        ("iat", 61, "400"),
        ("nbf", 61, "400"),
    ];
    for (claim, offset, expected) in rows {
        let fixture = WebFixture::<A, K>::new();
        let instant = fixture.clock.unix().saturating_add_signed(offset);
        fixture.provider.id_token_fault(move |token| token.claim(claim, instant));
        let answer = fixture.log_in(&Browser::default(), "/auth/login", "alice").await;
        assert_eq!(answer.outcome(), expected, "{claim} {offset}");
    }
}
