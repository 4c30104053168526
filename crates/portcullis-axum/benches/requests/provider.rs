//! The provider's process: prints its issuer, its audience and tokens, then serves its keys.

use portcullis_testkit::{Algorithm, TestProvider};

use crate::process::no_longer_needed;

const LIFETIME_SECONDS: i64 = 24 * 3600;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn run(tokens: usize) {
    let provider = TestProvider::builder().algorithms([Algorithm::Rs256]).start().await.unwrap();
    println!("{}\n{}", provider.issuer(), provider.audience());
    for _ in 0..tokens {
        println!("{}", mint(&provider));
    }
    no_longer_needed().await;
}

/// 14 claims: about 1000 bytes.
fn mint(provider: &TestProvider) -> String {
    let token = provider.token().user("alice").subject("7f8a6c1e-8c0b-4a51-9d0f-2b1f5f0c9a77");
    let token = token.client_id("castles-web-application").expires_in(LIFETIME_SECONDS);
    let token = token.claim("sid", "08a5019c-17e1-4977-8f42-65a12843ea02");
    token.claim("email", "alice@example.com").claim("nbf", provider.clock().unix()).mint()
}
