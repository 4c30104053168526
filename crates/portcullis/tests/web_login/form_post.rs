//! Answers that travel in a form (OAuth 2.0 Form Post Response Mode).

use bytes::Bytes;
use http::{Request, Response};
use portcullis::{ResponseMode, WebRoute};

use crate::answer::{is_page, is_redirect, is_repost_page};
use crate::app::{App, Browser, HTTPS, SESSION, get, parameter, replaced};

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) fn app() -> App {
    App::with(|builder| builder.response_mode(ResponseMode::FormPost))
}

pub(crate) fn posted(path: &str, form: &str) -> Request<Bytes> {
    Request::post(path).header("content-type", FORM).body(Bytes::from(form.to_owned())).unwrap()
}

/// Signs the user in; where the provider's form leads to, and what it brings.
pub(crate) async fn to_form(app: &App, browser: &Browser, login: &str, user: &str) -> (String, String) {
    let authorize_url = app.begin(browser, login).await;
    app.provider.browser().sign_in_form_post(&authorize_url, user).await
}

impl App {
    pub(crate) async fn log_in_by(&self, mode: ResponseMode, browser: &Browser, user: &str) -> Response<Bytes> {
        if mode == ResponseMode::Query {
            return self.log_in(browser, "/auth/login", user).await;
        }
        let (_, form) = to_form(self, browser, "/auth/login", user).await;
        self.post(browser, &form).await
    }

    pub(crate) async fn logged_in_by(&self, mode: ResponseMode) -> Browser {
        let browser = Browser::default();
        is_redirect(&self.log_in_by(mode, &browser, "alice").await, "/");
        assert!(browser.has(SESSION));
        browser
    }

    /// From a page of ours: the browser's cookies come with it.
    pub(crate) async fn post(&self, browser: &Browser, form: &str) -> Response<Bytes> {
        self.visit(browser, WebRoute::Callback, posted("/auth/callback", form)).await
    }

    /// From the provider's page, which is another site: no cookie of ours comes with it.
    pub(crate) async fn cross_post(&self, form: &str) -> Response<Bytes> {
        self.post(&Browser::default(), form).await
    }
}

async fn refused(app: &App, browser: &Browser, form: &str, about: &str) {
    is_page(&app.post(browser, form).await, 400, about);
    assert_eq!((app.asked(), app.store.inserted()), ((0, 0), 0), "{about}");
}

#[tokio::test]
async fn a_form_comes_round_once_and_logs_in() {
    let (app, browser) = (app(), Browser::default());
    let url = app.begin(&browser, "/auth/login?return_to=/account").await;
    assert_eq!(parameter(&url, "response_mode").as_deref(), Some("form_post"));
    let (action, form) = app.provider.browser().sign_in_form_post(&url, "alice").await;
    assert_eq!(action, format!("{HTTPS}/auth/callback"));

    let page = app.cross_post(&form).await;
    let again = is_repost_page(&page, "/auth/callback");
    assert_eq!(again, format!("{form}&portcullis_repost=1"));
    assert_eq!((app.asked(), app.store.inserted()), ((0, 0), 0), "nothing has happened so far");
    assert_eq!(browser.logins().len(), 1);

    is_redirect(&app.post(&browser, &again).await, "/account");
    assert_eq!(app.user(&browser).await.as_deref(), Some("alice"));
    assert_eq!((app.asked(), app.store.rows(), browser.logins().len()), ((1, 1), 1, 0));
    is_page(&app.post(&browser, &again).await, 400, "a second time");
    assert_eq!((app.asked(), app.store.rows()), ((1, 1), 1));
}

/// A provider on the same site, or a browser that sends the cookie with every form.
#[tokio::test]
async fn a_form_with_the_cookie_needs_no_second_round() {
    let (app, browser) = (app(), Browser::default());
    let (_, form) = to_form(&app, &browser, "/auth/login?return_to=/account", "alice").await;
    is_redirect(&app.post(&browser, &form).await, "/account");
}

#[tokio::test]
async fn atk_f01_a_form_that_came_round_without_the_cookie_is_refused() {
    let (app, attacker, victim) = (app(), Browser::default(), Browser::default());
    let (_, form) = to_form(&app, &attacker, "/auth/login", "bob").await;
    app.begin(&victim, "/auth/login").await;
    let again = is_repost_page(&app.post(&victim, &form).await, "/auth/callback");
    refused(&app, &victim, &again, "login CSRF").await;
    for marker in ["1", "0", "evil", "%20"] {
        refused(&app, &victim, &format!("{form}&portcullis_repost={marker}"), marker).await;
    }
    assert_eq!(victim.logins().len(), 1, "the victim's own login goes on");
    is_redirect(&app.post(&attacker, &again).await, "/");
}

