//! The guard from the environment, with an embedded development provider where no issuer is set.

use std::error::Error;

use portcullis::{Guard, GuardBuilder};
use portcullis_testkit::TestProvider;

/// The embedded development provider; it lives as long as this does.
pub struct Development(pub(crate) TestProvider);

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
/// `END_SESSION=post` takes users to the provider's logout by a form, which keeps the ID token out of the URL.
pub async fn web_guard(url: &str) -> Result<(GuardBuilder, Option<Development>), Box<dyn Error>> {
    let mut guard = Guard::web_from_env()?.end_session_by_post(word("END_SESSION").is_some_and(|way| way == "post"));
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

/// A provider sends browsers, and its own messages, only to addresses that were registered with it.
fn know_the_application(provider: &TestProvider, base_url: &str) {
    provider
        .client(TestProvider::CLIENT_ID)
        .name("Castles of Brittany")
        .redirect_uri(format!("{base_url}/auth/callback"))
        .post_logout_redirect_uri(format!("{base_url}/auth/logged-out"))
        .back_channel_logout_uri(format!("{base_url}/auth/backchannel-logout"))
        .front_channel_logout_uri(format!("{base_url}/auth/frontchannel-logout"))
        .register();
}

fn is_set(name: &str) -> bool {
    let mut names = [name.to_owned(), format!("{name}_FILE")].into_iter();
    names.any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

pub(crate) fn base_url(url: &str) -> String {
    let set = word("PORTCULLIS_BASE_URL");
    set.as_deref().unwrap_or(url).trim_end_matches('/').to_owned()
}

/// A setting's value; an empty one counts as unset.
fn word(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

fn with_levels(guard: GuardBuilder) -> GuardBuilder {
    if guard.has_acr_values() { guard } else { guard.acr_values(["0", "1"]) }
}
