//! A provider, an application protected by it, and a client.

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, StatusCode};
use portcullis::{Guard, GuardBuilder};
use portcullis_testkit::{Endpoint, TestClock, TestProvider};
use serde_json::Value;

use crate::TestApp;

/// A provider in memory with its clock held, and an application whose guard trusts it.
#[derive(Debug)]
pub struct Fixture<A> {
    pub provider: TestProvider,
    pub clock: TestClock,
    pub guard: Guard,
    pub app: A,
}

/// What the client got.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl<A: TestApp> Fixture<A> {
    #[allow(clippy::new_without_default, reason = "a fixture is made on purpose")]
    pub fn new() -> Self {
        Self::with(|guard| guard)
    }

    /// With a guard of other settings.
    pub fn with(settings: impl FnOnce(GuardBuilder) -> GuardBuilder) -> Self {
        Self::of(TestProvider::in_memory(), settings)
    }

    /// With another provider.
    pub fn of(provider: TestProvider, settings: impl FnOnce(GuardBuilder) -> GuardBuilder) -> Self {
        let clock = provider.clock();
        let guard = Guard::api(provider.issuer(), provider.audience())
            .http_client(provider.http_client())
            .clock(clock.clone())
            .acr_values(["0", "1"]);
        let guard = settings(guard).build().expect("the settings of the fixture");
        Self { provider, clock, app: A::new(guard.clone()), guard }
    }

    pub async fn send(&self, request: Request<Bytes>) -> Answer {
        let (parts, body) = self.app.send(request).await.into_parts();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// `GET` without credentials.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(request(path, &[])).await
    }

    /// `GET` with these values of `Authorization`.
    pub async fn get_with(&self, path: &str, authorization: &[&[u8]]) -> Answer {
        self.send(request(path, authorization)).await
    }

    /// `GET` with a bearer token.
    pub async fn get_as(&self, path: &str, token: &str) -> Answer {
        self.get_with(path, &[format!("Bearer {token}").as_bytes()]).await
    }

    /// Refused for what it says by itself: no key is looked up for it.
    pub async fn assert_refused_unasked(&self, what: &str, token: &str) {
        self.assert_refused_unasked_at("/token", what, token).await;
    }

    /// The same at this route.
    pub async fn assert_refused_unasked_at(&self, path: &str, what: &str, token: &str) {
        let asked = self.asked();
        self.get_as(path, token).await.assert_invalid_token(what);
        assert_eq!(self.asked(), asked, "{what}: no key is looked up for it");
        self.assert_nobody_else_was_asked(what);
    }

    /// Refused, whether or not the provider's keys had to be looked at.
    pub async fn assert_refused(&self, what: &str, token: &str) {
        self.get_as("/token", token).await.assert_invalid_token(what);
        assert_eq!(self.provider.requests(Endpoint::UserInfo), 0, "{what}: the provider never sees it");
        self.assert_nobody_else_was_asked(what);
    }

    pub async fn assert_admitted(&self, what: &str, token: &str) {
        self.get_as("/token", token).await.assert_ok(what);
        self.assert_nobody_else_was_asked(what);
    }

    /// No request for an address that is not one of the provider's endpoints.
    pub fn assert_nobody_else_was_asked(&self, what: &str) {
        assert!(self.provider.unexpected().is_empty(), "{what}: {:?}", self.provider.unexpected());
    }

    /// How often the provider was asked for anything.
    pub fn asked(&self) -> usize {
        [Endpoint::Discovery, Endpoint::Jwks, Endpoint::UserInfo]
            .map(|endpoint| self.provider.requests(endpoint))
            .iter()
            .sum()
    }
}

pub(crate) fn request(path: &str, authorization: &[&[u8]]) -> Request<Bytes> {
    let mut request = Request::get(path);
    for value in authorization {
        request = request.header(AUTHORIZATION, *value);
    }
    request.body(Bytes::new()).expect("a request")
}

impl Answer {
    /// Everything the client sees: headers and body.
    pub fn text(&self) -> String {
        format!("{:?} {}", self.headers, String::from_utf8_lossy(&self.body))
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("visible ASCII"))
    }

    pub fn challenge(&self) -> Option<&str> {
        self.header("www-authenticate")
    }

    /// The reply to a token that does not validate, whatever the reason: the wire never says which check failed.
    #[track_caller]
    pub fn assert_invalid_token(&self, what: &str) {
        self.assert_refusal(what, 401, "invalid_token", Some(r#"Bearer error="invalid_token""#));
    }

    #[track_caller]
    pub fn assert_refusal(&self, what: &str, status: u16, code: &str, challenge: Option<&str>) {
        assert_eq!(self.status.as_u16(), status, "{what}: {self:?}");
        assert_eq!(self.json(), serde_json::json!({"error": code}), "{what}");
        assert_eq!(self.challenge(), challenge, "{what}");
        assert_eq!(self.header("cache-control"), Some("no-store"), "{what}");
        assert_eq!(self.header("retry-after").is_some(), status == 503, "{what}");
    }

    #[track_caller]
    pub fn assert_ok(&self, what: &str) {
        assert_eq!(self.status, StatusCode::OK, "{what}: {self:?}");
    }
}
