//! What is printed about the development provider.

use portcullis_testkit::TestProvider;

use crate::curl;
use crate::development::{Development, base_url};

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
