//! Secrets that are seen nowhere (T09): in no `Debug`, no `Display`, no line of the log.

use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, Mutex};

use portcullis::transport::{HttpErrorKind, ReqwestClient};
use portcullis::{Provider, ProviderBuilder, ProviderError, Tokens};
use portcullis_testkit::{Algorithm, ClientKey, Endpoint, Fault, TestProvider, TokenKind};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{CALLBACK, Login, confidential, parameter};

const CLIENT_SECRET: &str = "canary-secret-0123456789-0123456789";

/// Everything that is traced, at every level.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

impl Log {
    fn start(&self) -> tracing::subscriber::DefaultGuard {
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(self.clone());
        tracing::subscriber::set_default(subscriber.finish())
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// What must not be seen, and what was.
#[derive(Default)]
struct Watch {
    canaries: Vec<(String, String)>,
    seen: String,
    log: Log,
}

impl Watch {
    fn canary(&mut self, name: &str, value: &str) {
        assert!(value.len() > 15, "{name} could be found by chance");
        self.canaries.push((name.to_owned(), value.to_owned()));
    }

    fn show(&mut self, value: &impl std::fmt::Debug) {
        writeln!(self.seen, "{value:?} {value:#?}").unwrap();
    }

    fn show_error(&mut self, error: &ProviderError) {
        self.show(error);
        writeln!(self.seen, "{error} {error:#} {}", error.reason()).unwrap();
    }

    fn tokens(&mut self, tokens: &Tokens) {
        self.canary("access token", tokens.access_token().expose());
        if let Some(refresh_token) = tokens.refresh_token() {
            self.canary("refresh token", refresh_token.expose());
        }
        if let Some(id_token) = tokens.id_token() {
            self.canary("ID token", id_token.secret().expose());
            let signature = id_token.secret().expose().rsplit('.').next().unwrap().to_owned();
            self.canary("ID token's signature", &signature);
            self.show(id_token);
            self.show(&id_token.user_info());
        }
        self.show(tokens);
    }

    /// What the requests to the token endpoint held.
    fn requests(&mut self, server: &TestProvider) {
        for request in server.received(Endpoint::Token) {
            let secrets = ["code", "code_verifier", "client_secret", "client_assertion", "refresh_token"];
            for name in secrets {
                if let Some(value) = request.form(name) {
                    self.canary(name, &value);
                }
            }
            if let Some(credentials) = request.header("authorization").and_then(|value| value.strip_prefix("Basic ")) {
                self.canary("Basic credentials", credentials);
            }
        }
    }

    fn verdict(&self, name: &str) {
        let log = self.log.text();
        for (what, value) in &self.canaries {
            assert!(!self.seen.contains(value.as_str()), "{name}: the {what} is shown");
            assert!(!log.contains(value.as_str()), "{name}: the {what} is logged");
        }
        assert!(!self.canaries.is_empty(), "{name}");
    }
}

fn secretive(server: &TestProvider) -> ProviderBuilder {
    server.client(TestProvider::CLIENT_ID).secret(CLIENT_SECRET).register();
    confidential(server).client_secret(CLIENT_SECRET)
}

#[tokio::test]
async fn atk_t09_nothing_is_seen_of_a_login_that_succeeds() {
    let mut watch = Watch::default();
    let _log = watch.log.start();
    let server = TestProvider::in_memory();
    let builder = secretive(&server);
    watch.canary("client secret", CLIENT_SECRET);
    watch.show(&builder);
    let login = Login { provider: builder.build().unwrap(), server };
    let begun = login.begin().await;
    watch.canary("transaction", begun.transaction.to_secret().expose());
    watch.show(&begun.transaction);
    watch.show(&begun.transaction.to_secret());
    watch.show(&begun);
    watch.show(&login.provider.authorize_url(CALLBACK));
    let tokens = login.finish(&begun).await.unwrap();
    watch.tokens(&tokens);
    watch.tokens(&login.refresh(&tokens).await.unwrap());
    watch.show(&login.user_info(&tokens).await.unwrap());
    watch.show(&login.provider.end_session_url().id_token_hint(tokens.id_token().unwrap()));
    watch.show(&login.provider);
    watch.show(&login.provider.status());
    watch.requests(&login.server);
    watch.verdict("success");
}

#[tokio::test]
async fn atk_t09_a_private_key_is_not_seen() {
    let mut watch = Watch::default();
    let _log = watch.log.start();
    let key = ClientKey::generate(Algorithm::Rs256);
    for member in ["d", "p", "q", "dp", "dq", "qi"] {
        watch.canary(member, key.private_jwk()[member].as_str().unwrap());
    }
    let server = TestProvider::in_memory();
    server.client("robot").key(&key).redirect_uri(CALLBACK).register();
    let builder = crate::support::bare(&server, "robot").client_keys(key.private_jwk_set().to_string());
    watch.show(&builder);
    let login = Login { provider: builder.build().unwrap(), server };
    watch.tokens(&login.tokens().await);
    watch.show(&login.provider);
    watch.requests(&login.server);
    watch.verdict("private key");
}

/// The provider says back what it was told, in places where one looks.
#[tokio::test]
async fn atk_t09_a_provider_that_repeats_what_it_heard() {
    type Echo = fn(&str) -> Fault;
    let rows: [(&str, Echo); 8] = [
        ("as error", |heard| Fault::json(&json!({"error": heard})).and_status(400)),
        ("as description", |heard| {
            Fault::json(&json!({"error": "invalid_grant", "error_description": heard})).and_status(400)
        }),
        ("as error of a 200", |heard| Fault::json(&json!({"error": heard}))),
        ("as a page", |heard| Fault::body("text/html", format!("<h1>{heard}</h1>")).and_status(500)),
        ("as a broken body", |heard| Fault::body("application/json", format!("{{\"access_token\":\"{heard}\""))),
        ("as a type", |heard| Fault::json(&json!({"access_token": heard, "token_type": heard}))),
        ("as a lifetime", |heard| {
            Fault::json(&json!({"access_token": heard, "token_type": "bearer", "expires_in": heard}))
        }),
        ("as a redirect", |heard| Fault::redirect(&format!("https://evil.example/?code={heard}"))),
    ];
    for (name, echo) in rows {
        let mut watch = Watch::default();
        let _log = watch.log.start();
        let server = TestProvider::in_memory();
        let login = Login { provider: secretive(&server).build().unwrap(), server };
        let begun = login.begin().await;
        let code = login.code(&begun).await;
        watch.canary("code", &code);
        login.server.fault(Endpoint::Token, echo(&format!("{code}{CLIENT_SECRET}")));
        let error = login.provider.exchange_code(&code, &begun.transaction).await.unwrap_err();
        watch.show_error(&error);
        watch.canary("client secret", CLIENT_SECRET);
        watch.requests(&login.server);
        watch.verdict(name);
    }
}

#[tokio::test]
async fn atk_t09_nothing_is_seen_of_tokens_that_are_refused() {
    let mut watch = Watch::default();
    let _log = watch.log.start();
    let server = TestProvider::in_memory();
    let login = Login { provider: secretive(&server).build().unwrap(), server };
    let tokens = login.tokens().await;
    watch.tokens(&tokens);
    for kind in [TokenKind::IdToken, TokenKind::RefreshedIdToken] {
        login
            .server
            .token_fault(kind, |token| token.claim("canary", "canary-in-a-claim").claim("nonce", "canary-in-a-nonce"));
    }
    watch.canary("claim", "canary-in-a-claim");
    watch.canary("nonce", "canary-in-a-nonce");
    watch.show_error(&login.sign_in().await.unwrap_err());
    watch.show_error(&login.refresh(&tokens).await.unwrap_err());
    login.server.fault(Endpoint::UserInfo, Fault::json(&json!({"sub": "canary-as-a-subject"})));
    watch.canary("subject", "canary-as-a-subject");
    watch.show_error(&login.user_info(&tokens).await.unwrap_err());
    watch.requests(&login.server);
    watch.verdict("refused tokens");
}

/// On the wire, with the default transport; the log must say that something went wrong, and no more.
#[tokio::test]
async fn atk_t09_an_outage_is_logged_without_secrets() {
    let mut watch = Watch::default();
    let _log = watch.log.start();
    let server = TestProvider::start().await;
    server.client(TestProvider::CLIENT_ID).secret(CLIENT_SECRET).register();
    let transport = ReqwestClient::builder().without_system_roots().build().unwrap();
    let builder = Provider::builder(server.issuer(), TestProvider::CLIENT_ID).client_secret(CLIENT_SECRET);
    let provider = builder.http_client(transport).clock(server.clock()).build().unwrap();
    let begun = provider.authorize_url(CALLBACK).build().await.unwrap();
    let code = parameter(&server.sign_in(&begun.url, "alice").await, "code").unwrap();
    server.fault(Endpoint::Jwks, Fault::status(503));
    let error = provider.exchange_code(&code, &begun.transaction).await.unwrap_err();
    watch.show_error(&error);
    server.fault(Endpoint::Token, Fault::transport(HttpErrorKind::Connect));
    let error = provider.exchange_code(&code, &begun.transaction).await.unwrap_err();
    watch.show_error(&error);
    watch.canary("client secret", CLIENT_SECRET);
    watch.requests(&server);
    assert!(watch.log.text().contains("server_error_status"), "the log is captured: {}", watch.log.text());
    watch.verdict("outage");
}
