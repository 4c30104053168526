//! What applications are told when a session ends at the provider.

use std::net::Ipv4Addr;

use bytes::Bytes;
use http::Request;
use portcullis::transport::HttpClient;
use portcullis_testkit::{Browser, Endpoint, TestProvider, TokenKind};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;
use url::form_urlencoded;

use crate::app::{App, LOGGED_OUT, parameter, text};
use crate::support::jws::parse;
use crate::support::{LIMITS, fetch, json as body};

const TELL_ME: &str = "https://app.example.com/auth/backchannel-logout";
const FRAME: &str = "https://app.example.com/auth/frontchannel-logout";

fn told_at(provider: &TestProvider, uri: &str) {
    provider.client(TestProvider::CLIENT_ID).back_channel_logout_uri(uri).register();
}

/// Signs alice in and returns her ID token.
async fn signed_in(app: &App<'_>, browser: &Browser) -> String {
    let callback = browser.sign_in(&app.authorize_url(&[]), "alice").await;
    text(&body(&app.exchange(&parameter(&callback, "code").unwrap()).await)["id_token"]).to_owned()
}

fn end_session_url(provider: &TestProvider, hint: &str) -> String {
    let parameters = [("id_token_hint", hint), ("post_logout_redirect_uri", LOGGED_OUT), ("state", "s&1")];
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("{}/end_session?{query}", provider.base_url())
}

#[tokio::test]
async fn a_client_of_the_session_gets_a_correct_logout_token() {
    let provider = TestProvider::in_memory();
    told_at(&provider, TELL_ME);
    provider
        .client("stranger")
        .redirect_uri("https://b.example/")
        .back_channel_logout_uri("https://b.example")
        .register();
    let (app, browser) = (App::new(&provider), provider.browser());
    let id_token = parse(&signed_in(&app, &browser).await);
    let hint = signed_in(&app, &browser).await;
    assert_eq!(provider.sids("alice"), [text(&id_token.claims["sid"])]);
    browser.open(&end_session_url(&provider, &hint)).await;
    let [message] = &provider.logout_messages()[..] else { panic!("{:?}", provider.logout_messages()) };
    assert_eq!((message.client_id.as_str(), message.uri.as_str(), message.status), ("app", TELL_ME, None));
    let token = parse(&message.logout_token);
    assert!(token.verifies_with(&provider.signing_key().public_jwk()));
    assert_eq!(token.header["typ"], "logout+jwt");
    let now = provider.clock().unix();
    let events = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    let mut claims = token.claims.clone();
    assert!(!claims.as_object_mut().unwrap().remove("jti").unwrap().as_str().unwrap().is_empty());
    let expected = json!({ "iss": provider.issuer(), "sub": "alice", "aud": "app", "iat": now, "exp": now + 120,
        "events": events, "sid": id_token.claims["sid"] });
    assert_eq!(claims, expected);
    assert!(!format!("{message:?}").contains(&message.logout_token), "a failing test does not show it");
    assert_eq!(provider.sids("alice"), [""; 0]);
    browser.open(&end_session_url(&provider, &hint)).await;
    assert_eq!(provider.logout_messages().len(), 1, "there was no session any more");
}

#[tokio::test]
async fn an_end_by_the_provider_tells_of_each_session() {
    let provider = TestProvider::in_memory();
    told_at(&provider, TELL_ME);
    let (app, browsers) = (App::new(&provider), [provider.browser(), provider.browser()]);
    for browser in &browsers {
        signed_in(&app, browser).await;
    }
    let mut sids = provider.sids("alice");
    provider.token_fault_times(TokenKind::LogoutToken, 1, |token| token.without("events"));
    provider.end_sessions("bob").await;
    provider.end_sessions("alice").await;
    let tokens: Vec<_> = provider.logout_messages().iter().map(|message| parse(&message.logout_token).claims).collect();
    let mut told: Vec<_> = tokens.iter().map(|claims| text(&claims["sid"]).to_owned()).collect();
    sids.sort();
    told.sort();
    assert_eq!((told.len(), told), (2, sids));
    assert_ne!(tokens[0]["jti"], tokens[1]["jti"]);
    assert!(tokens[0]["events"].is_null() && tokens[1]["events"].is_object(), "the fault was for one");
    for browser in &browsers {
        let silent = browser.open(&app.authorize_url(&[("prompt", "none")])).await;
        assert_eq!(parameter(&silent, "error").as_deref(), Some("login_required"));
    }
}