#[tokio::test]
async fn atk_f16_a_form_with_a_cookie_that_does_not_open_is_refused() {
    let (app, browser) = (app(), Browser::default());
    let (_, form) = to_form(&app, &browser, "/auth/login", "alice").await;
    let (name, _) = browser.logins().remove(0);
    browser.put(&name, "planted");
    refused(&app, &browser, &form, "there is a cookie, so no second round").await;
}

#[tokio::test]
async fn atk_f10_what_was_asked_is_what_counts() {
    let (by_form, browser) = (app(), Browser::default());
    let (action, form) = to_form(&by_form, &browser, "/auth/login", "alice").await;
    let redirected = by_form.visit(&browser, WebRoute::Callback, get(&format!("{action}?{form}"))).await;
    is_page(&redirected, 400, "a redirect where a form was asked");
    assert_eq!((by_form.asked(), by_form.store.inserted()), ((0, 0), 0));
    assert_eq!(browser.logins().len(), 1, "nothing of it is read, so the true answer may still come");
    is_redirect(&by_form.post(&browser, &form).await, "/");

    let (by_query, browser) = (App::new(), Browser::default());
    let callback = by_query.to_callback(&browser, "/auth/login", "alice").await;
    let form = callback.split_once('?').unwrap().1;
    refused(&by_query, &browser, form, "a form where a redirect was asked").await;
    refused(&by_query, &Browser::default(), form, "from elsewhere too: there is no second round").await;
    is_redirect(&by_query.callback(&browser, &callback).await, "/");
}

#[tokio::test]
async fn atk_f03_parameters_in_two_places() {
    for split in ["code", "state", "iss", "error", "unknown"] {
        let (app, browser) = (app(), Browser::default());
        let (action, form) = to_form(&app, &browser, "/auth/login", "alice").await;
        let value = parameter(&format!("{action}?{form}"), split).unwrap_or("a".to_owned());
        let request = posted(&format!("/auth/callback?{split}={value}"), &form);
        is_page(&app.visit(&browser, WebRoute::Callback, request).await, 400, split);
        assert_eq!((app.asked(), app.store.inserted()), ((0, 0), 0), "{split}");
    }
    let (app, browser) = (App::new(), Browser::default());
    let callback = app.to_callback(&browser, "/auth/login", "alice").await;
    let mut request = get(&callback);
    request.headers_mut().insert("content-type", FORM.parse().unwrap());
    *request.body_mut() = Bytes::from_static(b"code=evil");
    is_page(&app.visit(&browser, WebRoute::Callback, request).await, 400, "a body with a GET");
    assert_eq!((app.asked(), app.store.inserted()), ((0, 0), 0));
}

#[tokio::test]
async fn atk_f03_parameters_that_came_twice_in_a_form() {
    for name in ["code", "state", "iss", "error", "response"] {
        let (app, browser) = (app(), Browser::default());
        let (_, form) = to_form(&app, &browser, "/auth/login", "alice").await;
        let doubled = format!("{form}&{name}=a&{name}=b");
        is_page(&app.cross_post(&doubled).await, 400, "no second round for it");
        refused(&app, &browser, &doubled, name).await;
    }
}

#[tokio::test]
async fn atk_f04_errors_come_by_form_too() {
    let (app, browser) = (app(), Browser::default());
    let url = app.begin(&browser, "/auth/login?return_to=/account").await;
    let silent = replaced(&url, "prompt", Some("none"));
    let answer = app.provider.browser().open(&silent).await;
    assert_eq!(parameter(&answer, "error").as_deref(), Some("login_required"));
    let again = is_repost_page(&app.cross_post(answer.split_once('?').unwrap().1).await, "/auth/callback");
    let ended = app.post(&browser, &again).await;
    is_page(&ended, 400, "login_required");
    let html = std::str::from_utf8(ended.body()).unwrap();
    assert!(html.contains("href=\"/auth/login?return_to=%2Faccount\""), "{html}");
    assert!(!html.contains("login_required"), "what the provider says is for the log");
    assert!(browser.logins().is_empty() && app.asked() == (0, 0));
}

#[tokio::test]
async fn atk_f04_forms_without_parameters() {
    for form in ["", "&&=&", "code=a", "error=access_denied", "state=", "portcullis_repost=1", "%ff=%ff&code=%ff"] {
        let app = app();
        refused(&app, &Browser::default(), form, form).await;
        assert_eq!(app.provider.asked(), [], "{form}: nobody is asked for a stranger");
    }
}
