//! The guard from the environment, with an embedded development provider where no issuer is set.

use std::error::Error;

use portcullis::{Guard, GuardBuilder};
use portcullis_testkit::TestProvider;

use crate::curl;

/// The embedded development provider; it lives as long as this does.
pub struct Development(TestProvider);

/// Reads the settings; without an issuer, starts the development provider and configures the guard for it.
pub async fn api_guard() -> Result<(GuardBuilder, Option<Development>), Box<dyn Error>> {
    let mut guard = Guard::api_from_env()?;
    let mut development = None;
    if !guard.has_issuer() {
        let provider = TestProvider::start().await;
        guard = guard.issuer(provider.issuer()).audience(provider.audience());
        development = Some(Development(provider));
    }
    Ok((with_levels(guard), development))
}

/// The same for an application that people sign in to; `url` is where it listens, and its base URL if none is set.
pub async fn web_guard(url: &str) -> Result<(GuardBuilder, Option<Development>), Box<dyn Error>> {
    let mut guard = Guard::web_from_env()?;
    if !guard.has_base_url() {
        guard = guard.base_url(url);
    }
    let mut development = None;
    if !guard.has_issuer() {
        let provider = TestProvider::start().await;
        know_the_application(&provider, &base_url(url));
        guard = guard
            .issuer(provider.issuer())
            .audience(provider.audience())
            .client_id(TestProvider::CLIENT_ID)
            .client_secret(TestProvider::CLIENT_SECRET);
        if !is_set("PORTCULLIS_SCOPES") {
            // The last one is for a refresh token: the account page has a button that uses it.
            guard = guard.scopes(["openid", "profile", "email", "offline_access"]);
        }
        development = Some(Development(provider));
    }
    Ok((with_levels(guard), development))
}

/// A provider sends browsers only to addresses that were registered with it.
fn know_the_application(provider: &TestProvider, base_url: &str) {
    provider
        .client(TestProvider::CLIENT_ID)
        .name("Castles of Brittany")
        .redirect_uri(format!("{base_url}/auth/callback"))
        .post_logout_redirect_uri(format!("{base_url}/auth/logged-out"))
        .register();
}

fn is_set(name: &str) -> bool {
    let mut names = [name.to_owned(), format!("{name}_FILE")].into_iter();
    names.any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn base_url(url: &str) -> String {
    let set = std::env::var("PORTCULLIS_BASE_URL").ok().filter(|set| !set.trim().is_empty());
    set.as_deref().unwrap_or(url).trim().trim_end_matches('/').to_owned()
}

fn with_levels(guard: GuardBuilder) -> GuardBuilder {
    if guard.has_acr_values() { guard } else { guard.acr_values(["0", "1"]) }
}

impl Development {
    /// Prints where the provider is, who its users are, and one `curl` line per case.
    pub fn introduce(&self, base_url: &str) {
        self.introduce_provider();
        println!("  clients   {} (secret {})", TestProvider::CLIENT_ID, TestProvider::CLIENT_SECRET);
        println!("            {} (public)", TestProvider::PUBLIC_CLIENT_ID);
        println!();
        for line in curl::api_lines(&self.0, base_url) {
            println!("{line}");
        }
        println!();
    }

    /// Prints where the provider is, who its users are, and where to click.
    pub fn introduce_web(&self, url: &str) {
        let url = base_url(url);
        self.introduce_provider();
        println!();
        println!("Open {url} in a browser and sign in; nobody needs a password. Worth a click:");
        println!("  {url}/castles   as alice, then as bob, who may not see them");
        println!("  {url}/settings  wants a strong login, which one that the provider remembers is not");
        println!("  {url}/status    how current the provider's keys are");
        println!();
    }

    fn introduce_provider(&self) {
        let issuer = self.0.issuer();
        println!("No PORTCULLIS_ISSUER is set: using an embedded development provider.");
        println!("  issuer    {issuer}");
        println!("  discovery {issuer}/.well-known/openid-configuration");
        println!("  users     alice (every permission), bob (none)");
    }
}
