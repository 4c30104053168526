//! What the environment says, and what is said about it.

use std::collections::HashMap;
use std::io::ErrorKind;

use super::*;

/// Variables and files of one test.
#[derive(Default)]
struct Fake {
    variables: HashMap<String, OsString>,
    files: HashMap<OsString, String>,
}

impl Environment for Fake {
    fn variable(&self, name: &str) -> Option<OsString> {
        self.variables.get(name).cloned()
    }

    fn file(&self, path: &OsString) -> std::io::Result<String> {
        self.files.get(path).cloned().ok_or_else(|| ErrorKind::NotFound.into())
    }
}

/// Two settings that are enough.
const ENOUGH: [(&str, &str); 2] =
    [("PORTCULLIS_ISSUER", "https://id.example.com"), ("PORTCULLIS_AUDIENCE", "https://api.example.com")];

/// The environment that is enough, with these variables beside or instead.
fn with(variables: &[(&str, &str)]) -> Fake {
    let mut fake = Fake::default();
    for (name, value) in ENOUGH.iter().chain(variables) {
        fake.variables.insert((*name).to_owned(), value.into());
    }
    fake
}

fn with_file(mut fake: Fake, path: &str, text: &str) -> Fake {
    fake.files.insert(path.into(), text.to_owned());
    fake
}

fn problems(fake: &Fake) -> Vec<Problem> {
    match read(fake) {
        Ok(builder) => builder.build().err().map(|error| error.problems().to_vec()).unwrap_or_default(),
        Err(error) => error.problems().to_vec(),
    }
}

/// Exactly one problem: with this setting, and this in its message.
#[track_caller]
fn assert_problem(fake: &Fake, setting: &str, hint: &str) {
    let problems = problems(fake);
    assert_eq!(problems.len(), 1, "{setting}: {problems:?}");
    assert_eq!(problems[0].setting(), setting);
    assert!(problems[0].message().contains(hint), "{setting}: {:?} lacks {hint:?}", problems[0].message());
}

#[test]
fn two_settings_are_enough() {
    let guard = read(&with(&[])).unwrap().build().unwrap();
    assert!(format!("{guard:?}").contains("https://api.example.com"));
}

#[test]
fn every_setting_arrives_at_its_builder_method() {
    let builder = read(&with(&[
        ("PORTCULLIS_CLIENT_ID", "castles"),
        ("PORTCULLIS_PROFILE", "fief"),
        ("PORTCULLIS_ACR_VALUES", " silver  gold "),
        ("PORTCULLIS_ALGORITHMS", "RS256 ES256"),
        ("PORTCULLIS_LEEWAY", "300"),
        ("PORTCULLIS_TOKENS", "jwt"),
        ("PORTCULLIS_INTERNAL_URL", "http://fief:8000"),
        ("PORTCULLIS_INTERNAL_HOST", "id.example.com:8443"),
    ]))
    .unwrap();
    assert_eq!(builder.provider.client_id.as_deref(), Some("castles"));
    assert_eq!(builder.provider.profile, Some(Profile::FIEF));
    assert_eq!(builder.acr_values.as_ref().map(|levels| format!("{levels:?}").contains("silver")), Some(true));
    assert_eq!(builder.algorithms.as_ref().map(Vec::len), Some(2));
    assert_eq!(builder.provider.leeway, Some(Duration::from_secs(300)));
    assert_eq!(builder.provider.internal_url.as_deref(), Some("http://fief:8000"));
    assert_eq!(builder.provider.internal_host.as_deref(), Some("id.example.com:8443"));
    assert!(builder.build().is_ok());
}

#[test]
fn a_value_comes_from_the_variable_or_from_its_file_and_is_trimmed() {
    let direct = with(&[("PORTCULLIS_ISSUER", "  https://a.example\n")]);
    assert_eq!(read(&direct).unwrap().provider.issuer.as_deref(), Some("https://a.example"));
    let rows = [("", "https://b.example\n"), ("", "\r\n https://b.example \t")];
    for (direct, text) in rows {
        let fake = with(&[("PORTCULLIS_ISSUER", direct), ("PORTCULLIS_ISSUER_FILE", "/run/issuer")]);
        let builder = read(&with_file(fake, "/run/issuer", text)).unwrap();
        assert_eq!(builder.provider.issuer.as_deref(), Some("https://b.example"), "{text:?}");
    }
}

#[test]
fn an_empty_value_counts_as_unset() {
    let empty = [
        ("PORTCULLIS_PROFILE", ""),
        ("PORTCULLIS_LEEWAY", ""),
        ("PORTCULLIS_CA", ""),
        ("PORTCULLIS_CLIENT_SECRET", ""),
        ("PORTCULLIS_ALGORITHMS", "  "),
        ("PORTCULLIS_INTERNAL_URL_FILE", ""),
    ];
    assert_eq!(problems(&with(&empty)), []);
    for unset in ["", "  "] {
        let hint = "is not set: use the `issuer` of the provider's discovery document";
        assert_problem(&with(&[("PORTCULLIS_ISSUER", unset)]), "PORTCULLIS_ISSUER", hint);
    }
    let fake = with(&[("PORTCULLIS_AUDIENCE", ""), ("PORTCULLIS_AUDIENCE_FILE", "/run/audience")]);
    assert_problem(&with_file(fake, "/run/audience", " \n"), "PORTCULLIS_AUDIENCE", "is not set");
}

