//! Which metadata document is believed, and where it is looked for.

use portcullis::IssuerState;
use portcullis_testkit::{Endpoint, Fault, MetadataForm, TestProvider};
use serde_json::{Value, json};

use crate::{Fixture, TestApp};

/// A provider whose metadata has this member set so.
fn with_member(name: &'static str, value: Value) -> TestProvider {
    let provider = TestProvider::in_memory();
    provider.fault(Endpoint::Discovery, Fault::patch(move |document| document[name] = value.clone()));
    provider
}

/// 503, nothing but discovery was asked, and the status says why.
async fn assert_document_refused<A: TestApp>(what: &str, provider: TestProvider, reasons: &[&str]) {
    let fixture = Fixture::<A>::of(provider, |guard| guard);
    fixture.get_valid().await.assert_unavailable(what);
    let status = fixture.status();
    assert_eq!(status.state, IssuerState::Never, "{what}");
    assert!(reasons.contains(&status.last_error.unwrap()), "{what}: {status:?}");
    assert_eq!(fixture.asked(), 1, "{what}: the document, once");
    fixture.assert_nothing_unexpected(what);
}

pub async fn atk_d01_an_issuer_that_differs<A: TestApp>() {
    let rows = [
        ("a suffix", json!("https://provider.test.evil.example")),
        ("a prefix", json!("https://provider.tes")),
        ("case", json!("https://Provider.test")),
        ("a slash more", json!("https://provider.test/")),
        ("http", json!("http://provider.test")),
        ("a path", json!("https://provider.test/realms/other")),
        ("the default port", json!("https://provider.test:443")),
        ("empty", json!("")),
        ("null", json!(null)),
        ("a list", json!(["https://provider.test"])),
    ];
    for (what, issuer) in rows {
        assert_document_refused::<A>(what, with_member("issuer", issuer), &["issuer_mismatch"]).await;
    }
}

/// The setting counts too: a slash too many there is another issuer.
pub async fn atk_d01_a_setting_that_differs_by_a_slash<A: TestApp>() {
    for (path, setting) in [("", "https://provider.test/"), ("/realms/a/", "https://provider.test/realms/a")] {
        let provider = TestProvider::builder().issuer_path(path).in_memory();
        let fixture = Fixture::<A>::of(provider, |guard| guard.issuer(setting));
        let token = fixture.provider.token().user("alice").claim("iss", setting).mint();
        fixture.get_as("/token", &token).await.assert_unavailable(setting);
        fixture.assert_state(setting, IssuerState::Never, Some("issuer_mismatch"));
        assert_eq!(fixture.key_fetches(), 0, "{setting}");
        fixture.get_valid().await.assert_invalid_token("the provider's own tokens are of another issuer");
    }
}

fn evil_addresses() -> [String; 24] {
    let too_long = format!("https://provider.test/{}", "a".repeat(60 * 1024));
    [
        "http://provider.test/jwks",
        "http://provider.test:443/jwks",
        "file:///etc/passwd",
        "data:application/json,{}",
        "https://op@evil.example/jwks",
        "https://op:pw@provider.test/jwks",
        "http://localhost:80@evil.example/",
        "https://provider.test/jwks#fragment",
        "https://127.0.0.1/jwks",
        "https://169.254.169.254/latest/meta-data",
        "http://169.254.169.254/latest/meta-data",
        "https://[::1]/jwks",
        "https://[::ffff:127.0.0.1]/jwks",
        "https://0.0.0.0/jwks",
        "https://2130706433/jwks",
        "https://0177.0.0.1/jwks",
        "https://localhost/jwks",
        "http://localhost/jwks",
        "https://metadata.google.internal/jwks",
        "https://intranet/jwks",
        "http://provіder.test/jwks",
        "//provider.test/jwks",
        "/jwks",
        &too_long,
    ]
    .map(str::to_owned)
}

const ADDRESS_REASONS: &[&str] = &[
    "endpoint_not_https",
    "endpoint_address",
    "url_scheme",
    "url_syntax",
    "url_user",
    "url_fragment",
    "url_characters",
    "url_too_long",
];

pub async fn atk_d02_endpoints_that_no_request_may_go_to<A: TestApp>() {
    for member in ["jwks_uri", "userinfo_endpoint"] {
        for address in evil_addresses() {
            let what = format!("{member} {address:.60}");
            assert_document_refused::<A>(&what, with_member(member, json!(address)), ADDRESS_REASONS).await;
        }
    }
}

/// With an internal URL only path and query of what is announced count, so that no document leads elsewhere.
pub async fn atk_d02_an_internal_url_is_the_only_place<A: TestApp>() {
    for address in ["http://169.254.169.254/jwks", "https://evil.example/jwks", "http://[::1]:8080/jwks"] {
        let provider = with_member("jwks_uri", json!(address));
        let fixture = Fixture::<A>::of(provider, |guard| guard.internal_url("https://provider.test"));
        fixture.get_valid().await.assert_ok(address);
        assert_eq!(fixture.key_fetches(), 1, "{address}: asked at the internal URL");
        fixture.assert_nothing_unexpected(address);
    }
}

