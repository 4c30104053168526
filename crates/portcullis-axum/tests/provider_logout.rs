//! A provider that ends a session tells the application over HTTP, and the application believes it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail by panicking")]

use std::net::Ipv4Addr;

use axum::Router;
use axum::routing::get;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request, Response};
use portcullis_axum::portcullis::transport::{HttpClient, HttpLimits, ReqwestClient};
use portcullis_axum::prelude::*;
use portcullis_axum::{attach, routes};
use portcullis_testkit::{Endpoint, TestProvider};
use tokio::net::TcpListener;

async fn account(user: CurrentUser) -> String {
    user.subject().to_owned()
}

/// Starts an application of the provider's; returns its address.
async fn application(provider: &TestProvider) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let client = provider.client(TestProvider::CLIENT_ID).redirect_uri(format!("{url}/auth/callback"));
    client.back_channel_logout_uri(format!("{url}/auth/backchannel-logout")).register();
    let guard = Guard::web(provider.issuer(), TestProvider::CLIENT_ID, &url);
    let guard = guard.client_secret(TestProvider::CLIENT_SECRET).build().unwrap();
    let app = Router::new().route("/account", get(account)).merge(routes(&guard)).layer(attach(&guard));
    let app = app.with_state(guard);
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

async fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Response<bytes::Bytes> {
    let client = ReqwestClient::builder().without_system_roots().build().unwrap();
    let mut request = Request::builder().method(method).uri(url).body(body.to_owned().into()).unwrap();
    for (name, value) in headers {
        let name: http::HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    client.send(request, HttpLimits::DOCUMENT).await.unwrap()
}

fn cookies(headers: &HeaderMap) -> String {
    let cookies = headers.get_all(SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
    let kept = cookies.filter(|cookie| !cookie.contains("Max-Age=0")).map(|cookie| cookie.split(';').next().unwrap());
    kept.collect::<Vec<_>>().join("; ")
}

/// Logs alice in and returns her session cookie.
async fn logged_in(provider: &TestProvider, url: &str) -> String {
    let start = send("GET", &format!("{url}/auth/login"), &[], "").await;
    let callback = provider.sign_in(start.headers()[LOCATION].to_str().unwrap(), "alice").await;
    let end = send("GET", &callback, &[(COOKIE.as_str(), &cookies(start.headers()))], "").await;
    cookies(end.headers())
}

#[tokio::test]
async fn a_session_that_the_provider_ends_has_ended() {
    let provider = TestProvider::start().await;
    let url = application(&provider).await;
    let cookie = logged_in(&provider, &url).await;
    let account = async || send("GET", &format!("{url}/account"), &[(COOKIE.as_str(), &cookie)], "").await;
    assert_eq!(account().await.body(), "alice");
    provider.end_sessions("alice").await;
    let [message] = &provider.logout_messages()[..] else { panic!("{:?}", provider.logout_messages()) };
    assert_eq!(message.status, Some(200));
    assert_eq!(account().await.status(), 401);
    assert_eq!(provider.requests(Endpoint::Revocation), 0);

    let again = logged_in(&provider, &url).await;
    let form = [(CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded")];
    let replayed = send("POST", &format!("{url}/auth/backchannel-logout"), &form, &message.form()).await;
    assert_eq!((replayed.status().as_u16(), &replayed.body()[..]), (400, &br#"{"error":"invalid_request"}"#[..]));
    assert_eq!(replayed.headers()["cache-control"], "no-store");
    let still = send("GET", &format!("{url}/account"), &[(COOKIE.as_str(), &again)], "").await;
    assert_eq!(still.body(), "alice");
}

#[tokio::test]
async fn the_front_channel_ends_it_without_a_cookie() {
    let provider = TestProvider::start().await;
    let url = application(&provider).await;
    let cookie = logged_in(&provider, &url).await;
    let sid = provider.sids("alice").remove(0);
    let issuer = provider.issuer();
    let page = send("GET", &format!("{url}/auth/frontchannel-logout?iss={issuer}&amp;sid={sid}"), &[], "").await;
    assert_eq!((page.status().as_u16(), page.headers().get("x-frame-options")), (200, None));
    assert!(!page.headers()["content-security-policy"].to_str().unwrap().contains("frame-ancestors"));
    assert_eq!(send("GET", &format!("{url}/account"), &[(COOKIE.as_str(), &cookie)], "").await.status(), 401);
}
