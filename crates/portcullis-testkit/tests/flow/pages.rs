//! What users see.

use bytes::Bytes;
use http::Response;
use portcullis_testkit::TestProvider;
use serde_json::json;

use crate::app::{App, CALLBACK};

const EVIL: &str = "\"><script>alert('1')</script><b a='&amp;";

fn html(page: &Response<Bytes>) -> String {
    String::from_utf8(page.body().to_vec()).unwrap()
}

fn assert_page(page: &Response<Bytes>, status: u16) {
    assert_eq!(page.status(), status, "{}", html(page));
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(page.headers()["cache-control"], "no-store");
    assert_eq!(page.headers()["referrer-policy"], "no-referrer");
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    for directive in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
        assert!(policy.contains(directive), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    let html = html(page);
    assert!(!html.contains("<script>alert") && !html.contains("<b a"), "{html}");
    assert!(!html.contains("src=") && !html.contains("@import"), "no resources: {html}");
}

#[tokio::test]
async fn the_login_page_shows_who_can_sign_in() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let page = provider.browser().get(&app.authorize_url(&[("login_hint", "bob@example.com")])).await;
    assert_page(&page, 200);
    let html = html(&page);
    for text in [
        "Alice Liddell",
        "every permission",
        "Bob Builder",
        "no permission",
        "Example application",
        "<label for=\"username\">",
        "value=\"bob@example.com\"",
        "lang=\"en\"",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
    assert!(!html.contains("<script"));
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action 'self' https://app.example.com;"), "{policy}");
}

#[tokio::test]
async fn users_may_type_their_name_or_address() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    for (typed, status) in [("alice", 303), (" Alice@Example.com ", 303), ("mallory", 400), ("", 400)] {
        let browser = provider.browser();
        let page = browser.get(&app.authorize_url(&[])).await;
        let answer = browser.submit(&page, &[("username", typed)]).await;
        assert_eq!(answer.status(), status, "{typed:?}");
        if status == 400 {
            assert_page(&answer, 400);
            // The page that says so is good for another try.
            assert_eq!(browser.submit(&answer, &[("username", "alice")]).await.status(), 303);
        }
    }
}

#[tokio::test]
async fn the_consent_page_says_what_is_asked_in_words() {
    let provider = TestProvider::in_memory();
    provider.client("app").consent(true).name("Castle shop").register();
    let browser = provider.browser();
    let url = App::new(&provider).authorize_url(&[("scope", "openid profile email offline_access odd<scope>")]);
    let page = browser.submit(&browser.get(&url).await, &[("username", "alice")]).await;
    assert_page(&page, 200);
    let html = html(&page);
    for text in ["Castle shop", "Your e-mail address", "while you are away", "odd&lt;scope&gt;", "alice"] {
        assert!(html.contains(text), "{text}: {html}");
    }
}

#[tokio::test]
async fn nothing_that_comes_in_goes_out_unescaped() {
    let provider = TestProvider::in_memory();
    provider.client("app").name(EVIL).consent(true).register();
    provider.user(EVIL, json!({"name": EVIL, "email": EVIL}));
    provider.grant(EVIL, [EVIL]);
    let app = App::new(&provider);
    let browser = provider.browser();
    for name in ["client_id", "redirect_uri"] {
        assert_page(&browser.get(&app.authorize_url(&[(name, EVIL)])).await, 400);
    }
    let odd = [("login_hint", EVIL), ("state", EVIL), ("nonce", EVIL), ("ui_locales", EVIL), (EVIL, EVIL)];
    let login = browser.get(&app.authorize_url(&odd)).await;
    assert_page(&login, 200);
    assert_page(&browser.submit(&login, &[("username", "<script>alert(2)</script>")]).await, 400);
    let scope = format!("openid {}", EVIL.replace(' ', "\u{a0}"));
    let form_post = [("response_mode", "form_post"), ("state", EVIL), ("scope", &scope)];
    let login = browser.get(&app.authorize_url(&form_post)).await;
    let consent = browser.submit(&login, &[("username", EVIL)]).await;
    assert_page(&consent, 200);
    let posting = browser.submit(&consent, &[("decision", "allow")]).await;
    assert_page(&posting, 200);
    let url = |query: &str| format!("{}/end_session?{query}", provider.base_url());
    assert_page(&browser.get(&url("")).await, 200);
    let evil: String = url::form_urlencoded::byte_serialize(EVIL.as_bytes()).collect();
    for query in ["id_token_hint={}", "client_id={}", "client_id=app&post_logout_redirect_uri={}", "{}=1&{}=2"] {
        let page = browser.get(&url(&query.replace("{}", &evil))).await;
        assert_page(&page, if query.starts_with("client_id={") { 200 } else { 400 });
    }
}

#[tokio::test]
async fn the_page_of_form_post_has_the_one_script() {
    let provider = TestProvider::in_memory();
    let browser = provider.browser();
    let url = App::new(&provider).authorize_url(&[("response_mode", "form_post")]);
    let page = browser.submit(&browser.get(&url).await, &[("username", "alice")]).await;
    assert_page(&page, 200);
    let html = html(&page);
    assert!(html.contains(&format!("<form method=\"post\" action=\"{CALLBACK}\">")), "{html}");
    assert_eq!(html.matches("<script>").count(), 1);
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'sha256-"), "{policy}");
}
