//! Where the library's routes are, and where they lead to.

use bytes::Bytes;
use http::Request;
use portcullis::{BuildError, Guard, Head, UserInfo, WebRoute};
use portcullis_testkit::TestProvider;

use crate::answer::{is_page, is_redirect};
use crate::app::{App, Browser, HTTPS, get, location, parameter, post, replaced};

const BELOW: &str = "https://app.example.com/shop";

fn text(response: &http::Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

/// With a client that knows the redirect URIs below this address.
fn app_at(base_url: &str, auth_path: &str) -> App {
    let app = App::at(base_url, |builder| builder.auth_path(auth_path));
    let client = app.provider.client(TestProvider::CLIENT_ID);
    let client = client.redirect_uri(format!("{base_url}{auth_path}/callback"));
    client.post_logout_redirect_uri(format!("{base_url}{auth_path}/logged-out")).register();
    app
}

async fn login_of(app: &App, page: &str) -> String {
    let request = Request::get(page).header("accept", "text/html").body(Bytes::new()).unwrap();
    let refusal = app.guard.attempt(&Head::of(&request)).admit::<UserInfo, ()>().await.unwrap_err();
    location(&refusal.into_response())
}

/// The whole way of a user: sent to the login, back to the page, out, and to the page that says so.
async fn round(base_url: &str, auth_path: &str, page: &str, prefix: &str, public_page: &str) {
    let (app, browser) = (app_at(base_url, auth_path), Browser::default());
    let login = login_of(&app, page).await;
    let return_to = public_page.replace('/', "%2F");
    assert_eq!(login, format!("{prefix}/login?return_to={return_to}"), "{page}");
    let url = app.begin(&browser, &login).await;
    assert_eq!(parameter(&url, "redirect_uri"), Some(format!("{HTTPS}{prefix}/callback")));
    let callback = app.provider.sign_in(&url, "alice").await;
    is_redirect(&app.callback(&browser, &callback).await, public_page);
    let again = app.callback(&browser, &callback).await;
    is_page(&again, 400, "a second time");
    assert!(text(&again).contains(&format!("href=\"{prefix}/login\"")), "{}", text(&again));
    let out = app.visit(&browser, WebRoute::Logout, post("/any", &[])).await;
    let signed_out = format!("{HTTPS}{prefix}/logged-out");
    assert_eq!(parameter(&location(&out), "post_logout_redirect_uri"), Some(signed_out));
    let out = app.visit(&browser, WebRoute::Logout, post("/any", &[])).await;
    is_redirect(&out, &format!("{prefix}/logged-out"));
}

#[tokio::test]
async fn routes_below_another_path() {
    round(HTTPS, "/sign/in", "/account", "/sign/in", "/account").await;
    let guard = app_at(HTTPS, "/sign/in").guard;
    let routes: Vec<_> = guard.web_routes().filter(|(route, _)| *route == WebRoute::Callback).collect();
    assert_eq!(routes, [(WebRoute::Callback, "/sign/in/callback".to_owned())]);
    assert_eq!(guard.auth_path(), Some("/sign/in"));
}

#[tokio::test]
async fn an_application_below_a_path_that_a_proxy_takes_off() {
    round(BELOW, "/auth", "/account", "/shop/auth", "/shop/account").await;
}

#[tokio::test]
async fn an_application_below_a_path_that_it_sees_itself() {
    round(BELOW, "/auth", "/shop/account", "/shop/auth", "/shop/account").await;
}

#[tokio::test]
async fn an_api_has_no_routes() {
    let guard = Guard::api("https://id.example.com", "https://api.example.com").build().unwrap();
    assert_eq!((guard.web_routes().count(), guard.auth_path()), (0, None));
    let request = get("/auth/login");
    let answer = guard.visit(WebRoute::Login, &Head::of(&request), &Bytes::new()).serve().await;
    is_page(&answer, 404, "an API");
}

#[test]
fn a_path_that_cannot_be_is_named() {
    for path in ["", "/", "auth", "/auth/", "/a//b", "/../auth", "/{auth}", "/a b"] {
        let built = Guard::web("https://id.example.com", "app", HTTPS).auth_path(path).build();
        let problems: Vec<_> = built.as_ref().map_err(BuildError::problems).unwrap_err().to_vec();
        assert_eq!((problems.len(), problems[0].setting()), (1, "auth_path"), "{path}");
        assert!(problems[0].message().contains("such as `/auth`"));
    }
}

#[tokio::test]
async fn atk_r04_no_way_back_leads_to_a_route_of_ours() {
    let rows = [
        "/auth/login",
        "/auth/login?return_to=/auth/login",
        "/auth/logout",
        "/auth/callback?code=a&state=b",
        "/auth/logged-out",
        "/auth/",
        "/auth",
        "/%61uth/login",
        "/auth%2Flogin",
        "/%2561uth/login",
        "/a/..%2Fauth/login",
    ];
    for return_to in rows {
        let (app, browser) = (App::new(), Browser::default());
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", return_to).finish();
        is_redirect(&app.log_in(&browser, &format!("/auth/login?{query}"), "alice").await, "/");
        let target = format!("/auth/login?target_link_uri=https://app.example.com{}", return_to.replace('?', "%3F"));
        is_redirect(&app.log_in(&browser, &target, "alice").await, "/");
    }
}

#[tokio::test]
async fn atk_r04_no_way_back_leaves_the_base_path() {
    let rows = [
        ("/shop/account", "/shop/account"),
        ("/shop", "/shop"),
        ("/account", "/shop/"),
        ("/shopping", "/shop/"),
        ("/shop/..%2Fother", "/shop/"),
        ("/shop/auth/login", "/shop/"),
        ("//evil.example/shop/", "/shop/"),
        ("", "/shop/"),
    ];
    for (return_to, expected) in rows {
        let (app, browser) = (app_at(BELOW, "/auth"), Browser::default());
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", return_to).finish();
        is_redirect(&app.log_in(&browser, &format!("/shop/auth/login?{query}"), "alice").await, expected);
    }
    for (target, expected) in [("/shop/a", "/shop/a"), ("/other", "/shop/"), ("", "/shop/")] {
        let (app, browser) = (app_at(BELOW, "/auth"), Browser::default());
        let login = format!("/shop/auth/login?target_link_uri={HTTPS}{target}");
        is_redirect(&app.log_in(&browser, &login, "alice").await, expected);
    }
}

/// A page that is too long to fit into a cookie is forgotten, and nothing else.
#[tokio::test]
async fn a_way_back_that_does_not_fit_ends_at_the_start_of_the_application() {
    let (app, browser) = (app_at(BELOW, "/auth"), Browser::default());
    let login = format!("/shop/auth/login?return_to=/shop/{}", "a".repeat(600));
    is_redirect(&app.log_in(&browser, &login, "alice").await, "/shop/");
}

#[tokio::test]
async fn the_link_of_a_refused_login_leads_where_the_login_was_to_lead() {
    let rows = [("/account?tab=1", "/auth/login?return_to=%2Faccount%3Ftab%3D1"), ("/", "/auth/login")];
    for (return_to, link) in rows {
        let (app, browser) = (App::new(), Browser::default());
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", return_to).finish();
        let callback = app.to_callback(&browser, &format!("/auth/login?{query}"), "alice").await;
        let stranger = app.callback(&Browser::default(), &callback).await;
        is_page(&stranger, 400, "a stranger");
        assert!(text(&stranger).contains("href=\"/auth/login\">Sign in again"), "whose login it was stays unknown");
        let denied = replaced(&with_error(&callback), "code", None);
        let ended = app.callback(&browser, &denied).await;
        is_page(&ended, 400, "denied");
        assert!(text(&ended).contains(&format!("href=\"{link}\">Sign in again")), "{}", text(&ended));
    }
}

fn with_error(callback: &str) -> String {
    crate::app::with(callback, "error", "access_denied")
}

/// A login for staff beside the one for customers: neither takes the other's cookie for its own.
#[tokio::test]
async fn two_guards_of_one_origin_keep_their_sessions_apart() {
    let (customers, staff) = (App::new(), app_at(HTTPS, "/staff"));
    let browser = customers.logged_in().await;
    let callback = staff.to_callback(&browser, "/staff/login", "bob").await;
    is_redirect(&staff.callback(&browser, &callback).await, "/");
    for (app, user) in [(&customers, "alice"), (&staff, "bob")] {
        assert_eq!(app.page(&browser).await.unwrap().subject(), user);
    }
    staff.visit(&browser, WebRoute::Logout, post("/staff/logout", &[])).await;
    assert_eq!(customers.page(&browser).await.unwrap().subject(), "alice");
    assert!(staff.page(&browser).await.is_err());
}