pub async fn atk_d04_redirects_are_not_followed<A: TestApp>() {
    let targets = ["/jwks", "https://provider.test/jwks", "https://evil.example/jwks", "http://169.254.169.254/"];
    for status in [301, 302, 303, 307, 308] {
        for target in targets {
            for endpoint in [Endpoint::Discovery, Endpoint::Jwks, Endpoint::UserInfo] {
                let what = format!("{endpoint:?} answers {status} to {target}");
                let fixture = Fixture::<A>::new();
                fixture.provider.fault(endpoint, Fault::redirect(target).and_status(status));
                let token = fixture.provider.token_for("alice");
                fixture.get_as("/user", &token).await.assert_unavailable(&what);
                assert_eq!(fixture.provider.requests(endpoint), 1, "{what}");
                assert!(fixture.asked() <= 3, "{what}: {}", fixture.asked());
                fixture.assert_nothing_unexpected(&what);
                if endpoint != Endpoint::UserInfo {
                    fixture.assert_state(&what, IssuerState::Never, Some("redirect"));
                }
            }
        }
    }
}

/// A document that cannot be used as a whole is not used in part: the old one stays.
pub async fn atk_d06_a_bad_refresh_of_the_metadata_changes_nothing<A: TestApp>() {
    type Change = fn(&mut Value);
    let rows: [(&str, Change, &str); 6] = [
        ("jwks_uri removed", |document| document["jwks_uri"] = Value::Null, "no_jwks_uri"),
        ("jwks_uri is a number", |document| document["jwks_uri"] = json!(7), "endpoint_not_text"),
        ("another issuer", |document| document["issuer"] = json!("https://other.example"), "issuer_mismatch"),
        ("userinfo is a list", |document| document["userinfo_endpoint"] = json!([]), "endpoint_not_text"),
        (
            "one endpoint moved, another evil",
            |document| {
                document["jwks_uri"] = json!("https://provider.test/moved");
                document["userinfo_endpoint"] = json!("https://127.0.0.1/userinfo");
            },
            "endpoint_address",
        ),
        ("not an object", |document| *document = json!([1]), "not_a_json_object"),
    ];
    for (what, change, reason) in rows {
        let fixture = Fixture::<A>::warm().await;
        fixture.provider.fault(Endpoint::Discovery, Fault::patch(change));
        fixture.after(601);
        fixture.get_as("/user", &fixture.provider.token_for("alice")).await.assert_ok(what);
        fixture.assert_state(what, IssuerState::Fresh, Some(reason));
        assert_eq!((fixture.key_fetches(), fixture.provider.requests(Endpoint::UserInfo)), (2, 1), "{what}");
        fixture.assert_nothing_unexpected(what);
        fixture.provider.heal(Endpoint::Discovery);
        fixture.after(10);
        fixture.get_as("/user/fresh", &fixture.provider.token_for("alice")).await.assert_ok("healed");
        fixture.assert_state("healed", IssuerState::Fresh, None);
    }
}

/// The old metadata is served for an hour past its ten minutes, not for ever.
pub async fn atk_d06_bad_metadata_ends_in_503<A: TestApp>() {
    let fixture = Fixture::<A>::warm().await;
    fixture.provider.fault(Endpoint::Discovery, Fault::patch(|document| document["jwks_uri"] = Value::Null));
    fixture.after(600 + 3600);
    fixture.get_valid().await.assert_unavailable("an hour later");
    fixture.assert_state("an hour later", IssuerState::Unavailable, Some("no_jwks_uri"));
    assert_eq!(fixture.key_fetches(), 1);
}

/// Endpoints that change are followed after a refresh, all together.
pub async fn atk_d06_changed_endpoints_are_followed<A: TestApp>() {
    let fixture = Fixture::<A>::warm().await;
    let moved = |document: &mut Value| document["jwks_uri"] = json!("https://provider.test/moved");
    fixture.provider.fault(Endpoint::Discovery, Fault::patch(moved));
    fixture.after(601);
    fixture.get_valid().await.assert_ok("nobody serves the new place yet: the last good keys");
    let asked: Vec<_> = fixture.provider.unexpected().into_iter().map(|request| request.path).collect();
    assert_eq!(asked, ["/moved"]);
    assert_eq!(fixture.key_fetches(), 1, "the old place is not asked any longer");
    fixture.assert_state("moved", IssuerState::Stale, Some("client_error_status"));
}

pub async fn a_document_needs_little_and_may_say_more<A: TestApp>() {
    let minimal = json!({"issuer": "https://provider.test", "jwks_uri": "https://provider.test/jwks"});
    let mut odd = minimal.clone();
    odd["response_types_supported"] = json!("code");
    odd["scopes_supported"] = json!({"openid": 1});
    odd["userinfo_endpoint"] = json!("");
    odd["x_unknown"] = json!([{"deep": [1]}]);
    for (what, document) in [("two members", minimal), ("others of any type", odd)] {
        let fixture = Fixture::<A>::new();
        fixture.provider.fault(Endpoint::Discovery, Fault::json(&document));
        fixture.get_valid().await.assert_ok(what);
        let user = fixture.get_as("/user", &fixture.provider.token_for("alice")).await;
        user.assert_unavailable("what is absent is missed when it is needed");
        assert_eq!(fixture.provider.requests(Endpoint::UserInfo), 0, "{what}");
    }
}

