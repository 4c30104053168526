use std::fs;

use super::*;
use crate::test_support::shared_folder;

/// Whether a value is refused, or leads a browser nowhere but to the application.
fn is_harmless(value: &str) -> bool {
    let Some(path) = local_path(value) else { return true };
    let stays = |base: &str| {
        let base = Url::parse(base).unwrap();
        base.join(path).is_ok_and(|resolved| resolved.origin() == base.origin() && resolved.username().is_empty())
    };
    path == value
        && stays("https://app.example/")
        && stays("https://app.example/auth/callback?code=a")
        && stays("http://localhost:8080/auth/callback")
        && Url::parse(&format!("https://app.example{path}")).is_ok_and(|url| url.host_str() == Some("app.example"))
        && local_path(path) == Some(path)
        && path.bytes().all(|byte| byte.is_ascii_graphic())
}

#[test]
fn local_paths_are_taken_as_they_are() {
    let longest = format!("/{}", "a".repeat(511));
    for path in [
        "/",
        "/a",
        "/a/",
        "/a/b.html",
        "/a//b",
        "/a?b=c&d=e",
        "/?a",
        "/a?next=https://other.example/",
        "/a?b=%2F%2Fc",
        "/a?b=%0D%0A",
        "/caf%C3%A9",
        "/a%20b",
        "/a%2Fb",
        "/a@b",
        "/100%25",
        "/~user",
        "/a:b",
        "/a?b={c}|d",
        "/%ff",
        &longest,
    ] {
        assert_eq!(local_path(path), Some(path), "{path}");
    }
}

#[test]
fn atk_r01_what_leaves_or_may_leave_the_origin_is_refused() {
    for value in [
        "",
        " ",
        "a",
        "//evil",
        "/\\evil",
        "/\t/evil",
        "/\n\\evil",
        "\\/\\/evil",
        "\\\\evil",
        "/./\\evil",
        "/%2f%2fevil",
        "/%2Fevil",
        "/%5cevil",
        "/%5C/evil",
        "https:evil",
        "https:/evil",
        "///evil",
        "////",
        "/@evil",
        "/%40evil",
        "javascript:alert(1)",
        "data:text/html,a",
        "/a\r\nSet-Cookie: a=b",
        "/a\r",
        "/a\n",
        "/a\0",
        "/\0/evil",
        "/a\u{7f}",
        "/\u{2044}evil",
        "/\u{ff0f}evil",
        "\u{ff0f}/evil",
        "/caf\u{e9}",
        "/\u{a0}/evil",
        "/\u{2028}",
        "http://good@evil",
        "good.evil",
        "good:3838",
        " /a",
        "/a ",
        "/a b",
        "\t/a",
        "/ /evil",
        "/%20/evil",
        "/%09/evil",
        "/%0a/evil",
        "/%0d%0aSet-Cookie:a=b",
        "/%00/evil",
        "/a%00",
        "/a%0d%0ab",
        "/%c2%a0/evil",
        "/%e3%80%80/evil",
        "/.//evil",
        "/..//evil",
        "/a/..//evil",
        "/%2e//evil",
        "/%2e%2e//evil",
        "/a/%2e%2e//evil",
        "/%2e%2f%2fevil",
        "/.%2f/evil",
        "/a/..%2f%2fevil",
        "/%2e/%2fevil",
        "/a/../b",
        "/a/./b",
        "/a\\b",
        "/a?b\\c",
        "/#",
        "/a#b",
        "/#//evil",
        "/a?b#@evil",
        "?a=b",
        "#a",
        "/<script>",
        "/a?\"><script>",
        "/a?b='c'",
    ] {
        assert_eq!(local_path(value), None, "{value:?}");
    }
    assert_eq!(local_path(&format!("/{}", "a".repeat(512))), None, "513 bytes");
}

#[test]
fn atk_r02_no_line_of_the_open_redirect_corpus_leaves_the_origin() {
    let Some(shared) = shared_folder() else { return };
    let corpus = fs::read_to_string(shared.join("vectors/open-redirects/openredirects.txt")).unwrap();
    let lines: Vec<&str> = corpus.lines().collect();
    assert_eq!(lines.len(), 559, "no line is left out");
    let mut taken = 0;
    for line in lines {
        let decoded = percent_decoded(line);
        for value in [line, line.trim(), &decoded, &percent_decoded(&decoded)] {
            taken += usize::from(local_path(value).is_some());
            assert!(is_harmless(value), "{value:?}");
            assert!(is_harmless(&format!("/{value}")), "/{value:?}");
        }
    }
    eprintln!("open redirects: 559 lines, {taken} values taken as local paths");
}

#[test]
fn atk_r03_no_absolute_address_is_taken_not_even_our_own() {
    for host in ["example.com", "evil-example.com", "example.com.evil", "example.com@evil", "portcullis.invalid"] {
        for value in [format!("https://{host}"), format!("https://{host}/a"), format!("//{host}/a"), host.to_owned()] {
            assert_eq!(local_path(&value), None, "{value}");
        }
    }
    assert_eq!(local_path(".evil/a"), None, "would lengthen the host where somebody concatenates");
    assert_eq!(local_path(":3838/a"), None);
}

#[test]
fn atk_r04_once_taken_it_is_taken_again_and_needs_no_second_look_at_what_it_decodes_to() {
    for path in ["/a", "/a?b=c%2Fd", "/a%2525"] {
        assert_eq!(local_path(path).and_then(local_path), Some(path));
    }
    // Decoded once more than it should be, each of these leaves the origin.
    for value in ["/%2fevil", "/%5cevil", "/%09%2fevil", "/%2e%2e%2f%2fevil", "/%2E/%5Cevil"] {
        assert_eq!(local_path(value), None, "{value}");
    }
    // Decoded once more, this is still a path.
    assert_eq!(local_path("/%252fevil"), Some("/%252fevil"));
    assert!(is_harmless(&percent_decoded("/%252fevil")));
}

/// SplitMix64: the same values on each run.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[test]
fn atk_r01_r04_random_values_never_leave_the_origin() {
    const PARTS: [&str; 34] = [
        "/",
        "/",
        "\\",
        ".",
        "..",
        "%2f",
        "%2F",
        "%5c",
        "%2e",
        "%09",
        "%20",
        "%25",
        "%",
        "%4",
        "%40",
        "@",
        ":",
        "?",
        "#",
        "&",
        "=",
        "a",
        "evil.example",
        "https:",
        "javascript:",
        "\t",
        "\n",
        "\r",
        " ",
        "\0",
        "\u{a0}",
        "\u{ff0f}",
        "\u{2044}",
        "é",
    ];
    let mut state = 1;
    let mut taken = 0;
    for _ in 0..60_000 {
        let parts = next(&mut state) % 9;
        let pick = |state: &mut u64| PARTS[usize::try_from(next(state)).unwrap() % PARTS.len()];
        let rest: String = (0..parts).map(|_| pick(&mut state)).collect();
        let path = format!("/{rest}");
        for value in [&rest, &path] {
            taken += usize::from(local_path(value).is_some());
            assert!(is_harmless(value), "{value:?}");
            if local_path(value).is_some() {
                let decoded = percent_decoded(value);
                let base = Url::parse("https://app.example/").unwrap();
                assert!(base.join(&decoded).is_ok_and(|url| url.origin() == base.origin()), "{value:?} decoded");
            }
        }
    }
    assert!(taken > 1000, "{taken} is too few to prove anything");
}
