//! What strangers may cause: no rows, and no lines of their own in the log.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use portcullis::{ResponseMode, WebRoute};
use portcullis_testkit::Endpoint;
use tracing_subscriber::fmt::MakeWriter;

use crate::answer::is_page;
use crate::app::{App, Browser, edited, get};
use crate::form_post::posted;

#[tokio::test]
async fn atk_x01_a_thousand_logins_of_nobody_are_kept_nowhere() {
    let app = App::new();
    for _ in 0..1000 {
        app.begin(&Browser::default(), "/auth/login?return_to=/account").await;
    }
    assert_eq!((app.store.inserted(), app.store.rows(), app.asked()), (0, 0, (0, 0)));
    assert_eq!(app.provider.requests(Endpoint::Discovery), 1);
    assert_eq!(app.provider.asked().len(), 1, "the provider hears of them once");
}

/// More callbacks than states can be remembered at a time: a stranger's use up nothing.
#[tokio::test]
async fn atk_x01_callbacks_of_nobody_are_kept_nowhere() {
    let (app, browser) = (App::new(), Browser::default());
    let callback = app.to_callback(&browser, "/auth/login", "alice").await;
    for number in 0..2000 {
        let stranger = format!("/auth/callback?state={number}&code=a&iss=https://provider.test");
        assert_eq!(app.callback(&Browser::default(), &stranger).await.status(), 400);
    }
    assert_eq!((app.store.inserted(), app.asked()), (0, (0, 0)));
    assert_eq!(app.callback(&browser, &callback).await.status(), 303);
}

/// Every line at every level, as it is written.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn atk_x06_nothing_that_a_stranger_sends_is_logged() {
    // With a single dispatcher in the process, `tracing` remembers for all threads what the first one said that came by.
    static SECOND: OnceLock<tracing::Dispatch> = OnceLock::new();
    SECOND.get_or_init(|| tracing_subscriber::fmt().with_writer(std::io::sink).finish().into());
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    let _guard = tracing::subscriber::set_default(subscriber.with_writer(log.clone()).finish());
    let evil = "evil\r\nWARN portcullis::login: forged \u{1b}[31mred\u{1b}[0m\u{0}\u{2028}";
    for mode in [ResponseMode::Query, ResponseMode::FormPost] {
        for name in ["error", "error_description", "error_uri", "state", "iss", "code", "evil\nname"] {
            let (app, browser) = (App::with(|builder| builder.response_mode(mode)), Browser::default());
            let url = app.begin(&browser, "/auth/login").await;
            let true_answer = app.provider.sign_in(&url, "alice").await;
            let answer = edited(&true_answer, |all| {
                all.retain(|(known, _)| known != name);
                all.push((name.to_owned(), evil.to_owned()));
            });
            let query = answer.split_once('?').unwrap().1;
            for from in [&browser, &Browser::default()] {
                let request = match mode {
                    ResponseMode::FormPost => posted("/auth/callback", query),
                    _ => get(&answer),
                };
                app.visit(from, WebRoute::Callback, request).await;
            }
        }
    }
    let (app, browser) = (App::new(), Browser::default());
    for name in ["return_to", "acr_values", "max_age", "iss", "login_hint", "target_link_uri"] {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair(name, evil).finish();
        app.visit(&browser, WebRoute::Login, get(&format!("/auth/login?{query}"))).await;
        is_page(&app.visit(&browser, WebRoute::Unknown, get(&format!("/auth/a?{query}"))).await, 404, name);
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("a callback is refused"), "the log was listened to");
    assert!(!log.contains("evil") && !log.contains("forged"), "{log}");
    for line in log.lines() {
        assert!(!line.contains(|character: char| character.is_control() || character == '\u{2028}'), "{line:?}");
    }
}
