//! The development provider by itself, to point an application or a browser at.
//!
//! `cargo run -p portcullis-testkit --example provider`, told by its environment:
//! `LISTEN` says where (`127.0.0.1:9000` if not set), `HOST` by what name (`localhost` is another site than an
//! application on `127.0.0.1`), `BASE_URL` where the application is (`http://127.0.0.1:8000`), `CONSENT=yes` that users
//! are asked what it may have, and `LOGOUT` by which channels it is told of the end of a session (`back front`).

#![allow(clippy::print_stdout, reason = "an example")]

use std::error::Error;

use portcullis_testkit::TestProvider;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = setting("LISTEN", "127.0.0.1:9000");
    let provider = TestProvider::builder().host(setting("HOST", "")).start_on(address.parse()?).await?;
    let base_url = setting("BASE_URL", "http://127.0.0.1:8000");
    let redirect_uri = format!("{base_url}/auth/callback");
    let channels = setting("LOGOUT", "back front");
    for client in [TestProvider::CLIENT_ID, TestProvider::PUBLIC_CLIENT_ID] {
        let client = provider.client(client).consent(setting("CONSENT", "no") == "yes").redirect_uri(&redirect_uri);
        let mut client = client.post_logout_redirect_uri(format!("{base_url}/auth/logged-out"));
        if channels.contains("back") {
            client = client.back_channel_logout_uri(format!("{base_url}/auth/backchannel-logout"));
        }
        if channels.contains("front") {
            client = client.front_channel_logout_uri(format!("{base_url}/auth/frontchannel-logout"));
        }
        client.register();
    }
    println!("issuer        {}", provider.issuer());
    println!("users         alice (every permission), bob (none)");
    println!("confidential  {} with secret {}", TestProvider::CLIENT_ID, TestProvider::CLIENT_SECRET);
    println!("public        {} (PKCE)", TestProvider::PUBLIC_CLIENT_ID);
    println!("redirect URI  {redirect_uri}");
    println!("a login to look at:");
    println!(
        "  {}/authorize?client_id={}&response_type=code&scope=openid%20profile%20email&state=s&nonce=n\
         &redirect_uri={redirect_uri}",
        provider.base_url(),
        TestProvider::CLIENT_ID
    );
    println!("listening on {}", provider.base_url());
    std::future::pending::<()>().await;
    Ok(())
}

fn setting(name: &str, default: &str) -> String {
    std::env::var(name).ok().filter(|value| !value.is_empty()).unwrap_or_else(|| default.to_owned())
}