#[tokio::test]
async fn a_logout_token_is_no_access_token_and_no_hint() {
    let provider = TestProvider::in_memory();
    let token = provider.logout_token().mint();
    let request = Request::get(format!("{}/userinfo", provider.base_url()));
    let request = request.header("authorization", format!("Bearer {token}")).body(Bytes::new()).unwrap();
    assert_eq!(provider.http_client().send(request, LIMITS).await.unwrap().status(), 401);
    let refused = provider.browser().get(&end_session_url(&provider, &token)).await;
    assert_eq!(refused.status(), 400);
}

/// An application that takes one request and answers 200; returns it.
async fn one_request(listener: TcpListener) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    let mut part = [0; 4096];
    loop {
        let read = stream.read(&mut part).await.unwrap();
        request.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&request);
        let length = text.split("Content-Length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
        let body = text.split_once("\r\n\r\n").map(|(_, body)| body.len());
        if read == 0 || (length.is_some() && body == length) {
            break;
        }
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await.unwrap();
    String::from_utf8(request).unwrap()
}

#[tokio::test]
async fn on_loopback_the_token_is_posted_once_before_the_browser_goes_on() {
    let provider = TestProvider::start().await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let uri = format!("http://{}/tell/me?a=b", listener.local_addr().unwrap());
    told_at(&provider, &uri);
    let application = tokio::spawn(one_request(listener));
    let (app, browser) = (App::new(&provider), provider.browser());
    let hint = signed_in(&app, &browser).await;
    assert_eq!(browser.open(&end_session_url(&provider, &hint)).await, format!("{LOGGED_OUT}?state=s%261"));
    let [message] = &provider.logout_messages()[..] else { panic!("{:?}", provider.logout_messages()) };
    assert_eq!(message.status, Some(200), "it was there already");
    let request = application.await.unwrap();
    assert!(request.starts_with("POST /tell/me?a=b HTTP/1.1\r\nHost: 127.0.0.1:"), "{request}");
    assert!(request.contains("\r\nContent-Type: application/x-www-form-urlencoded\r\n"), "{request}");
    assert!(request.ends_with(&format!("\r\n\r\n{}", message.form())), "{request}");
}

#[tokio::test]
async fn an_application_that_cannot_be_told_keeps_nobody_at_the_provider() {
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap();
    for uri in [format!("http://{closed}/"), TELL_ME.to_owned(), "http://192.0.2.1/".to_owned(), "no url".to_owned()] {
        let provider = TestProvider::start().await;
        told_at(&provider, &uri);
        let (app, browser) = (App::new(&provider), provider.browser());
        let hint = signed_in(&app, &browser).await;
        assert_eq!(
            browser.open(&end_session_url(&provider, &hint)).await,
            format!("{LOGGED_OUT}?state=s%261"),
            "{uri}"
        );
        assert_eq!(provider.logout_messages()[0].status, None, "{uri}");
    }
}

#[tokio::test]
async fn the_front_channel_is_a_page_with_a_frame_that_leads_on() {
    let provider = TestProvider::in_memory();
    provider.client(TestProvider::CLIENT_ID).front_channel_logout_uri(format!("{FRAME}?a=b")).register();
    let (app, browser) = (App::new(&provider), provider.browser());
    let hint = signed_in(&app, &browser).await;
    let (issuer, sid) = (provider.issuer(), provider.sids("alice").remove(0));
    let url = end_session_url(&provider, &hint);
    let page = browser.get(&url).await;
    assert_eq!((page.status().as_u16(), &page.headers()["cache-control"]), (200, &"no-store".parse().unwrap()));
    let html = std::str::from_utf8(page.body()).unwrap();
    let (_, frame) = html.split_once("<iframe src=\"").unwrap();
    let frame = Url::parse(&frame.split('"').next().unwrap().replace("&amp;", "&")).unwrap();
    let expected = [("a", "b"), ("iss", &issuer), ("sid", &sid)].map(|(a, b)| (a.into(), b.into()));
    assert_eq!(frame.query_pairs().collect::<Vec<_>>(), expected);
    assert!(frame.as_str().starts_with(FRAME));
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("; frame-src https://app.example.com; form-action 'self' https://app.example.com;"),
        "{policy}"
    );
    assert!(html.contains("<button"), "for browsers without scripts");
    assert!(provider.logout_messages().is_empty(), "no back channel is registered");
    let hint = signed_in(&app, &browser).await;
    assert_eq!(browser.open(&end_session_url(&provider, &hint)).await, format!("{LOGGED_OUT}?state=s%261"));
    assert_eq!(provider.requests(Endpoint::EndSession), 2);
}

#[tokio::test]
async fn both_channels_are_announced() {
    let document = body(&fetch(&TestProvider::in_memory(), "/.well-known/openid-configuration").await);
    for channel in ["backchannel", "frontchannel"] {
        assert_eq!(document[format!("{channel}_logout_supported")], json!(true));
        assert_eq!(document[format!("{channel}_logout_session_supported")], json!(true));
    }
}
