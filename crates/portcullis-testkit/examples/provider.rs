//! The development provider by itself, to point an application or a browser at.
//!
//! `cargo run -p portcullis-testkit --example provider` (`LISTEN` says where, `127.0.0.1:9000` if not set)

#![allow(clippy::print_stdout, reason = "an example")]

use std::error::Error;

use portcullis_testkit::TestProvider;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:9000".to_owned());
    let provider = TestProvider::builder().start_on(address.parse()?).await?;
    println!("issuer        {}", provider.issuer());
    println!("users         alice (every permission), bob (none)");
    println!("confidential  {} with secret {}", TestProvider::CLIENT_ID, TestProvider::CLIENT_SECRET);
    println!("public        {} (PKCE)", TestProvider::PUBLIC_CLIENT_ID);
    println!("redirect URIs http://127.0.0.1:8000/auth/callback, http://localhost:8000/auth/callback");
    println!("a login to look at:");
    println!(
        "  {}/authorize?client_id={}&response_type=code&scope=openid%20profile%20email&state=s&nonce=n\
         &redirect_uri=http://127.0.0.1:8000/auth/callback",
        provider.base_url(),
        TestProvider::CLIENT_ID
    );
    std::future::pending::<()>().await;
    Ok(())
}
