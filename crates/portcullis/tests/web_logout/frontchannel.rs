//! `GET /auth/frontchannel-logout`: only exactly this session, and the same answer whatever comes.

use bytes::Bytes;
use http::Response;
use portcullis::WebRoute;
use portcullis_testkit::Endpoint;

use crate::app::{App, Visitor, form, request, set_cookies};
use crate::store::Call;

async fn load(app: &App, query: &str) -> Response<Bytes> {
    app.serve(WebRoute::FrontChannelLogout, &request("GET", &format!("/auth/frontchannel-logout?{query}"))).await
}

/// A page that the provider may show in its frame.
fn is_framed(response: &Response<Bytes>, status: u16, about: &str) {
    assert_eq!(response.status(), status, "{about}");
    let headers = response.headers();
    assert_eq!(headers["content-type"], "text/html; charset=utf-8", "{about}");
    assert!(!headers.contains_key("x-frame-options"), "{about}");
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert_eq!(policy, "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'", "{about}");
    assert_eq!(set_cookies(response), [""; 0], "{about}");
}

async fn session(app: &App) -> (Visitor, String) {
    (app.logged_in("alice").await, app.provider.sids("alice").remove(0))
}

#[tokio::test]
async fn exactly_this_session_ends_without_a_cookie() {
    for (issuer, sid) in [("iss", "sid"), ("iss", "amp;sid"), ("amp;iss", "sid"), ("amp;iss", "amp;sid")] {
        let app = App::new();
        let (alice, value) = session(&app).await;
        let (other, bob) = (app.logged_in("alice").await, app.logged_in("bob").await);
        app.provider.reset_counters();
        let query = form(&[("x", "y"), (issuer, &app.provider.issuer()), (sid, &value)]);
        is_framed(&load(&app, &query).await, 200, &query);
        assert_eq!(alice.user(&app).await, None, "{query}");
        assert_eq!((other.user(&app).await.as_deref(), bob.user(&app).await.as_deref()), (Some("alice"), Some("bob")));
        assert_eq!(app.asked(), [], "nothing is revoked for a stranger");
        is_framed(&load(&app, &query).await, 200, "again");
    }
}

#[tokio::test]
async fn atk_l04_what_does_not_match_exactly_ends_nothing() {
    let app = App::new();
    let (alice, sid) = session(&app).await;
    let (issuer, longer, shorter) = (app.provider.issuer(), format!("{sid}x"), &sid[1..]);
    let rows: [&[(&str, &str)]; 14] = [
        &[],
        &[("iss", &issuer)],
        &[("sid", &sid)],
        &[("iss", ""), ("sid", &sid)],
        &[("iss", &issuer), ("sid", "")],
        &[("iss", "https://evil.example"), ("sid", &sid)],
        &[("iss", "https://provider.test/"), ("sid", &sid)],
        &[("iss", "HTTPS://provider.test"), ("sid", &sid)],
        &[("iss", &issuer), ("sid", &longer)],
        &[("iss", &issuer), ("sid", shorter)],
        &[("iss", &issuer), ("sid", "alice")],
        &[("iss", &issuer), ("sid", &sid), ("sid", "x")],
        &[("iss", &issuer), ("sid", &sid), ("amp;sid", &sid)],
        &[("iss", &issuer), ("iss", &issuer), ("sid", &sid)],
    ];
    app.provider.reset_counters();
    for row in rows {
        let mut request = request("GET", &format!("/auth/frontchannel-logout?{}", form(row)));
        request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
        is_framed(&alice.visit(&app, WebRoute::FrontChannelLogout, request).await, 200, &format!("{row:?}"));
    }
    assert_eq!((app.asked(), alice.user(&app).await.as_deref()), (vec![], Some("alice")));
    let tokens = app.provider.requests(Endpoint::Revocation);
    assert_eq!(tokens, 0);
}

/// The conformance suite writes a `sid` into the URL as it is, whatever is in it.
#[tokio::test]
async fn garbage_is_survived() {
    let app = App::new();
    let (alice, _) = session(&app).await;
    let issuer = app.provider.issuer();
    for sid in
        ["%", "%zz", "%ff%fe", "+", "&", "a&b=c", "a%00b", "';!*()[]~", "%26amp;", "amp;sid", "&amp;sid=&amp;sid="]
    {
        is_framed(&load(&app, &format!("iss={issuer}&amp;sid={sid}")).await, 200, sid);
    }
    let many: String = (0..200).map(|number| format!("a{number}=b&")).collect();
    is_framed(&load(&app, &format!("{many}iss={issuer}&sid=x")).await, 200, "too many");
    assert_eq!(alice.user(&app).await.as_deref(), Some("alice"));
}

/// What can stand in a URL only escaped is found, once it is escaped.
#[tokio::test]
async fn a_sid_of_punctuation_is_found() {
    let app = App::new();
    let sid = "+&#%;=?/é \"'";
    app.provider.id_token_fault(move |token| token.sid(sid));
    let alice = app.logged_in("alice").await;
    is_framed(&load(&app, &form(&[("iss", &app.provider.issuer()), ("sid", sid)])).await, 200, sid);
    assert_eq!(alice.user(&app).await, None);
}

#[tokio::test]
async fn atk_l06_a_store_that_is_down_is_said() {
    let app = App::new();
    let (alice, sid) = session(&app).await;
    app.store.break_down(&[Call::RemoveAll]);
    let query = form(&[("iss", &app.provider.issuer()), ("sid", &sid)]);
    let response = load(&app, &query).await;
    is_framed(&response, 503, "store down");
    assert!(response.headers().contains_key("retry-after"));
    assert_eq!(alice.user(&app).await.as_deref(), Some("alice"));
}

#[tokio::test]
async fn only_get_is_answered() {
    let app = App::new();
    let refused = app.serve(WebRoute::FrontChannelLogout, &request("POST", "/auth/frontchannel-logout")).await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["allow"]), (405, &"GET".parse().unwrap()));
}
