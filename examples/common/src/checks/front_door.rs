//! The example as it stands: what it prints is true, and its pages are wired as they should be. What a login looks like
//! is for `tests/browser` to see.

use bytes::Bytes;
use http::{Request, Response};
use portcullis::transport::{HttpClient, HttpLimits, ReqwestClient};

use crate::Example;

/// Asks as a browser does whose user has followed a link.
async fn navigate(url: &str) -> Response<Bytes> {
    let client = ReqwestClient::builder().without_system_roots().build().unwrap();
    let request = Request::get(url).header("sec-fetch-mode", "navigate").header("sec-fetch-dest", "document");
    client.send(request.body(Bytes::new()).unwrap(), HttpLimits::DOCUMENT).await.unwrap()
}

fn header<'r>(response: &'r Response<Bytes>, name: &str) -> &'r str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

pub async fn a_stranger_sees_the_home_page_and_is_sent_to_the_login_from_the_others(binary: &str) {
    let example = Example::start(binary).unwrap();
    let url = example.url().unwrap();

    let home = navigate(&format!("{url}/")).await;
    assert_eq!(home.status(), 200);
    assert_eq!(header(&home, "content-type"), "text/html; charset=utf-8");
    assert!(header(&home, "content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(header(&home, "set-cookie"), "");
    assert!(!home.body().windows(8).any(|part| part == b"id=\"sub\""));

    for (path, return_to) in
        [("/castles?x=1", "%2Fcastles%3Fx%3D1"), ("/account", "%2Faccount"), ("/settings", "%2Fsettings")]
    {
        let refused = navigate(&format!("{url}{path}")).await;
        assert_eq!(refused.status(), 303, "{path}");
        assert_eq!(header(&refused, "location"), format!("/auth/login?return_to={return_to}"));
    }

    let status = navigate(&format!("{url}/status")).await;
    assert_eq!((status.status().as_u16(), header(&status, "content-type")), (200, "application/json"));
}

pub async fn the_printed_addresses_are_there_and_the_login_leads_to_the_printed_provider(binary: &str) {
    let example = Example::start(binary).unwrap();
    let url = example.url().unwrap();
    let clicks = example.printed().iter().filter_map(|line| line.trim_start().split(' ').next());
    for address in clicks.filter(|word| word.starts_with(url)) {
        assert!(navigate(address).await.status().as_u16() < 400, "{address}");
    }

    let issuer = example.printed().iter().find_map(|line| line.trim_start().strip_prefix("issuer")).unwrap().trim();
    let login = navigate(&format!("{url}/auth/login?return_to=/account")).await;
    assert!(header(&login, "location").starts_with(&format!("{issuer}/authorize?")), "{}", header(&login, "location"));
}
