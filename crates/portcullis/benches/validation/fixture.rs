//! A provider in memory, its tokens, a guard that trusts it, and requests that bring the tokens.

use http::header::{ACCEPT, AUTHORIZATION, HOST, USER_AGENT};
use http::{HeaderValue, Request};
use portcullis::{AccessToken, Guard, Head, Require};
use portcullis_testkit::{Algorithm, TestProvider};
use tokio::runtime::{Builder, Runtime};

/// Tokens outlive every run.
const LIFETIME_SECONDS: i64 = 24 * 3600;

pub(crate) struct Fixture {
    pub(crate) provider: TestProvider,
    pub(crate) guard: Guard,
    pub(crate) requests: Vec<Request<()>>,
    pub(crate) runtime: Runtime,
}

impl Fixture {
    /// So many requests, each with a token of its own. The guard knows the provider's keys, but no token yet.
    pub(crate) fn new(algorithm: Algorithm, tokens: usize) -> Self {
        let provider = TestProvider::builder().algorithms([algorithm]).in_memory();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let requests = (0..tokens).map(|number| request(&mint(&provider, number))).collect();
        let guard = guard(&provider, &runtime);
        Self { provider, guard, requests, runtime }
    }

    /// Forgets every token, but not the keys.
    #[allow(dead_code, reason = "for the cold figures only")]
    pub(crate) fn forget(&mut self) {
        self.guard = guard(&self.provider, &self.runtime);
    }

    /// Serves every request once.
    #[allow(dead_code, reason = "for the warm figures only")]
    pub(crate) fn warm_up(&self) {
        self.runtime.block_on(async {
            for request in &self.requests {
                admit::<()>(&self.guard, request).await;
            }
        });
    }

    /// Serves the first request `count` times after its first. callgrind knows it by its name (`.ci/run`).
    #[allow(dead_code, reason = "for callgrind only")]
    #[inline(never)]
    pub(crate) fn serve(&self, count: usize) {
        self.runtime.block_on(async {
            for _ in 0..=count {
                admit::<()>(&self.guard, &self.requests[0]).await;
            }
        });
    }

    #[allow(dead_code, reason = "for callgrind only")]
    #[inline(never)]
    pub(crate) fn serve_each(&self) {
        self.warm_up();
    }

    #[allow(dead_code, reason = "for the cold figures only")]
    pub(crate) fn token(&self, index: usize) -> &str {
        let value = self.requests[index].headers()[AUTHORIZATION].to_str().unwrap();
        value.strip_prefix("Bearer ").unwrap()
    }
}

/// What an adapter does for one request.
pub(crate) async fn admit<R: Require>(guard: &Guard, request: &Request<()>) -> AccessToken {
    guard.attempt(&Head::of(request)).admit::<AccessToken, R>().await.unwrap()
}

/// 14 claims: about 1000 bytes with an RSA signature, all equally long.
fn mint(provider: &TestProvider, number: usize) -> String {
    let token = provider.token().user("alice").subject("7f8a6c1e-8c0b-4a51-9d0f-2b1f5f0c9a77");
    let token = token.client_id("castles-web-application").expires_in(LIFETIME_SECONDS);
    let token = token.claim("jti", format!("0d2f5b1c-77aa-4f0e-9a51-{number:012x}"));
    let token = token.claim("sid", "08a5019c-17e1-4977-8f42-65a12843ea02");
    token.claim("email", "alice@example.com").claim("nbf", provider.clock().unix()).mint()
}

fn request(token: &str) -> Request<()> {
    let mut authorization = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
    authorization.set_sensitive(true);
    Request::get("https://api.example.com/user")
        .header(HOST, "api.example.com")
        .header(USER_AGENT, "bench/1")
        .header(ACCEPT, "application/json")
        .header(AUTHORIZATION, authorization)
        .body(())
        .unwrap()
}

fn guard(provider: &TestProvider, runtime: &Runtime) -> Guard {
    let guard = Guard::api(provider.issuer(), provider.audience()).http_client(provider.http_client()).build().unwrap();
    runtime.block_on(admit::<()>(&guard, &request(&mint(provider, 0))));
    guard
}
