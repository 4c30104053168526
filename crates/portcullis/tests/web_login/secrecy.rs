//! What `Debug` shows of a request.

use bytes::Bytes;
use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};
use portcullis::{Head, WebRoute};

use crate::app::App;

/// Frameworks and applications print what they are handed.
#[test]
fn atk_t09_debug_of_a_request_shows_nothing_that_it_brought() {
    let app = App::new();
    let request = Request::post("/auth/callback?code=canary-code&state=canary-state&access_token=canary-token")
        .header(COOKIE, "__Host-portcullis-session=canary-session; __Host-portcullis-login-0=canary-login")
        .header(AUTHORIZATION, "Bearer canary-bearer")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Bytes::from_static(b"logout_token=canary-logout&canary-name=1"))
        .unwrap();
    for route in [WebRoute::Callback, WebRoute::BackChannelLogout] {
        let shown = format!("{:?}", app.visit_of(route, &request));
        assert!(shown.contains(&format!("{route:?}")) && !shown.contains("canary"), "{shown}");
    }
    let attempt = app.guard.attempt(&Head::of(&request));
    let shown = format!("{attempt:?} {:?}", attempt.facts());
    assert!(shown.contains("/auth/callback") && !shown.contains("canary"), "{shown}");
}
