//! What the tests share.

#![allow(dead_code, reason = "each test binary uses its part")]

pub(crate) mod jws;

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use portcullis::transport::{HttpClient, HttpError, HttpErrorKind, HttpLimits, ReqwestClient};
use portcullis_testkit::TestProvider;
use serde_json::Value;

pub(crate) const LIMITS: HttpLimits = HttpLimits { timeout: Duration::from_secs(5), body: 256 * 1024 };

pub(crate) fn reqwest_client() -> ReqwestClient {
    ReqwestClient::builder().without_system_roots().build().unwrap()
}

pub(crate) async fn get(client: &dyn HttpClient, url: String) -> Result<Response<Bytes>, HttpError> {
    client.send(Request::get(url).body(Bytes::new()).unwrap(), LIMITS).await
}

pub(crate) async fn get_with_token(client: &dyn HttpClient, url: String, token: &str) -> Response<Bytes> {
    let request = Request::get(url).header("authorization", format!("Bearer {token}")).body(Bytes::new()).unwrap();
    client.send(request, LIMITS).await.unwrap()
}

pub(crate) async fn fetch(provider: &TestProvider, path: &str) -> Response<Bytes> {
    get(&provider.http_client(), format!("{}{path}", provider.base_url())).await.unwrap()
}

pub(crate) async fn kind(client: &dyn HttpClient, url: String) -> HttpErrorKind {
    get(client, url).await.expect_err("there is an answer").kind()
}

pub(crate) fn json(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}