/// One row per rule: what is set, and what must be said about it.
#[test]
fn each_problem_names_its_setting_and_what_to_set() {
    let rows: [(&str, &str, &str); 22] = [
        ("PORTCULLIS_ISSUER", "id.example.com", "use an https URL"),
        ("PORTCULLIS_ISSUER", "ftp://id.example.com", "use an https URL"),
        ("PORTCULLIS_ISSUER", "https://id.example.com/?tenant=1", "has a query"),
        ("PORTCULLIS_ISSUER", "https://id.example.com/#top", "use an https URL"),
        ("PORTCULLIS_PROFILE", "keyclok", "use one of generic, fief"),
        ("PORTCULLIS_PROFILE", "Fief", "use one of generic, fief"),
        ("PORTCULLIS_ACR_VALUES", "0 \"1\"", "printable ASCII"),
        ("PORTCULLIS_ALGORITHMS", "HS256", "every verifier could also forge"),
        ("PORTCULLIS_ALGORITHMS", "RS256 HS512", "`HS512`"),
        ("PORTCULLIS_ALGORITHMS", "none", "use some of"),
        ("PORTCULLIS_ALGORITHMS", "rs256", "use some of"),
        ("PORTCULLIS_ALGORITHMS", "RS256,ES256", "separated by spaces"),
        ("PORTCULLIS_LEEWAY", "301", "more than 300"),
        ("PORTCULLIS_LEEWAY", "-1", "use 0 to 300"),
        ("PORTCULLIS_LEEWAY", "1m", "use 0 to 300"),
        ("PORTCULLIS_LEEWAY", "99999999999999999999", "use 0 to 300"),
        ("PORTCULLIS_TOKENS", "introspection", "use `jwt`"),
        ("PORTCULLIS_TOKENS", "opaque", "use `jwt`"),
        ("PORTCULLIS_INTERNAL_URL", "fief:8000", "use an http or https URL"),
        ("PORTCULLIS_INTERNAL_HOST", "http://id.example.com", "use a name and perhaps a port"),
        ("PORTCULLIS_INTERNAL_HOST", "op@id.example.com", "use a name and perhaps a port"),
        ("PORTCULLIS_CA", "/etc/nowhere.pem", "neither PEM text nor a readable PEM file"),
    ];
    for (name, value, hint) in rows {
        assert_problem(&with(&[(name, value)]), name, hint);
    }
}

#[test]
#[cfg(unix)]
fn a_value_is_utf8_text() {
    use std::os::unix::ffi::OsStringExt;

    let mut fake = with(&[]);
    fake.variables.insert("PORTCULLIS_AUDIENCE".to_owned(), OsString::from_vec(vec![0xff]));
    assert_eq!(problems(&fake)[0].message(), "is not UTF-8 text");
}

#[test]
fn a_setting_twice_or_a_file_that_is_not_there() {
    let both = with(&[("PORTCULLIS_ISSUER_FILE", "/run/issuer")]);
    assert_problem(&with_file(both, "/run/issuer", "https://b.example"), "PORTCULLIS_ISSUER", "keep one of them");
    let missing = with(&[("PORTCULLIS_LEEWAY_FILE", "/run/nowhere")]);
    assert_problem(&missing, "PORTCULLIS_LEEWAY", "the file of PORTCULLIS_LEEWAY_FILE cannot be read");
}

#[test]
fn an_api_refuses_the_settings_of_a_web_application_by_name() {
    for name in settings::WEB_ONLY {
        assert_problem(&with(&[(name, "anything")]), name, "is for a web application");
        let fake = with(&[(&format!("{name}_FILE"), "/run/value")]);
        assert_problem(&with_file(fake, "/run/value", "anything"), name, "unset it");
    }
}

#[test]
fn the_audience_is_the_client_id_where_the_profile_says_so() {
    let fief = [("PORTCULLIS_AUDIENCE", ""), ("PORTCULLIS_PROFILE", "fief")];
    assert_problem(&with(&fief), "PORTCULLIS_AUDIENCE", "or set PORTCULLIS_CLIENT_ID");
    let named = [fief[0], fief[1], ("PORTCULLIS_CLIENT_ID", "castles")];
    assert_eq!(problems(&with(&named)), []);
    let generic = [("PORTCULLIS_AUDIENCE", ""), ("PORTCULLIS_CLIENT_ID", "castles")];
    assert_problem(&with(&generic), "PORTCULLIS_AUDIENCE", "such as the API's URL");
}

