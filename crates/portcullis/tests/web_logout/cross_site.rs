//! Who may press the logout button.

use portcullis::WebRoute;

use crate::app::{App, request, set_cookies};
use crate::store::Call;

#[tokio::test]
async fn atk_s10_another_site_logs_nobody_out() {
    let app = App::new();
    let alice = app.logged_in("alice").await;
    app.provider.reset_counters();
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example")]
    {
        let mut request = request("POST", "/auth/logout");
        request.headers_mut().insert(name, value.parse().unwrap());
        let response = alice.visit(&app, WebRoute::Logout, request).await;
        assert_eq!((response.status().as_u16(), set_cookies(&response).len()), (403, 0), "{name}: {value}");
    }
    for (mode, dest) in [("no-cors", "image"), ("navigate", "document"), ("navigate", "iframe")] {
        let mut request = request("GET", "/auth/logout");
        request.headers_mut().insert("sec-fetch-mode", mode.parse().unwrap());
        request.headers_mut().insert("sec-fetch-dest", dest.parse().unwrap());
        let response = alice.visit(&app, WebRoute::Logout, request).await;
        assert_eq!((response.status().as_u16(), set_cookies(&response).len()), (405, 0), "{dest}");
    }
    assert_eq!((app.store.removals(), app.asked()), (0, vec![]));
    assert_eq!(alice.user(&app).await.as_deref(), Some("alice"));
    assert_eq!(alice.leave(&app).await.status(), 303, "from our own page");
    assert_eq!(alice.user(&app).await, None);
}

/// The browser loses its key and is told; nothing is asked of the provider as if all were well.
#[tokio::test]
async fn p09_a_session_that_cannot_be_deleted_is_said_and_the_cookie_goes() {
    for broken in [&[Call::Remove][..], &[Call::Load, Call::Remove], &[Call::Load]] {
        let app = App::new();
        let alice = app.logged_in("alice").await;
        let id = alice.session().unwrap();
        app.provider.reset_counters();
        app.store.break_down(broken);
        let response = alice.leave(&app).await;
        assert_eq!(response.status(), 503, "{broken:?}");
        assert!(response.headers().contains_key("retry-after"), "{broken:?}");
        assert!(set_cookies(&response)[0].contains("; Max-Age=0"), "{broken:?}");
        assert_eq!((alice.session(), app.asked()), (None, vec![]), "{broken:?}");
        app.store.mend();
        alice.put_session(id);
        let stays = broken.contains(&Call::Remove);
        assert_eq!(alice.user(&app).await.is_some(), stays, "{broken:?}: one that cannot be read can be removed");
    }
}
