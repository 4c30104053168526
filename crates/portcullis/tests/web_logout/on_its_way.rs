//! The provider ends a login that is still on its way here.

use std::sync::Arc;

use portcullis::WebRoute;
use portcullis_testkit::Endpoint;

use crate::app::{App, Visitor, is_done, location, request};

/// A callback that has its tokens, and is asking for the user's claims.
async fn ended_on_its_way(app: App, names: impl FnOnce(&App) -> String) -> (App, Visitor, u16) {
    let app = Arc::new(app);
    let visitor = Arc::new(app.visitor());
    let start = visitor.visit(&app, WebRoute::Login, request("GET", "/auth/login")).await;
    let callback = visitor.at_provider.sign_in(&location(&start), "alice").await;
    let gate = app.provider.hold(Endpoint::UserInfo);
    let on_its_way = {
        let (app, visitor) = (Arc::clone(&app), Arc::clone(&visitor));
        tokio::spawn(async move { visitor.visit(&app, WebRoute::Callback, request("GET", &callback)).await.status() })
    };
    gate.waiting(1).await;
    is_done(&app.tell(&names(&app)).await, "a logout token");
    gate.release();
    let status = on_its_way.await.unwrap().as_u16();
    (Arc::into_inner(app).unwrap(), Arc::into_inner(visitor).unwrap(), status)
}

fn kinds() -> [App; 2] {
    [App::new(), App::in_cookies()]
}

#[tokio::test]
async fn atk_s09_a_logout_wins_over_a_login_on_its_way() {
    type Names = fn(&App) -> String;
    let names: [Names; 3] = [
        |app| app.provider.logout_token().mint(),
        |app| app.provider.logout_token().sid(&app.provider.sids("alice").remove(0)).mint(),
        |app| app.provider.logout_token().without("sub").sid(&app.provider.sids("alice").remove(0)).mint(),
    ];
    for names in names {
        for app in kinds() {
            let (app, visitor, status) = ended_on_its_way(app, names).await;
            assert_eq!((status, visitor.session()), (400, None));
            app.log_in(&visitor, "alice").await;
        }
    }
}

#[tokio::test]
async fn the_logout_of_somebody_else_ends_no_login() {
    for app in kinds() {
        let names = |app: &App| app.provider.logout_token().subject("bob").mint();
        let (app, visitor, status) = ended_on_its_way(app, names).await;
        assert_eq!((status, visitor.user(&app).await.as_deref()), (303, Some("alice")));
    }
}

/// Anybody can ask for a front-channel logout: it must not take the room of what the provider says.
#[tokio::test]
async fn p10_front_channel_logouts_leave_nothing_behind() {
    let app = App::new();
    let issuer: String = url::form_urlencoded::byte_serialize(app.provider.issuer().as_bytes()).collect();
    for number in 0..100_001 {
        let path = format!("/auth/frontchannel-logout?iss={issuer}&sid={number}");
        assert_eq!(app.serve(WebRoute::FrontChannelLogout, &request("GET", &path)).await.status(), 200);
    }
    is_done(&app.tell(&app.provider.logout_token().mint()).await, "the provider is heard");
}
