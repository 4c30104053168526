//! What a session tells, and whom it asks for that: nobody.

use portcullis::{AccessToken, Fresh, IfPresent, Require, Requirement, UserInfo, requirement};
use portcullis_testkit::Endpoint;

use crate::app::{App, LIFE, get};

struct Reads;
impl Require for Reads {
    const REQUIREMENT: Requirement<'static> = requirement::permission("castles:read");
}
struct Burns;
impl Require for Burns {
    const REQUIREMENT: Requirement<'static> = requirement::permission("castles:burn");
}
struct Mail;
impl Require for Mail {
    const REQUIREMENT: Requirement<'static> = requirement::scope("email");
}
struct Phone;
impl Require for Phone {
    const REQUIREMENT: Requirement<'static> = requirement::scope("phone");
}
struct Recent;
impl Require for Recent {
    const REQUIREMENT: Requirement<'static> = requirement::max_age(seconds_const(60));
}
struct Gold;
impl Require for Gold {
    const REQUIREMENT: Requirement<'static> = requirement::acr(portcullis::Acr::value("gold"));
}
struct Strong;
impl Require for Strong {
    const REQUIREMENT: Requirement<'static> = requirement::acr(portcullis::Acr::STRONG);
}

const fn seconds_const(seconds: u64) -> std::time::Duration {
    std::time::Duration::from_secs(seconds)
}

#[tokio::test]
async fn while_the_access_token_lives_nobody_is_asked() {
    for app in [App::new(), App::without_refresh()] {
        let cookie = app.log_in().await;
        for _ in 0..2 {
            let user = app.with_cookie::<UserInfo>(&cookie).await.value.unwrap();
            assert_eq!((user.subject(), user.email()), ("alice", Some("alice@example.com")));
            assert!(app.with_cookie::<AccessToken>(&cookie).await.value.is_some());
            assert!(app.with_cookie::<Option<UserInfo>>(&cookie).await.value.unwrap().is_some());
            assert!(app.with_cookie::<IfPresent<UserInfo>>(&cookie).await.value.unwrap().0.is_some());
            app.advance((LIFE - 61) / 2);
        }
        assert_eq!(app.asked(), 0);
    }
}

#[tokio::test]
async fn the_token_of_a_session() {
    let app = App::with(|builder| builder.audience("https://api.example.com"));
    let login = app.server.clock().unix();
    let cookie = app.log_in().await;
    let token = app.with_cookie::<AccessToken>(&cookie).await.value.unwrap();
    assert_eq!((token.issuer(), token.subject()), (app.server.issuer().as_str(), "alice"));
    assert!(!token.is_client());
    assert_eq!((token.acr(), token.auth_time()), (Some("1"), Some(login)));
    assert_eq!(token.expires_at(), login + LIFE);
    assert!(token.has_scope("email") && token.has_scope("offline_access") && !token.has_scope("phone"));
    assert!(token.has_permission("castles:read") && !token.has_permission("castles:burn"));
    assert!(!format!("{token:?}").contains(token.secret().unwrap().expose()));
}

#[tokio::test]
async fn requirements_on_a_session() {
    let app = App::with(|builder| builder.audience("https://api.example.com"));
    let cookie = app.log_in().await;
    let page = get("/page", &cookie);
    assert_eq!(app.ask::<UserInfo, Reads>(&page).await.outcome(), (200, "ok"));
    assert_eq!(app.ask::<UserInfo, Mail>(&page).await.outcome(), (200, "ok"));
    assert_eq!(app.ask::<UserInfo, Strong>(&page).await.outcome(), (200, "ok"));
    assert_eq!(app.ask::<UserInfo, Burns>(&page).await.outcome(), (403, "missing_permission"));
    assert_eq!(app.ask::<UserInfo, Phone>(&page).await.outcome(), (403, "insufficient_scope"));
    assert_eq!(app.ask::<Option<UserInfo>, Burns>(&page).await.outcome(), (403, "missing_permission"));
    assert_eq!(app.ask::<UserInfo, Gold>(&page).await.outcome(), (401, "insufficient_user_authentication"));
    assert_eq!(app.ask::<UserInfo, Recent>(&page).await.outcome(), (200, "ok"));
    app.advance(180);
    let old = app.ask::<UserInfo, Recent>(&page).await;
    assert_eq!(old.outcome(), (401, "insufficient_user_authentication"));
    assert!(old.cookies().is_empty(), "the session goes on");
    assert!(old.header("www-authenticate").unwrap().contains("max_age=\"60\""));
    assert_eq!(app.asked(), 0, "a refusal asks nobody");
}

#[tokio::test]
async fn fresh_claims_are_asked_once() {
    let app = App::new();
    let cookie = app.log_in().await;
    let both = app.with_cookie::<(Fresh<UserInfo>, Fresh<UserInfo>)>(&cookie).await;
    assert_eq!(both.outcome(), (200, "ok"));
    assert_eq!((app.server.requests(Endpoint::UserInfo), app.asked()), (1, 1));
    assert_eq!(app.ask::<Fresh<UserInfo>, Burns>(&get("/page", &cookie)).await.status, 403);
    assert_eq!(app.asked(), 1, "who is refused asks nobody");
}

#[tokio::test]
async fn permissions_come_from_the_access_token_where_that_validates() {
    let app = App::with(|builder| builder.audience("https://api.example.com"));
    let token = app.with_cookie::<AccessToken>(&app.log_in().await).await.value.unwrap();
    assert!(token.has_permission("castles:read"), "{token:?}");
}
