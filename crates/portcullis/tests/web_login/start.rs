//! What `/auth/login` takes, and what it passes on.

use portcullis::WebRoute;
use portcullis::transport::HttpErrorKind;
use portcullis_testkit::{Endpoint, Fault};

use crate::answer::{is_page, is_redirect};
use crate::app::{App, Browser, get, parameter, parameters, set_cookies};

fn names(url: &str) -> Vec<String> {
    let mut names: Vec<_> = parameters(url).into_iter().map(|(name, _)| name).collect();
    names.sort();
    names
}

#[tokio::test]
async fn atk_f11_nothing_but_its_own_parameters_is_passed_on() {
    let (app, browser) = (App::new(), Browser::default());
    let plain = app.begin(&browser, "/auth/login").await;
    let foreign = "prompt=none&redirect_uri=https://evil.example/&client_id=evil&scope=admin&state=evil&nonce=evil\
                   &response_mode=fragment&response_type=token&request=evil&request_uri=https://evil.example/\
                   &claims=evil&code_challenge=evil&code_challenge_method=plain&resource=evil&display=evil";
    let url = app.begin(&browser, &format!("/auth/login?{foreign}&{foreign}")).await;
    assert_eq!(names(&url), names(&plain));
    assert!(!url.contains("evil") && !url.contains("plain"), "{url}");
    for name in ["client_id", "redirect_uri", "scope", "response_type", "code_challenge_method"] {
        assert_eq!(parameter(&url, name), parameter(&plain, name), "{name}");
    }
}

#[tokio::test]
async fn atk_f11_its_own_are_passed_on() {
    let (app, browser) = (App::new(), Browser::default());
    let url = app.begin(&browser, "/auth/login?acr_values=1+0&max_age=300&login_hint=alice%26prompt%3Dnone").await;
    assert_eq!(parameter(&url, "acr_values").as_deref(), Some("1 0"));
    assert_eq!(parameter(&url, "max_age").as_deref(), Some("300"));
    assert_eq!(parameter(&url, "login_hint").as_deref(), Some("alice&prompt=none"));
    assert_eq!(parameter(&url, "prompt"), None);
}

#[tokio::test]
async fn atk_f11_a_doubled_parameter_is_refused() {
    for name in ["return_to", "acr_values", "max_age", "iss", "login_hint", "target_link_uri"] {
        let (app, browser) = (App::new(), Browser::default());
        let issuer = app.provider.issuer();
        for (first, second) in [("/a", "/b"), ("", ""), (issuer.as_str(), issuer.as_str())] {
            let login = format!("/auth/login?{name}={first}&{name}={second}");
            let response = app.visit(&browser, WebRoute::Login, get(&login)).await;
            is_page(&response, 400, &login);
            assert!(set_cookies(response.headers()).is_empty());
        }
        assert_eq!(app.provider.asked(), [], "{name}");
    }
}

#[tokio::test]
async fn atk_f14_a_login_that_a_third_party_starts() {
    let (app, browser) = (App::new(), Browser::default());
    let foreign = "/auth/login?iss=https://evil.example&login_hint=alice&target_link_uri=https://app.example.com/a";
    let response = app.visit(&browser, WebRoute::Login, get(foreign)).await;
    is_page(&response, 400, foreign);
    assert_eq!((set_cookies(response.headers()).len(), app.provider.asked().len()), (0, 0));
    let rows = [
        ("https://app.example.com/account?tab=1", "/account?tab=1"),
        ("https://app.example.com", "/"),
        ("https://evil.example/account", "/"),
        ("https://app.example.com.evil.example/a", "/"),
        ("https://app.example.com@evil.example/a", "/"),
        ("https://app.example.com:444/a", "/"),
        ("http://app.example.com/a", "/"),
        ("https://app.example.com//evil.example", "/"),
        ("//evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/account", "/"),
    ];
    for (target, expected) in rows {
        let (app, browser) = (App::new(), Browser::default());
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("iss", &app.provider.issuer())
            .append_pair("target_link_uri", target)
            .finish();
        let finished = app.log_in(&browser, &format!("/auth/login?{query}"), "alice").await;
        is_redirect(&finished, expected);
    }
}

#[tokio::test]
async fn atk_r01_return_to_stays_at_home() {
    let long = format!("/{}", "a".repeat(512));
    let rows = [
        ("/account?tab=1", "/account?tab=1"),
        ("/a%20b?c=%2F%2Fd", "/a%20b?c=%2F%2Fd"),
        ("", "/"),
        ("account", "/"),
        ("//evil.example", "/"),
        ("///evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("/%2f%2fevil.example", "/"),
        ("/%5cevil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/\r\nSet-Cookie: a=b", "/"),
        ("/@evil.example", "/"),
        ("/a/../..//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("https://app.example.com/a", "/"),
        ("javascript:alert(1)", "/"),
        ("/a#b", "/"),
        ("/é", "/"),
        (&long, "/"),
    ];
    for (value, expected) in rows {
        let (app, browser) = (App::new(), Browser::default());
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", value).finish();
        let finished = app.log_in(&browser, &format!("/auth/login?{query}"), "alice").await;
        is_redirect(&finished, expected);
    }
}

#[tokio::test]
async fn a_login_while_the_provider_is_away() {
    let rows = [
        ("503", Fault::status(503)),
        ("404", Fault::status(404)),
        ("refused", Fault::transport(HttpErrorKind::Connect)),
        ("silent", Fault::silence()),
        ("a page", Fault::html()),
    ];
    for (name, fault) in rows {
        let (app, browser) = (App::new(), Browser::default());
        app.provider.fault(Endpoint::Discovery, fault);
        let response = app.visit(&browser, WebRoute::Login, get("/auth/login?return_to=/evil")).await;
        is_page(&response, 503, name);
        assert!(set_cookies(response.headers()).is_empty(), "{name}");
        assert_eq!(app.asked(), (0, 0), "{name}");
    }
}

/// Forwarded headers and `Host` are whatever somebody wrote.
#[tokio::test]
async fn atk_m01_only_the_base_url_says_where_we_are() {
    let (app, browser) = (App::new(), Browser::default());
    let mut request = get("/auth/login");
    for name in ["host", "x-forwarded-host", "forwarded", "x-forwarded-proto", "x-forwarded-prefix"] {
        request.headers_mut().insert(name, "evil.example".parse().unwrap());
    }
    let response = app.visit(&browser, WebRoute::Login, request).await;
    let url = crate::app::location(&response);
    assert_eq!(parameter(&url, "redirect_uri").as_deref(), Some("https://app.example.com/auth/callback"));
    assert!(set_cookies(response.headers())[0].contains("; Secure; "));
}

/// A hint may be anybody's text; what is too long for one is left out.
#[tokio::test]
async fn atk_f11_odd_wishes_do_no_harm() {
    let rows = [
        ("max_age=-1", "max_age", None),
        ("max_age=evil", "max_age", None),
        ("max_age=99999999999999999999999", "max_age", None),
        ("max_age=0", "max_age", Some("0")),
        ("max_age=18446744073709551615", "state", None),
        ("acr_values=+++", "acr_values", None),
        ("login_hint=", "login_hint", None),
    ];
    for (query, name, expected) in rows {
        let (app, browser) = (App::new(), Browser::default());
        let url = app.begin(&browser, &format!("/auth/login?{query}")).await;
        if name != "state" {
            assert_eq!(parameter(&url, name).as_deref(), expected, "{query}");
        }
        let callback = app.provider.sign_in(&url, "alice").await;
        is_redirect(&app.callback(&browser, &callback).await, "/");
    }
}
