//! The checks pass good clients and catch bad ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use portcullis::transport::{HttpClient, HttpError, HttpErrorKind, HttpLimits, ReqwestClient};
use portcullis_testkit::checks;
use support::reqwest_client;

#[tokio::test]
async fn the_default_client_keeps_its_promises() {
    checks::http_client(&reqwest_client()).await.unwrap();
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Vice {
    FollowsRedirects,
    IgnoresTheBodyLimit,
    AsksForCompression,
    TakesBrokenBodies,
    FailsOnErrors,
}

#[derive(Debug)]
struct BadClient(ReqwestClient, Vice);

#[async_trait]
impl HttpClient for BadClient {
    async fn send(&self, mut request: Request<Bytes>, mut limits: HttpLimits) -> Result<Response<Bytes>, HttpError> {
        if self.1 == Vice::AsksForCompression {
            request.headers_mut().insert("accept-encoding", HeaderValue::from_static("gzip"));
        }
        if self.1 == Vice::IgnoresTheBodyLimit {
            limits.body = 1 << 30;
        }
        let answer = match self.0.send(request, limits).await {
            Err(error) if self.1 == Vice::TakesBrokenBodies && error.kind() == HttpErrorKind::Broken => {
                return Ok(Response::new(Bytes::new()));
            }
            answer => answer?,
        };
        if self.1 == Vice::FailsOnErrors && answer.status().is_server_error() {
            return Err(HttpErrorKind::Broken.into());
        }
        match answer.headers().get("location") {
            Some(location) if self.1 == Vice::FollowsRedirects => {
                let next = Request::get(location.to_str().unwrap()).body(Bytes::new()).unwrap();
                self.0.send(next, limits).await
            }
            _ => Ok(answer),
        }
    }
}

#[tokio::test]
async fn every_vice_is_caught_by_name() {
    let table = [
        (Vice::FollowsRedirects, "a redirect (301) is not followed"),
        (Vice::IgnoresTheBodyLimit, "a body over the limit (announced) is refused"),
        (Vice::AsksForCompression, "no compression is asked for"),
        (Vice::TakesBrokenBodies, "a connection that ends before the answer is an error"),
        (Vice::FailsOnErrors, "status 500 is returned with its body"),
    ];
    for (vice, sentence) in table {
        let broken = checks::http_client(&BadClient(reqwest_client(), vice)).await.unwrap_err();
        assert!(broken.sentences().iter().any(|broken| broken.starts_with(sentence)), "{vice:?}: {broken}");
        assert_eq!(broken.sentences().len(), 1, "{vice:?}: {broken}");
    }
}
