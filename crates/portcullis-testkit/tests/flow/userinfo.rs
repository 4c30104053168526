//! What userinfo tells, to whom and how.

use bytes::Bytes;
use http::Request;
use portcullis::transport::HttpClient;
use portcullis_testkit::{TestProvider, TokenKind};
use serde_json::{Value, json};

use crate::app::{App, text};
use crate::support::jws::parse;
use crate::support::{LIMITS, fetch, json as body};

#[tokio::test]
async fn scopes_open_claims() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let table: [(&str, &[&str], &[&str]); 3] = [
        ("openid", &["sub"], &["name", "email", "address", "phone_number"]),
        ("openid email", &["sub", "email", "email_verified"], &["name", "address", "phone_number"]),
        ("openid profile address phone", &["name", "address", "phone_number"], &["email"]),
    ];
    for (scope, present, absent) in table {
        let tokens = body(&app.exchange(&app.code("alice", &[("scope", scope)]).await).await);
        let claims = body(&app.userinfo(text(&tokens["access_token"])).await);
        assert!(present.iter().all(|name| !claims[name].is_null()), "{scope}: {claims}");
        assert!(absent.iter().all(|name| claims[name].is_null()), "{scope}: {claims}");
    }
}

#[tokio::test]
async fn the_token_may_be_posted() {
    let provider = TestProvider::in_memory();
    let app = App::new(&provider);
    let tokens = app.tokens("alice").await;
    let token = text(&tokens["access_token"]);
    let url = format!("{}/userinfo", provider.base_url());
    let form = Request::post(&url).header("content-type", "application/x-www-form-urlencoded");
    let form = form.body(Bytes::from(format!("access_token={token}"))).unwrap();
    let header = Request::post(&url).header("authorization", format!("Bearer {token}")).body(Bytes::new()).unwrap();
    let query = Request::get(format!("{url}?access_token={token}")).body(Bytes::new()).unwrap();
    for (request, status) in [(form, 200), (header, 200), (query, 401)] {
        assert_eq!(provider.http_client().send(request, LIMITS).await.unwrap().status(), status);
    }
}

#[tokio::test]
async fn userinfo_may_be_a_signed_jwt() {
    let provider = TestProvider::in_memory();
    for algorithm in ["ES256", "RS256", "EdDSA", "HS256", "none"] {
        provider.client("app").userinfo_alg(algorithm).register();
        let app = App::new(&provider);
        let tokens = app.tokens("alice").await;
        let response = app.userinfo(text(&tokens["access_token"])).await;
        assert_eq!(response.headers()["content-type"], "application/jwt");
        let token = String::from_utf8(response.body().to_vec()).unwrap();
        let jws = parse(&token);
        assert_eq!(jws.header["alg"], algorithm);
        assert_eq!((&jws.claims["iss"], &jws.claims["aud"]), (&json!(provider.issuer()), &json!("app")));
        assert_eq!((&jws.claims["sub"], &jws.claims["name"]), (&json!("alice"), &json!("Alice Liddell")));
        assert!(jws.claims["nonce"].is_null() && jws.claims["at_hash"].is_null(), "{}", jws.claims);
        let keys = body(&fetch(&provider, "/jwks").await)["keys"].clone();
        let verified =
            keys.as_array().unwrap().iter().any(|key: &Value| key["alg"] == algorithm && jws.verifies_with(key));
        assert_eq!(verified, !["HS256", "none"].contains(&algorithm), "{algorithm}");

        let hint = format!("{}/end_session?id_token_hint={token}", provider.base_url());
        assert_eq!(provider.browser().get(&hint).await.status(), 400, "it is no ID token");
    }
    provider.token_fault(TokenKind::UserInfo, |token| token.claim("sub", "mallory"));
    let app = App::new(&provider);
    let response = app.userinfo(text(&app.tokens("alice").await["access_token"])).await;
    assert_eq!(parse(std::str::from_utf8(response.body()).unwrap()).claims["sub"], "mallory");
}
