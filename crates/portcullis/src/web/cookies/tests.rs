use std::iter::once;

use super::*;

const SESSION: &str = "__Host-portcullis-session";

fn found<'r>(headers: &'r [&'r str]) -> Found<'r> {
    find(headers.iter().map(|header| header.as_bytes()), SESSION)
}

#[test]
fn names_are_host_bound_under_https_and_the_applications_own_on_loopback() {
    let secure = CookieNames::new(true, true, "a");
    assert_eq!(secure.session(), SESSION);
    assert_eq!(secure.login("x1"), "__Host-portcullis-login-x1");
    assert_eq!(secure.login_prefix(), "__Host-portcullis-login-");
    // SHA-256("a") begins with ca978112.
    let plain = CookieNames::new(false, true, "a");
    assert_eq!(plain.session(), "portcullis-session-ca9781");
    assert_eq!(plain.login("x1"), "portcullis-login-ca9781-x1");
    assert_eq!(plain.login_prefix(), "portcullis-login-ca9781-");
    assert_ne!(plain.session(), CookieNames::new(false, true, "b").session(), "cookies ignore ports");
    let below = CookieNames::new(true, false, "a");
    assert_eq!(below.session(), "__Host-portcullis-session-ca9781", "another path may be another application");
    assert_eq!(below.login_prefix(), "__Host-portcullis-login-ca9781-");
}

#[test]
fn atk_s05_attributes() {
    let hour = Some(Duration::from_secs(3600));
    let [secure, plain] = [true, false].map(|is_secure| CookieNames::new(is_secure, true, "a"));
    let rows = [
        (secure.set("n", "v", hour), "n=v; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=3600"),
        (secure.set("n", "v", None), "n=v; Path=/; Secure; HttpOnly; SameSite=Lax"),
        (secure.delete("n"), "n=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"),
        (plain.set("n", "v", hour), "n=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600"),
        (plain.delete("n"), "n=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"),
    ];
    for (header, expected) in rows {
        assert_eq!(header, expected);
        assert!(!format!("{header:?}").contains("n="), "a log shows no cookie");
    }
}

#[test]
fn atk_s05_nothing_breaks_out_of_a_name_or_value() {
    let names = CookieNames::new(true, true, "a");
    for bad in ["; Domain=evil", "\r\nSet-Cookie: a=b", "a b", "a\tb", "a,b", "a\"b", "a\\b", "a\0b", "é"] {
        assert_eq!(names.set("n", bad, None), "", "value {bad:?}");
        assert_eq!(names.set(bad, "v", None), "", "name {bad:?}");
        assert_eq!(names.delete(bad), "", "name {bad:?}");
    }
    assert_eq!(names.set("", "v", None), "");
    assert_eq!(names.set("a=b", "v", None), "");
    assert_ne!(names.set("n", "a=b", None), "");
}

#[test]
fn atk_s03_s04_which_cookie_is_ours() {
    use Found::{Absent, One, Several};
    let rows: [(&str, &[&str], Found<'_>); 38] = [
        ("no header", &[], Absent),
        ("an empty header", &[""], Absent),
        ("alone", &["__Host-portcullis-session=a"], One("a")),
        ("among others", &["x=1; __Host-portcullis-session=a; y=2"], One("a")),
        ("in the second header (RFC 9113 8.2.3)", &["x=1", "__Host-portcullis-session=a"], One("a")),
        ("without a space", &["x=1;__Host-portcullis-session=a;y=2"], One("a")),
        ("spaces and tabs", &[" x=1 ;\t __Host-portcullis-session \t= \ta\t "], One("a")),
        ("empty value", &["__Host-portcullis-session="], One("")),
        ("equals signs in the value", &["__Host-portcullis-session=a=b=="], One("a=b==")),
        ("atk_s03_twice", &["__Host-portcullis-session=a; __Host-portcullis-session=b"], Several),
        ("atk_s03_twice_the_same", &["__Host-portcullis-session=a; __Host-portcullis-session=a"], Several),
        ("atk_s03_one_of_them_empty", &["__Host-portcullis-session=; __Host-portcullis-session=a"], Several),
        (
            "atk_s03_three",
            &["__Host-portcullis-session=a;__Host-portcullis-session=b;__Host-portcullis-session=c"],
            Several,
        ),
        ("atk_s03_in_two_headers", &["__Host-portcullis-session=a", "__Host-portcullis-session=b"], Several),
        ("atk_s04_other_case", &["__host-portcullis-session=a"], Absent),
        ("atk_s04_without_the_prefix", &["portcullis-session=a"], Absent),
        ("atk_s04_longer", &["__Host-portcullis-session2=a"], Absent),
        ("atk_s04_shorter", &["__Host-portcullis-sessio=a"], Absent),
        ("atk_s04_u2000_before", &["\u{2000}__Host-portcullis-session=a"], Absent),
        (
            "atk_s04_u2000_before_does_not_count",
            &["\u{2000}__Host-portcullis-session=b; __Host-portcullis-session=a"],
            One("a"),
        ),
        ("atk_s04_u00a0_before", &["\u{a0}__Host-portcullis-session=a"], Absent),
        ("atk_s04_u0085_before", &["\u{85}__Host-portcullis-session=a"], Absent),
        ("atk_s04_u00a0_behind", &["__Host-portcullis-session\u{a0}=a"], Absent),
        ("atk_s04_vertical_tab_before", &["\u{b}__Host-portcullis-session=a"], Absent),
        ("atk_s04_form_feed_before", &["\u{c}__Host-portcullis-session=a"], Absent),
        ("atk_s04_line_break_before", &["x=1;\r\n__Host-portcullis-session=a"], Absent),
        ("atk_s04_nul_before", &["\0__Host-portcullis-session=a"], Absent),
        ("atk_s04_u00a0_stays_in_the_value", &["__Host-portcullis-session=\u{a0}a"], One("\u{a0}a")),
        ("atk_s04_version", &["$Version=1; __Host-portcullis-session=a; $Path=/"], One("a")),
        ("atk_s04_version_joined_by_comma", &["$Version=1, __Host-portcullis-session=a"], Absent),
        ("atk_s04_dollar", &["$__Host-portcullis-session=a"], Absent),
        ("atk_s04_quoted_value", &["__Host-portcullis-session=\"a\""], One("\"a\"")),
        ("atk_s04_hidden_in_quotes", &["x=\"1; __Host-portcullis-session=a\""], One("a\"")),
        ("atk_s04_quoted_name", &["\"__Host-portcullis-session\"=a"], Absent),
        ("atk_s04_nameless", &["=__Host-portcullis-session=a"], Absent),
        ("atk_s04_nameless_with_space", &["= __Host-portcullis-session=a"], Absent),
        ("atk_s04_no_equals_sign", &["__Host-portcullis-session"], Absent),
        ("atk_s04_encoded_name", &["%5F_Host-portcullis-session=a"], Absent),
    ];
    for (name, headers, expected) in rows {
        assert_eq!(found(headers), expected, "{name}");
    }
}

#[test]
fn atk_s04_a_value_that_is_no_text_is_there_and_empty() {
    let header = b"__Host-portcullis-session=\xff\xfe".as_slice();
    assert_eq!(find(once(header), SESSION), Found::One(""));
    let latin_1 = b"\xa0__Host-portcullis-session=a".as_slice();
    assert_eq!(find(once(latin_1), SESSION), Found::Absent);
    let twice = b"__Host-portcullis-session=\xff; __Host-portcullis-session=a".as_slice();
    assert_eq!(find(once(twice), SESSION), Found::Several);
}

#[test]
fn atk_s03_too_much_is_as_if_absent() {
    let ours = "__Host-portcullis-session=a";
    let many = |others: usize| format!("{ours}{}", "; x=1".repeat(others));
    let long = |bytes: usize| format!("{ours}; x={}", "y".repeat(bytes - ours.len() - 4));
    let rows = [
        ("200 cookies", vec![many(199)], true),
        ("201 cookies", vec![many(200)], false),
        ("201 cookies in two headers", vec![many(100), "x=1; ".repeat(100)], false),
        ("201 without a name", vec![format!("{ours}{}", "; x".repeat(200))], false),
        ("16 KiB", vec![long(16 * 1024)], true),
        ("16 KiB and a byte", vec![long(16 * 1024 + 1)], false),
        ("16 KiB and a byte in two headers", vec![long(16 * 1024), "x".to_owned()], false),
        ("empty cookies are none", vec![format!("{ours}{}", " ;".repeat(300))], true),
    ];
    for (name, headers, expected) in rows {
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        assert_eq!(found(&headers), if expected { Found::One("a") } else { Found::Absent }, "{name}");
        let listed = with_prefix(headers.iter().map(|header| header.as_bytes()), "__Host-");
        assert_eq!(listed.len(), usize::from(expected), "{name}");
    }
}

#[test]
fn atk_f15_s03_logins_are_listed_once_each() {
    let names = CookieNames::new(true, true, "a");
    let header = "__Host-portcullis-login-a=1; __Host-portcullis-session=s; __Host-portcullis-login-b=2; \
                  \u{a0}__Host-portcullis-login-c=3; portcullis-login-d=4; __Host-portcullis-login-a b=5; \
                  __Host-portcullis-login-b=6; =__Host-portcullis-login-e=7; __Host-portcullis-login-f; \
                  __Host-portcullis-login-\u{e9}=8; __Host-portcullis-login-b=9";
    let listed = with_prefix(once(header.as_bytes()), names.login_prefix());
    assert_eq!(listed, [("__Host-portcullis-login-a", "1"), ("__Host-portcullis-login-b", "")]);
    for (name, _) in listed {
        assert_ne!(names.delete(name), "", "what is listed can be deleted");
    }
}
