//! What a guard of a web application objects to.

use std::collections::BTreeSet;

use portcullis::{Guard, GuardBuilder};

use crate::app::BASE_URL;

const ISSUER: &str = "https://id.example.com";

fn problems(builder: GuardBuilder) -> BTreeSet<&'static str> {
    builder.build().unwrap_err().problems().iter().map(portcullis::Problem::setting).collect()
}

#[test]
fn one_at_a_time() {
    let long = "A".repeat(43);
    let rows = [
        ("no base URL", Guard::web(ISSUER, "app", ""), "PORTCULLIS_BASE_URL"),
        ("http on a public host", Guard::web(ISSUER, "app", "http://app.example.com"), "PORTCULLIS_BASE_URL"),
        ("a name like loopback", Guard::web(ISSUER, "app", "http://localhost.example.com"), "PORTCULLIS_BASE_URL"),
        ("another scheme", Guard::web(ISSUER, "app", "ftp://app.example.com"), "PORTCULLIS_BASE_URL"),
        ("no URL", Guard::web(ISSUER, "app", "app.example.com"), "PORTCULLIS_BASE_URL"),
        ("a query", Guard::web(ISSUER, "app", "https://app.example.com/?a"), "PORTCULLIS_BASE_URL"),
        ("a fragment", Guard::web(ISSUER, "app", "https://app.example.com/#a"), "PORTCULLIS_BASE_URL"),
        ("a user", Guard::web(ISSUER, "app", "https://a:b@app.example.com"), "PORTCULLIS_BASE_URL"),
        ("no client id", Guard::web(ISSUER, "", BASE_URL), "PORTCULLIS_CLIENT_ID"),
        ("short keys", Guard::web(ISSUER, "app", BASE_URL).cookie_keys("c2hvcnQ"), "PORTCULLIS_COOKIE_KEYS"),
        ("no keys", Guard::web(ISSUER, "app", BASE_URL).cookie_keys(""), "PORTCULLIS_COOKIE_KEYS"),
        (
            "a short old key",
            Guard::web(ISSUER, "app", BASE_URL).cookie_keys(format!("{long} c2hvcnQ")),
            "PORTCULLIS_COOKIE_KEYS",
        ),
        ("no base64url", Guard::web(ISSUER, "app", BASE_URL).cookie_keys("!".repeat(43)), "PORTCULLIS_COOKIE_KEYS"),
    ];
    for (name, builder, setting) in rows {
        assert_eq!(problems(builder.client_secret("secret")), BTreeSet::from([setting]), "{name}");
    }
}

#[test]
fn all_at_once() {
    let web = Guard::web(ISSUER, "", "http://app.example.com").cookie_keys("c2hvcnQ");
    assert_eq!(
        problems(web),
        BTreeSet::from(["PORTCULLIS_BASE_URL", "PORTCULLIS_CLIENT_ID", "PORTCULLIS_COOKIE_KEYS"])
    );
    let nothing = Guard::web("", "", "").algorithms([]).cookie_keys("c2hvcnQ");
    let all = ["ISSUER", "ALGORITHMS", "BASE_URL", "CLIENT_ID", "COOKIE_KEYS"].map(|name| format!("PORTCULLIS_{name}"));
    assert_eq!(problems(nothing).into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), BTreeSet::from(all));
}

#[test]
fn a_problem_never_shows_a_secret() {
    let error = Guard::web(ISSUER, "app", BASE_URL).cookie_keys("c3dvcmRmaXNo").build().unwrap_err();
    assert!(!format!("{error} {error:?}").contains("c3dvcmRmaXNo"));
}

#[test]
fn what_is_enough() {
    for base in
        [BASE_URL, "https://app.example.com/", "http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"]
    {
        let web = Guard::web(ISSUER, "app", base).client_secret("secret").cookie_keys("A".repeat(43));
        assert!(web.build().is_ok(), "{base}");
    }
}
