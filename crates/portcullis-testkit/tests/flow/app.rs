//! An application that does by hand what a client library does.

use std::sync::Arc;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, Response};
use portcullis::transport::HttpClient;
use portcullis_testkit::TestProvider;
use serde_json::Value;
use url::Url;
use url::form_urlencoded::{self, Serializer};

use crate::support::{LIMITS, json};

pub(crate) const CALLBACK: &str = "https://app.example.com/auth/callback";
pub(crate) const LOGGED_OUT: &str = "https://app.example.com/auth/logged-out";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// Parameters of a query or a form.
pub(crate) type Parameters<'a> = &'a [(&'a str, &'a str)];

/// One client at one provider.
pub(crate) struct App<'a> {
    pub(crate) provider: &'a TestProvider,
    pub(crate) client_id: String,
    pub(crate) authorization: Option<String>,
    pub(crate) form: Vec<(String, String)>,
    pub(crate) http: Arc<dyn HttpClient>,
}

impl<'a> App<'a> {
    /// The default confidential client.
    pub(crate) fn new(provider: &'a TestProvider) -> Self {
        Self::basic(provider, TestProvider::CLIENT_ID, TestProvider::CLIENT_SECRET)
    }

    /// The default public client.
    pub(crate) fn public(provider: &'a TestProvider) -> Self {
        Self::posting(provider, TestProvider::PUBLIC_CLIENT_ID, &[("client_id", TestProvider::PUBLIC_CLIENT_ID)])
    }

    pub(crate) fn basic(provider: &'a TestProvider, id: &str, secret: &str) -> Self {
        let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let credentials = STANDARD.encode(format!("{}:{}", encode(id), encode(secret)));
        let authorization = Some(format!("Basic {credentials}"));
        Self { authorization, ..Self::posting(provider, id, &[]) }
    }

    /// A client that authenticates with these fields of the form.
    pub(crate) fn posting(provider: &'a TestProvider, id: &str, form: Parameters<'_>) -> Self {
        let http = Arc::new(provider.http_client());
        Self { provider, client_id: id.to_owned(), authorization: None, form: owned(form), http }
    }

    pub(crate) fn over(self, http: impl HttpClient) -> Self {
        Self { http: Arc::new(http), ..self }
    }

    pub(crate) fn authorize_url(&self, more: Parameters<'_>) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, VERIFIER.as_bytes()));
        let usual = [
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid profile offline_access castles"),
            ("state", "s-1"),
            ("nonce", "n-1"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let kept = usual.iter().filter(|(name, _)| !more.iter().any(|(other, _)| name == other));
        let mut query = Serializer::new(String::new());
        // An empty value takes a parameter away.
        query.extend_pairs(kept.chain(more).filter(|(_, value)| !value.is_empty()));
        format!("{}/authorize?{}", self.provider.base_url(), query.finish())
    }

    /// Signs in, and returns the code.
    pub(crate) async fn code(&self, user: &str, more: Parameters<'_>) -> String {
        let callback = self.provider.sign_in(&self.authorize_url(more), user).await;
        parameter(&callback, "code").unwrap_or_else(|| panic!("{callback}"))
    }

    pub(crate) async fn exchange(&self, code: &str) -> Response<Bytes> {
        let grant = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
        self.token(&[&grant[..], &[("code_verifier", VERIFIER)]].concat()).await
    }

    pub(crate) async fn refresh(&self, refresh_token: &str, more: Parameters<'_>) -> Response<Bytes> {
        self.token(&[&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)], more].concat()).await
    }

    /// Signs in, and returns the token response.
    pub(crate) async fn tokens(&self, user: &str) -> Value {
        let response = self.exchange(&self.code(user, &[]).await).await;
        assert_eq!(response.status(), 200, "{:?}", response.body());
        json(&response)
    }

    pub(crate) async fn token(&self, fields: Parameters<'_>) -> Response<Bytes> {
        self.post("/token", fields).await
    }

    pub(crate) async fn post(&self, path: &str, fields: Parameters<'_>) -> Response<Bytes> {
        let mut body = Serializer::new(String::new());
        body.extend_pairs(fields).extend_pairs(&self.form);
        let mut request = Request::post(format!("{}{path}", self.provider.base_url()))
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        self.http.send(request.body(Bytes::from(body.finish())).unwrap(), LIMITS).await.unwrap()
    }

    pub(crate) async fn userinfo(&self, access_token: &str) -> Response<Bytes> {
        let request = Request::get(format!("{}/userinfo", self.provider.base_url()));
        let request = request.header("authorization", format!("Bearer {access_token}")).body(Bytes::new()).unwrap();
        self.http.send(request, LIMITS).await.unwrap()
    }
}

pub(crate) fn owned(fields: Parameters<'_>) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).unwrap();
    url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// Asserts an error response of RFC 6749 section 5.2.
pub(crate) fn assert_error(response: &Response<Bytes>, status: u16, error: &str, context: &str) {
    let body = json(response);
    assert_eq!((response.status().as_u16(), text(&body["error"])), (status, error), "{context}: {body}");
    assert_eq!(response.headers()["cache-control"], "no-store", "{context}");
    assert_eq!(response.headers().contains_key("www-authenticate"), status == 401, "{context}");
}
