//! The mirror of the conformance suite's logout modules. The page `docs/conformance.md` says what each does; a test
//! below keeps it complete.

use bytes::Bytes;
use http::Response;
use portcullis::WebRoute;
use portcullis_testkit::{Endpoint, TestProvider, TokenBuilder, TokenKind};
use serde_json::json;

use crate::app::{App, BASE, Visitor, form, is_done, is_refused, location, parameter, request, set_cookies};

/// Logs in, presses the button, and follows the provider back; returns where the provider sends the browser to.
async fn log_out(app: &App, alice: &Visitor) -> String {
    let url = location(&alice.leave(app).await);
    assert_eq!(alice.session(), None);
    let hint = parameter(&url, "id_token_hint").unwrap();
    assert_eq!(hint.split('.').count(), 3);
    assert_eq!(parameter(&url, "post_logout_redirect_uri").unwrap(), format!("{BASE}/auth/logged-out"));
    assert!(parameter(&url, "state").is_some());
    // The provider refuses a hint that is not exactly an ID token it has issued.
    alice.at_provider.open(&url).await
}

async fn ends_on_our_page(app: &App, alice: &Visitor, back: &str) {
    let page = alice.visit(app, WebRoute::LoggedOut, request("GET", back)).await;
    assert_eq!((page.status().as_u16(), set_cookies(&page).len()), (200, 0));
    assert_eq!(alice.user(app).await, None);
    assert_eq!(app.provider.requests(Endpoint::EndSession), 1);
}

#[tokio::test]
async fn conf_oidcc_client_test_rp_init_logout() {
    let app = App::new();
    let alice = app.logged_in("alice").await;
    let back = log_out(&app, &alice).await;
    ends_on_our_page(&app, &alice, &back).await;
    // The suite's message comes as well: there is nothing left to do.
    let [message] = &app.messages()[..] else { panic!("{:?}", app.messages()) };
    is_done(&app.post_back_channel(&message.form()).await, "after our own logout");
}

#[tokio::test]
async fn conf_oidcc_client_test_rp_init_logout_other_state() {
    let app = App::new();
    let alice = app.logged_in("alice").await;
    log_out(&app, &alice).await;
    ends_on_our_page(&app, &alice, "/auth/logged-out?state=1nKqhEwoJ2").await;
}

#[tokio::test]
async fn conf_oidcc_client_test_rp_init_logout_no_state() {
    let app = App::new();
    let alice = app.logged_in("alice").await;
    log_out(&app, &alice).await;
    ends_on_our_page(&app, &alice, "/auth/logged-out").await;
}

/// The session ends at the provider while we still have ours: what the message alone does.
async fn told(
    change: impl Fn(TokenBuilder) -> TokenBuilder + Send + Sync + 'static,
) -> (App, Visitor, Response<Bytes>) {
    let app = App::new();
    let alice = app.logged_in("alice").await;
    app.provider.token_fault(TokenKind::LogoutToken, change);
    app.provider.end_sessions("alice").await;
    let [message] = &app.messages()[..] else { panic!("{:?}", app.messages()) };
    let body = format!("{}&{}", message.form(), form(&[("unknown_field", "1")]));
    let response = app.post_back_channel(&body).await;
    (app, alice, response)
}

#[tokio::test]
async fn conf_oidcc_client_test_rp_backchannel_rpinitlogout() {
    let (app, alice, response) = told(|token| token.claim("unknown_claim", "1").without_header("typ")).await;
    is_done(&response, "the suite's message");
    assert_eq!(alice.user(&app).await, None);
}

async fn untouched(change: impl Fn(TokenBuilder) -> TokenBuilder + Send + Sync + 'static) {
    let (app, alice, response) = told(change).await;
    is_refused(&response, "faulty");
    assert_eq!(app.store.removals(), 0);
    assert_eq!(alice.user(&app).await.as_deref(), Some("alice"), "session untouched");
}

/// One test per module: what is wrong with the message.
macro_rules! refused {
    ($($module:ident: $wrong:expr;)+) => {
        $(#[tokio::test]
        async fn $module() {
            untouched($wrong).await;
        })+
    };
}

refused! {
    conf_oidcc_client_test_rp_backchannel_rpinitlogout_alg_none: |token| token.unsigned();
    conf_oidcc_client_test_rp_backchannel_rpinitlogout_wrong_alg: |token| token.hmac(TestProvider::CLIENT_SECRET);
    conf_oidcc_client_test_rp_backchannel_rpinitlogout_no_event: |token| token.without("events");
    conf_oidcc_client_test_rp_backchannel_rpinitlogout_wrong_event:
        |token| token.claim("events", json!({ "http://schemas.openid.net/event/backchannel-logout-wrong": {} }));
    conf_oidcc_client_test_rp_backchannel_rpinitlogout_with_nonce: |token| token.nonce("1nKqhEwoJ2");
    conf_oidcc_client_test_rp_backchannel_rpinitlogout_wrong_aud: |token| token.claim("aud", "app1");
    conf_oidcc_client_test_rp_backchannel_rpinitlogout_wrong_iss: |token| token.claim("iss", "https://provider.test1");
}

/// The front channel registered too: what the browser is shown between the two logouts.
async fn with_front_channel() -> (App, Visitor) {
    let app = App::new();
    let client = app.provider.client(TestProvider::CLIENT_ID);
    client.front_channel_logout_uri(format!("{BASE}/auth/frontchannel-logout")).register();
    let alice = app.logged_in("alice").await;
    (app, alice)
}

/// The address of the page's frame, as a browser reads it.
fn frame(page: &Response<Bytes>) -> String {
    let html = std::str::from_utf8(page.body()).unwrap();
    let (_, rest) = html.split_once("<iframe src=\"").unwrap();
    rest.split('"').next().unwrap().replace("&amp;", "&")
}

async fn load(app: &App, frame: &str) {
    // Without cookies: the frame is on another site, where SameSite=Lax cookies do not arrive.
    let page = app.serve(WebRoute::FrontChannelLogout, &request("GET", frame)).await;
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert!(!page.headers().contains_key("x-frame-options"));
    assert!(!page.headers()["content-security-policy"].to_str().unwrap().contains("frame-ancestors"));
}

#[tokio::test]
async fn conf_oidcc_client_test_rp_frontchannel_rpinitlogout() {
    let (app, alice) = with_front_channel().await;
    let url = location(&alice.leave(&app).await);
    let page = alice.at_provider.get(&url).await;
    let frame = frame(&page);
    load(&app, &frame).await;
    load(&app, &frame.replace("&sid", "&amp;sid")).await;
    assert_eq!(alice.user(&app).await, None);
    let html = std::str::from_utf8(page.body()).unwrap();
    assert!(html.contains(&format!("action=\"{BASE}/auth/logged-out\"")), "and on to our page: {html}");
}

#[tokio::test]
async fn conf_oidcc_client_test_rp_frontchannel_opinitlogout() {
    let (app, alice) = with_front_channel().await;
    let other = app.logged_in("alice").await;
    let confirm = alice.at_provider.get(&format!("{}/end_session", app.provider.base_url())).await;
    let page = alice.at_provider.submit(&confirm, &[("decision", "leave")]).await;
    assert_eq!(alice.user(&app).await.as_deref(), Some("alice"), "nobody has told us yet");
    app.provider.reset_counters();
    load(&app, &frame(&page)).await;
    assert_eq!((alice.user(&app).await, other.user(&app).await.as_deref()), (None, Some("alice")));
    assert_eq!(app.asked(), [], "no token is revoked for who is not authenticated");
}
