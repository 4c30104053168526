//! Bodies that somebody else has made up.

use bytes::Bytes;
use http::Request;
use portcullis::{Visit, WebRoute};

use crate::answer::{is_page, is_redirect, is_repost_page};
use crate::app::{Browser, edited};
use crate::form_post::{FORM, app, posted, to_form};

#[tokio::test]
async fn atk_x02_large_bodies_and_many_parameters() {
    let (app, browser) = (app(), Browser::default());
    let (_, form) = to_form(&app, &browser, "/auth/login", "alice").await;
    let room = 64 * 1024 - form.len() - "&padding=".len();
    let many = |count: usize| form.clone() + &"&a=b".repeat(count);
    let rows = [
        ("a megabyte", form.clone() + "&padding=" + &"a".repeat(1024 * 1024), 413),
        ("a byte too many", form.clone() + "&padding=" + &"a".repeat(room + 1), 413),
        ("10,000 parameters", many(10_000), 400),
        ("101 parameters", many(101 - 3), 400),
    ];
    for (about, body, status) in rows {
        for from in [&Browser::default(), &browser] {
            is_page(&app.post(from, &body).await, status, about);
        }
        assert_eq!((app.asked(), app.store.inserted()), ((0, 0), 0), "{about}");
    }
    assert_eq!(browser.logins().len(), 1, "the true answer may still come");
    let longest = form.clone() + "&padding=" + &"a".repeat(room);
    is_repost_page(&app.cross_post(&longest).await, "/auth/callback");
    is_redirect(&app.post(&browser, &many(100 - 3)).await, "/");
}

/// An adapter that has stopped reading.
#[tokio::test(start_paused = true)]
async fn atk_x02_a_body_that_was_not_read() {
    assert_eq!(Visit::read(std::future::pending::<Result<Bytes, ()>>()).await, None, "a body that never ends");
    assert_eq!(Visit::read(async { Err::<Bytes, _>("broken") }).await, None);
    assert_eq!(Visit::read(async { Ok::<_, ()>(Bytes::from_static(b"a")) }).await, Some(Bytes::from_static(b"a")));
    let app = app();
    let request = posted("/auth/callback", "");
    let answer = app.visit_of(WebRoute::Callback, &request).with_unread_body().serve().await;
    is_page(&answer, 413, "not read");
}

#[tokio::test]
async fn a_body_that_is_no_form() {
    let types = [None, Some("application/json"), Some("multipart/form-data"), Some("text/plain"), Some("evil\tevil")];
    for media_type in types {
        let (app, browser) = (app(), Browser::default());
        let (_, form) = to_form(&app, &browser, "/auth/login", "alice").await;
        let mut request = Request::post("/auth/callback").body(Bytes::from(form)).unwrap();
        if let Some(media_type) = media_type {
            request.headers_mut().insert("content-type", media_type.parse().unwrap());
        }
        is_page(&app.visit(&browser, WebRoute::Callback, request).await, 400, media_type.unwrap_or("none"));
        assert_eq!((app.asked(), app.store.inserted()), ((0, 0), 0));
    }
    let (app, browser) = (app(), Browser::default());
    let (_, form) = to_form(&app, &browser, "/auth/login", "alice").await;
    let mut request = posted("/auth/callback", &form);
    request.headers_mut().insert("content-type", format!("{FORM}; charset=UTF-8").parse().unwrap());
    is_redirect(&app.visit(&browser, WebRoute::Callback, request).await, "/");
}

/// Whatever is posted comes back as the text of a field, and goes out again as it came in.
#[tokio::test]
async fn atk_x05_a_form_is_shown_as_text_only() {
    let values = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onfocus='alert(1)' autofocus='",
        "</form><form action=https://evil.example><button>",
        "javascript:alert(1)",
        "&quot;&#39;&lt;&amp;lt;",
        "${alert(1)}{{7*7}}",
        "é\u{202e}\u{0}\u{1b}[31m",
        "submit",
    ];
    for value in values {
        let app = app();
        let form = edited("https://a.example/?", |all| {
            all.extend([("state".to_owned(), "unknown".to_owned()), (value.to_owned(), "a".to_owned())]);
            all.extend(["code", "error_description", "submit"].map(|name| (name.to_owned(), value.to_owned())));
        });
        let page = app.cross_post(form.split_once('?').unwrap().1).await;
        let again = is_repost_page(&page, "/auth/callback");
        let harmless = |text: &str| text.replace(char::is_control, " ");
        for (name, posted) in url::form_urlencoded::parse(again.as_bytes()) {
            let expected = [harmless(value), "unknown".to_owned(), "a".to_owned(), "1".to_owned()];
            assert!(expected.contains(&posted.clone().into_owned()), "{name}: {posted}");
        }
        is_page(&app.cross_post(&again).await, 400, value);
    }
}

#[tokio::test]
async fn atk_x05_no_two_pages_have_the_same_nonce() {
    let app = app();
    let mut policies = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let page = app.cross_post("state=a&code=b").await;
        is_repost_page(&page, "/auth/callback");
        assert!(policies.insert(page.headers()["content-security-policy"].clone()));
    }
}
