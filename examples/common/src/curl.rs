//! One `curl` line per case, to copy and see.

use portcullis_testkit::TestProvider;

const ONE_HOUR: i64 = 3600;

/// The lines for the `api` examples, each with the status it will show.
pub(crate) fn api_lines(provider: &TestProvider, base_url: &str) -> Vec<String> {
    let token_of = |user: &str, acr: &str| provider.token().user(user).acr(acr).expires_in(ONE_HOUR).mint();
    let (alice, bob) = (token_of("alice", "1"), token_of("bob", "1"));
    let reused = token_of("alice", "0");
    let expired = provider.token().user("alice").expires_in(-ONE_HOUR).mint();
    let get = |path: &str, token: &str, status: u16, why: &str| {
        format!("curl -i -H 'Authorization: Bearer {token}' {base_url}{path} # {status} {why}")
    };
    vec![
        format!("curl -i {base_url}/ # 200 public"),
        get("/user", &alice, 200, "alice"),
        get("/scoped", &alice, 200, "alice has the scope castles"),
        get("/castles", &alice, 200, "alice has the permission castles:read"),
        get("/current-user", &alice, 200, "what the provider says about alice"),
        get("/current-user/fresh", &alice, 200, "the same, asked anew"),
        get("/optional-user", &alice, 200, "alice"),
        format!("curl -i {base_url}/optional-user # 200 nobody"),
        format!("curl -i -X POST -H 'Authorization: Bearer {alice}' {base_url}/castles # 201 built"),
        format!("curl -i {base_url}/user # 401 no credentials"),
        get("/user", "not-a-token", 401, "not a token"),
        get("/user", &expired, 401, "expired an hour ago"),
        format!("curl -i -X POST -H 'Authorization: Bearer {reused}' {base_url}/castles # 401 the login is too weak"),
        get("/castles", &bob, 403, "bob lacks the permission"),
        get("/custom-refusal", &alice, 403, "a refusal of the application's own"),
        format!("curl -i '{base_url}/user?access_token={alice}' # 400 tokens do not belong into URLs"),
    ]
}
