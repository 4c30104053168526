//! The library's own routes, wherever the application puts them.

use http::Request;
use portcullis_testkit::TestProvider;

use crate::web::{BASE_URL, CROSS_SITE, SAME_ORIGIN, form, navigation, request};
use crate::{Answer, Browser, SessionKind, TestApp, WebFixture};

/// The application at this base URL, its library's routes below this path, as the provider knows it.
fn fixture<A: TestApp, K: SessionKind>(base_url: &str, auth_path: &str) -> WebFixture<A, K> {
    let provider = TestProvider::in_memory();
    let client = provider.client(TestProvider::CLIENT_ID);
    client.redirect_uri(format!("{base_url}{auth_path}/callback")).register();
    WebFixture::of(provider, |guard| guard.base_url(base_url).auth_path(auth_path))
}

#[track_caller]
fn assert_private_page(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status.as_u16(), status, "{what}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{what}");
}

pub async fn what_does_not_exist_below_the_path_is_kept_by_no_cache_either<A: TestApp, K: SessionKind>() {
    let missing =
        ["/", "/a", "/a/b/c", "/login/", "/callback/a", "/Login", "/%6cogin%2f", "//login", "/a%0ab", "/log", "/l"];
    for auth_path in ["/auth", "/sign/in"] {
        let fixture = fixture::<A, K>(BASE_URL, auth_path);
        for path in missing.map(|path| format!("{auth_path}{path}")) {
            for method in ["GET", "POST", "DELETE"] {
                let answer = fixture.send(request(method, &path, &[])).await;
                assert_private_page(&answer, 404, &format!("{method} {path}"));
            }
        }
        for (path, status) in [("logged-out", 200), ("logout", 405)] {
            let answer = fixture.send(request("GET", &format!("{auth_path}/{path}"), &[])).await;
            assert_private_page(&answer, status, path);
        }
        assert_eq!(fixture.asked(), 0);
    }
}

pub async fn a_login_below_another_path<A: TestApp, K: SessionKind>() {
    let fixture = fixture::<A, K>(BASE_URL, "/sign/in");
    whole_login(&fixture, "", "/sign/in/login").await;
    // An address like any other that the application does not know: its fallback wants a user.
    let elsewhere = fixture.open(&Browser::default(), "/auth/login").await;
    assert_eq!(elsewhere.header("location"), Some("/sign/in/login?return_to=%2Fauth%2Flogin"), "no login begins there");
}

/// A proxy takes the path off: the application never sees it, and browsers see nothing else.
pub async fn an_application_below_a_path<A: TestApp, K: SessionKind>() {
    let fixture = fixture::<A, K>(&format!("{BASE_URL}/shop"), "/auth");
    whole_login(&fixture, "/shop", "/shop/auth/login").await;
}

async fn whole_login<A: TestApp, K: SessionKind>(fixture: &WebFixture<A, K>, prefix: &str, login: &str) {
    let (browser, page) = (Browser::default(), format!("{prefix}/account"));
    let seen_by_the_application = |public: &str| public.strip_prefix(prefix).expect("below the base path").to_owned();
    let refused = fixture.open(&browser, &seen_by_the_application(&page)).await;
    let expected = format!("{login}?return_to={}", page.replace('/', "%2F"));
    assert_eq!((refused.outcome().as_str(), refused.header("location")), ("303", Some(&*expected)));
    let begun = refused.header("location").map(seen_by_the_application).expect("the login");
    let authorize_url = fixture.begin(&browser, &begun).await;
    let callback = fixture.provider.sign_in(&authorize_url, "alice").await;
    let callback = seen_by_the_application(callback.strip_prefix(BASE_URL).expect("our own address"));
    fixture.visit(&browser, navigation(&callback, CROSS_SITE)).await.assert_redirect("and back", &page);
    let answer = fixture.open(&browser, &seen_by_the_application(&page)).await;
    assert_eq!(answer.json()["sub"], "alice");
}

pub async fn atk_x02_a_body_that_is_too_large_is_not_read_to_its_end<A: TestApp, K: SessionKind>() {
    for mode in [portcullis::ResponseMode::Query, portcullis::ResponseMode::FormPost] {
        let fixture = WebFixture::<A, K>::with(|guard| guard.response_mode(mode));
        for path in ["/auth/callback", "/auth/logout", "/auth/a"] {
            let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
            let request = request.body("a".repeat(1024 * 1024).into()).expect("a request");
            assert_private_page(&fixture.send(request).await, 413, path);
        }
    }
}

/// What another site posts has no cookies of ours; the page that posts it again may say where it comes from.
pub async fn an_answer_by_form_comes_round_once_more<A: TestApp, K: SessionKind>() {
    let fixture = WebFixture::<A, K>::with(|guard| guard.response_mode(portcullis::ResponseMode::FormPost));
    let browser = Browser::default();
    let authorize_url = fixture.begin(&browser, "/auth/login?return_to=/account").await;
    let (address, body) = fixture.provider.browser().sign_in_form_post(&authorize_url, "alice").await;
    let again = fixture.visit(&browser, form(&address, CROSS_SITE, &body)).await;
    assert_private_page(&again, 200, "from another site");
    assert_eq!(again.header("referrer-policy"), Some("same-origin"));
    let body = body + "&portcullis_repost=1";
    fixture.visit(&browser, form(&address, SAME_ORIGIN, &body)).await.assert_redirect("once more", "/account");
}
