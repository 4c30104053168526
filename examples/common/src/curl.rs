//! One `curl` line per case, to copy and see.

use portcullis_testkit::TestProvider;

const ONE_HOUR: i64 = 3600;

/// The lines for the `api` examples: what is shown, then the command with the status that it will show.
pub(crate) fn api_lines(provider: &TestProvider, base_url: &str) -> Vec<String> {
    let token_of = |user: &str, acr: &str| provider.token().user(user).acr(acr).expires_in(ONE_HOUR).mint();
    let (alice, bob, reused) = (token_of("alice", "1"), token_of("bob", "1"), token_of("alice", "0"));
    let expired = provider.token().user("alice").expires_in(-ONE_HOUR).mint();
    let cases = [
        ("/", None, 200, "public"),
        ("/user", Some(&*alice), 200, "alice's token"),
        ("/scoped", Some(&alice), 200, "alice has the scope castles"),
        ("/castles", Some(&alice), 200, "alice has the permission castles:read"),
        ("POST /castles", Some(&alice), 201, "she may build, after a strong login"),
        ("/current-user", Some(&alice), 200, "what the provider says about alice"),
        ("/current-user/fresh", Some(&alice), 200, "the same, asked anew"),
        ("/optional-user", Some(&alice), 200, "a user if there is one"),
        ("/optional-user", None, 200, "nobody"),
        ("/user", None, 401, "no credentials"),
        ("/user", Some("not-a-token"), 401, "not a token"),
        ("/user", Some(&expired), 401, "expired an hour ago"),
        ("POST /castles", Some(&reused), 401, "alice again, but her login is too weak"),
        ("/castles", Some(&bob), 403, "bob has no permission"),
        ("/custom-refusal", Some(&alice), 403, "the application's own words"),
    ];
    cases.iter().map(|(route, token, status, shown)| line(base_url, route, *token, *status, shown)).collect()
}

fn line(base_url: &str, route: &str, token: Option<&str>, status: u16, shown: &str) -> String {
    let (method, path) = route.split_once(' ').map_or(("", route), |(method, path)| (method, path));
    let method = if method.is_empty() { String::new() } else { format!("-X {method} ") };
    let credentials = token.map_or_else(String::new, |token| format!("-H 'Authorization: Bearer {token}' "));
    format!("  {shown}:\ncurl -i {method}{credentials}{base_url}{path} # {status}")
}
