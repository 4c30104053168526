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
    if !guard.has_acr_values() {
        guard = guard.acr_values(["0", "1"]);
    }
    Ok((guard, development))
}

impl Development {
    /// Prints where the provider is, who its users are, and one `curl` line per case.
    pub fn introduce(&self, base_url: &str) {
        let issuer = self.0.issuer();
        println!("No PORTCULLIS_ISSUER is set: using an embedded development provider.");
        println!("  issuer    {issuer}");
        println!("  discovery {issuer}/.well-known/openid-configuration");
        println!("  users     alice (every permission), bob (none)");
        println!("  clients   {} (secret {})", TestProvider::CLIENT_ID, TestProvider::CLIENT_SECRET);
        println!("            {} (public)", TestProvider::PUBLIC_CLIENT_ID);
        println!();
        for line in curl::api_lines(&self.0, base_url) {
            println!("{line}");
        }
        println!();
    }
}
