//! From our logout to the provider's, and back to our page.

use bytes::Bytes;
use http::Response;
use portcullis::{Profile, WebRoute};
use portcullis_testkit::{Endpoint, Fault, TestProvider};

use crate::app::{App, BASE, location, parameter, request, set_cookies};
use crate::log::Reasons;
use crate::store::Call;

async fn come_back(app: &App, url: &str) -> Response<Bytes> {
    app.serve(WebRoute::LoggedOut, &request("GET", url)).await
}

fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

#[tokio::test]
async fn the_state_is_new_each_time_and_says_nothing() {
    let app = App::new();
    let mut states = Vec::new();
    for _ in 0..2 {
        let alice = app.logged_in("alice").await;
        let url = location(&alice.leave(&app).await);
        let state = parameter(&url, "state").unwrap();
        assert!(state.len() < 80 && state.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        let back = alice.at_provider.open(&url).await;
        assert_eq!(back, format!("{BASE}/auth/logged-out?state={state}"));
        assert_eq!(come_back(&app, &back).await.status(), 200);
        states.push(state);
    }
    assert_ne!(states[0], states[1]);
}

/// R05: the page is the same whatever comes back, and shows nothing of it.
#[tokio::test]
async fn atk_r05_a_return_with_another_state_or_a_foreign_hint_is_the_same_page() {
    let app = App::new();
    let alice = app.logged_in("alice").await;
    let foreign = TestProvider::in_memory().token().id_token().mint();
    let plain = come_back(&app, "/auth/logged-out").await;
    app.provider.reset_counters();
    let rows = [
        "state=evil".to_owned(),
        "state=".to_owned(),
        "state=a&state=b".to_owned(),
        format!("id_token_hint={foreign}"),
        "post_logout_redirect_uri=https://evil.example&state=%3Cscript%3Eevil".to_owned(),
        "error=evil&error_description=evil&return_to=//evil.example".to_owned(),
        "x=y&".repeat(300),
    ];
    for query in rows {
        let back = format!("/auth/logged-out?{query}");
        let page = alice.visit(&app, WebRoute::LoggedOut, request("GET", &back)).await;
        assert_eq!((page.status(), text(&page)), (plain.status(), text(&plain)), "{query}");
        assert_eq!((page.headers(), set_cookies(&page).len()), (plain.headers(), 0), "{query}");
    }
    assert_eq!((app.asked(), app.store.removals()), (vec![], 0), "it ends nothing either");
    assert_eq!(alice.user(&app).await.as_deref(), Some("alice"));
}

/// T09: a logout handles every token there is; none of them, and nobody's name, is in the log.
#[tokio::test]
async fn atk_t09_nothing_of_a_logout_is_logged_but_reasons() {
    let app = App::new();
    let alice = app.logged_in("alice").await;
    let (sid, cookie) = (app.provider.sids("alice").remove(0), alice.session().unwrap());
    let said = Reasons::listen();
    app.provider.fault(Endpoint::Revocation, Fault::status(400));
    let url = location(&alice.leave(&app).await);
    let refresh_token = app.provider.received(Endpoint::Revocation)[0].form("token").unwrap();
    come_back(&app, "/auth/logged-out?state=a-strange-state").await;
    let good = app.provider.logout_token().sid(&sid).claim("jti", "a-known-jti").mint();
    let bad = app.provider.logout_token().sid(&sid).nonce("a-known-nonce").mint();
    for token in [&good, &good, &bad, &good.to_uppercase()] {
        app.tell(token).await;
    }
    app.store.break_down(&[Call::RemoveAll]);
    app.tell(&app.provider.logout_token().mint()).await;
    let lines = said.take_all();
    for reason in ["client_error_status", "other_state", "used_logout_token", "nonce", "session_store"] {
        assert!(lines.iter().any(|line| line == reason), "{reason} is not in {lines:?}");
    }
    let hint = parameter(&url, "id_token_hint").unwrap();
    let state = parameter(&url, "state").unwrap();
    let secrets = [&sid, &cookie, &refresh_token, &hint, &state, &good, &bad].map(String::as_str);
    for secret in secrets.into_iter().chain(["alice", "a-strange-state", "a-known-jti", "a-known-nonce"]) {
        assert!(lines.iter().all(|line| !line.contains(secret)), "{secret} in {lines:?}");
    }
}

#[tokio::test]
async fn by_post_the_hint_is_in_no_url() {
    let app = App::with(|builder| builder.end_session_by_post(true));
    let alice = app.logged_in("alice").await;
    let page = alice.leave(&app).await;
    assert_eq!(page.status(), 200);
    assert!(!page.headers().contains_key("location"));
    assert!(set_cookies(&page)[0].contains("; Max-Age=0"));
    assert_eq!((alice.session(), alice.user(&app).await), (None, None));
    let back = alice.at_provider.submit(&page, &[]).await;
    let state = parameter(&location(&back), "state").unwrap();
    assert_eq!(location(&back), format!("{BASE}/auth/logged-out?state={state}"));
    let received = app.provider.received(Endpoint::EndSession);
    assert_eq!((received.len(), received[0].method.as_str(), received[0].path.as_str()), (1, "POST", "/end_session"));
    let hint = received[0].form("id_token_hint").unwrap();
    assert_eq!((hint.split('.').count(), received[0].form("client_id").as_deref()), (3, Some("app")));
}

/// X05: the one page of ours with a script, which no other script can join.
#[tokio::test]
async fn the_page_that_posts_runs_its_own_script_and_no_other() {
    let app = App::with(|builder| builder.end_session_by_post(true));
    let endpoint = "https://provider.test/end_session?a=%22%3E%3Cscript%3E&b";
    app.provider.set_metadata(move |document| document["end_session_endpoint"] = endpoint.into());
    let (one, two) = (app.logged_in("alice").await.leave(&app).await, app.logged_in("alice").await.leave(&app).await);
    let nonce = |page: &Response<Bytes>| {
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        let (before, rest) = policy.split_once("'nonce-").unwrap();
        let (nonce, after) = rest.split_once('\'').unwrap();
        let others = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
        assert_eq!((before, after), (&*format!("{others}; script-src "), ""));
        nonce.to_owned()
    };
    assert_ne!(nonce(&one), nonce(&two));
    let html = text(&one);
    assert_eq!(html.matches("<script").count(), 1, "{html}");
    assert!(html.contains(&format!(
        "<script nonce=\"{}\">HTMLFormElement.prototype.submit.call(document.forms[0])</script>",
        nonce(&one)
    )));
    assert!(html.contains("action=\"https://provider.test/end_session?a=%22%3E%3Cscript%3E&amp;b\""), "{html}");
    assert!(html.contains("<button>"), "for browsers without scripts");
    let headers = one.headers();
    assert_eq!(
        (&headers["x-frame-options"], &headers["referrer-policy"]),
        (&"DENY".parse().unwrap(), &"no-referrer".parse().unwrap())
    );
}

#[tokio::test]
async fn a_provider_that_knows_no_forms_gets_a_redirect() {
    let app = App::with(|builder| builder.end_session_by_post(true).profile(Profile::FIEF));
    app.provider.client(TestProvider::CLIENT_ID).fief().register();
    let alice = app.logged_in("alice").await;
    let expected = "https://provider.test/logout?redirect_uri=https%3A%2F%2Fapp.example.com%2Fauth%2Flogged-out";
    assert_eq!(location(&alice.leave(&app).await), expected);
}

#[tokio::test]
async fn a_provider_without_an_end_of_sessions_has_no_form_either() {
    let app = App::with(|builder| builder.end_session_by_post(true));
    app.provider.set_metadata(|document| document["end_session_endpoint"] = serde_json::Value::Null);
    let alice = app.logged_in("alice").await;
    assert_eq!(location(&alice.leave(&app).await), "/auth/logged-out");
}