#[test]
#[cfg(feature = "reqwest")]
fn certificates_are_pem_text_or_a_path() {
    let pem = &rcgen::generate_simple_self_signed(["id.example.com".to_owned()]).unwrap().cert.pem();
    let rows = [
        ("text", with(&[("PORTCULLIS_CA", pem)])),
        ("a path", with_file(with(&[("PORTCULLIS_CA", "/etc/ca.pem")]), "/etc/ca.pem", pem)),
        ("a file of text", with_file(with(&[("PORTCULLIS_CA_FILE", "/etc/ca.pem")]), "/etc/ca.pem", pem)),
    ];
    for (what, fake) in rows {
        assert_eq!(problems(&fake), [], "{what}");
        assert_eq!(
            read(&fake).unwrap().provider.ca.map(|pem| pem.trim_ascii().to_vec()).as_deref(),
            Some(pem.trim().as_bytes())
        );
    }
    let no_certificate = "-----BEGIN PRIVATE KEY-----\nbm9ib2R5J3M=\n-----END PRIVATE KEY-----\n";
    assert_problem(&with(&[("PORTCULLIS_CA", no_certificate)]), "PORTCULLIS_CA", "use PEM certificates");
}

#[test]
fn all_problems_at_once_in_the_environment_and_in_code() {
    let fake = with(&[
        ("PORTCULLIS_ISSUER", "nonsense"),
        ("PORTCULLIS_AUDIENCE", ""),
        ("PORTCULLIS_PROFILE", "nonsense"),
        ("PORTCULLIS_ALGORITHMS", "HS256"),
        ("PORTCULLIS_LEEWAY", "301"),
        ("PORTCULLIS_TOKENS", "nonsense"),
        ("PORTCULLIS_INTERNAL_URL", "nonsense"),
        ("PORTCULLIS_COOKIE_KEYS", "anything"),
    ]);
    let error = read(&fake).unwrap_err();
    let mut named: Vec<_> = error.problems().iter().map(Problem::setting).collect();
    named.sort_unstable();
    let mut all: Vec<_> = fake.variables.keys().map(String::as_str).collect();
    all.sort_unstable();
    assert_eq!(named, all, "each of them, once");
    assert_eq!(format!("{error}").lines().count(), 1 + all.len(), "a line each");

    let in_code = GuardBuilder::default().leeway(Duration::from_secs(301)).algorithms([]).internal_url("x").build();
    let error = in_code.unwrap_err();
    let named: Vec<_> = error.problems().iter().map(Problem::setting).collect();
    let expected = ["ISSUER", "AUDIENCE", "ALGORITHMS", "LEEWAY", "INTERNAL_URL"];
    assert_eq!(named, expected.map(|name| format!("PORTCULLIS_{name}")));
}

/// A start-up message ends up in a log: no value that may be secret stands in it.
#[test]
fn no_secret_stands_in_a_message() {
    const CANARY: &str = "canary-7f3a";
    for name in settings::WEB_ONLY {
        let error = read(&with(&[(name, CANARY)])).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(CANARY), "{name}");
        let file = format!("{name}_FILE");
        let both = with_file(with(&[(name, CANARY), (&file, "/run/secret")]), "/run/secret", CANARY);
        assert!(!format!("{}", read(&both).unwrap_err()).contains(CANARY), "{name} twice");
    }
    let with_password = format!("https://op:{CANARY}@id.example.com");
    let key = format!("-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----");
    let rows = [
        ("PORTCULLIS_ISSUER", with_password.as_str()),
        ("PORTCULLIS_INTERNAL_URL", &with_password),
        ("PORTCULLIS_INTERNAL_HOST", &with_password),
        ("PORTCULLIS_CA", &key),
    ];
    for (name, value) in rows {
        let problems = problems(&with(&[(name, value)]));
        assert_eq!(problems.len(), 1, "{name}");
        assert!(!format!("{problems:?}").contains(CANARY), "{name}");
    }
}

#[test]
fn the_response_mode_of_a_web_application() {
    let web = |mode: &str| {
        let settings = [
            ("PORTCULLIS_CLIENT_ID", "castles"),
            ("PORTCULLIS_BASE_URL", "https://castles.example"),
            ("PORTCULLIS_RESPONSE_MODE", mode),
        ];
        read_web(&with(&settings))
    };
    for (text, mode) in
        [("", ResponseMode::Query), ("query", ResponseMode::Query), ("form_post", ResponseMode::FormPost)]
    {
        let builder = web(text).unwrap();
        assert_eq!(builder.response_mode, mode, "{text}");
        assert!(builder.build().is_ok());
    }
    for text in ["fragment", "jwt", "FORM_POST", "form post"] {
        let error = web(text).unwrap_err();
        let [problem] = error.problems() else { panic!("{error}") };
        assert_eq!(problem.setting(), "PORTCULLIS_RESPONSE_MODE");
        assert_eq!(problem.message(), format!("`{text}` is no response mode: use `query` or `form_post`"));
    }
}