/// `openid-configuration` first; the RFC 8414 places, inserted then appended, only after 404 and 405.
pub async fn the_order_of_the_well_known_places<A: TestApp>() {
    const INSERTED: &str = "/.well-known/oauth-authorization-server/realms/a";
    const APPENDED: &str = "/realms/a/.well-known/oauth-authorization-server";
    let rows: [(u16, MetadataForm, &[&str], bool); 7] = [
        (200, MetadataForm::Both, &[], true),
        (404, MetadataForm::Inserted, &[INSERTED], true),
        (405, MetadataForm::Both, &[INSERTED], true),
        (404, MetadataForm::Appended, &[INSERTED, APPENDED], true),
        (404, MetadataForm::Absent, &[INSERTED, APPENDED], false),
        (410, MetadataForm::Both, &[], false),
        (403, MetadataForm::Both, &[], false),
    ];
    for (status, form, places, found) in rows {
        let builder = TestProvider::builder().issuer_path("/realms/a").authorization_server_metadata(form);
        let fixture = Fixture::<A>::of(builder.in_memory(), |guard| guard);
        if status != 200 {
            fixture.provider.fault(Endpoint::Discovery, Fault::status(status));
        }
        let answer = fixture.get_valid().await;
        let what = format!("{status}, {form:?}");
        if found {
            answer.assert_ok(&what)
        } else {
            answer.assert_unavailable(&what)
        }
        let asked = fixture.provider.received(Endpoint::AuthorizationServerMetadata);
        let asked: Vec<_> = asked.iter().map(|request| request.path.as_str()).collect();
        assert_eq!(asked, places, "{what}");
        assert_eq!(fixture.provider.requests(Endpoint::Discovery), 1, "{what}");
        fixture.assert_nothing_unexpected(&what);
    }
}

/// What is broken is not a reason to look elsewhere: another document could be somebody else's.
pub async fn a_broken_document_is_not_looked_for_elsewhere<A: TestApp>() {
    tokio::time::pause();
    let rows = [
        ("a page", Fault::html(), 1),
        ("empty", Fault::empty(), 1),
        ("truncated", Fault::truncated(), 1),
        ("500", Fault::status(500), 2),
        ("closed", Fault::close(), 2),
    ];
    for (what, fault, tries) in rows {
        let provider = TestProvider::builder().authorization_server_metadata(MetadataForm::Both).in_memory();
        let fixture = Fixture::<A>::of(provider, |guard| guard);
        fixture.provider.fault(Endpoint::Discovery, fault);
        fixture.get_valid().await.assert_unavailable(what);
        assert_eq!(fixture.provider.requests(Endpoint::Discovery), tries, "{what}");
        assert_eq!(fixture.provider.requests(Endpoint::AuthorizationServerMetadata), 0, "{what}");
    }
}

pub async fn issuers_with_a_path_and_with_a_slash<A: TestApp>() {
    for path in ["", "/", "/realms/a", "/realms/a/", "/a/b/c"] {
        let fixture = Fixture::<A>::of(TestProvider::builder().issuer_path(path).in_memory(), |guard| guard);
        fixture.get_valid().await.assert_ok(path);
        let expected = format!("{}/.well-known/openid-configuration", path.trim_end_matches('/'));
        assert_eq!(fixture.provider.received(Endpoint::Discovery)[0].path, expected);
        fixture.assert_nothing_unexpected(path);
    }
}

/// The provider is known by one name and reached under another: every request goes there and names the first.
pub async fn a_split_horizon<A: TestApp>() {
    let provider = TestProvider::builder().issuer("https://id.example.com").in_memory();
    let announced = |document: &mut Value| {
        for (member, path) in [("jwks_uri", "jwks"), ("userinfo_endpoint", "userinfo"), ("token_endpoint", "token")] {
            document[member] = json!(format!("https://id.example.com/{path}"));
        }
    };
    provider.fault(Endpoint::Discovery, Fault::patch(announced));
    let fixture =
        Fixture::<A>::of(provider, |guard| guard.internal_url("https://provider.test").internal_host("id.example.com"));
    fixture.get_as("/user", &fixture.provider.token_for("alice")).await.assert_ok("through the internal URL");
    for endpoint in [Endpoint::Discovery, Endpoint::Jwks, Endpoint::UserInfo] {
        let received = fixture.provider.received(endpoint);
        assert_eq!(received.len(), 1, "{endpoint:?}");
        assert_eq!(received[0].header("host"), Some("id.example.com"), "{endpoint:?}");
        assert_eq!(received[0].header("accept"), Some("application/json"), "{endpoint:?}");
        assert_eq!(received[0].header("accept-encoding"), None, "{endpoint:?}");
    }
    fixture.assert_nothing_unexpected("none went to the announced host");
}
