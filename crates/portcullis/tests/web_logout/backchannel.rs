//! `POST /auth/backchannel-logout`: whose sessions end, and what the provider is told.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use portcullis::WebRoute;
use portcullis_testkit::{Endpoint, Fault, TokenKind};

use crate::app::{App, FORM, form, has_to_wait, is_done, is_refused, request};
use crate::store::Call;

#[tokio::test]
async fn atk_l02_nothing_to_end_is_done_too() {
    let app = App::new();
    let alice = app.logged_in("alice").await;
    let token = || app.provider.logout_token();
    for (about, token) in [
        ("unknown sub", token().subject("mallory")),
        ("unknown sid", token().without("sub").sid("nobody's")),
        ("unknown sid of a known sub", token().sid("nobody's")),
    ] {
        is_done(&app.tell(&token.mint()).await, about);
    }
    assert_eq!(alice.user(&app).await.as_deref(), Some("alice"));
}

#[tokio::test]
async fn atk_l03_a_sub_ends_all_its_sessions() {
    let app = App::new();
    let alices = [app.logged_in("alice").await, app.logged_in("alice").await, app.logged_in("alice").await];
    let bob = app.logged_in("bob").await;
    is_done(&app.tell(&app.provider.logout_token().mint()).await, "sub only");
    for alice in &alices {
        assert_eq!(alice.user(&app).await, None);
    }
    assert_eq!(bob.user(&app).await.as_deref(), Some("bob"));
}

#[tokio::test]
async fn a_sid_ends_its_sessions_and_both_must_match() {
    let app = App::new();
    let (one, bob) = (app.logged_in("alice").await, app.logged_in("bob").await);
    let sid = app.provider.sids("alice").remove(0);
    let other = app.logged_in("alice").await;
    let bobs_sid = app.provider.sids("bob").remove(0);
    is_done(&app.tell(&app.provider.logout_token().sid(&bobs_sid).mint()).await, "alice, but bob's sid");
    for (visitor, user) in [(&one, "alice"), (&bob, "bob"), (&other, "alice")] {
        assert_eq!(visitor.user(&app).await.as_deref(), Some(user));
    }
    is_done(&app.tell(&app.provider.logout_token().sid(&sid).mint()).await, "both");
    assert_eq!((one.user(&app).await, other.user(&app).await.as_deref()), (None, Some("alice")));
    is_done(&app.tell(&app.provider.logout_token().without("sub").sid(&bobs_sid).mint()).await, "sid only");
    assert_eq!(bob.user(&app).await, None);
}

/// A refreshed ID token need not repeat the `sid`; the session is still the one that the provider knows.
#[tokio::test]
async fn a_session_is_found_by_its_sid_after_a_refresh() {
    for keeps_sid in [true, false] {
        let app = App::new();
        let alice = app.logged_in("alice").await;
        let sid = app.provider.sids("alice").remove(0);
        if !keeps_sid {
            app.provider.token_fault(TokenKind::RefreshedIdToken, |token| token.without("sid"));
        }
        app.provider.clock().advance(std::time::Duration::from_secs(250));
        assert_eq!(alice.user(&app).await.as_deref(), Some("alice"));
        assert_eq!(app.provider.requests(Endpoint::Token), 2, "refreshed");
        is_done(&app.tell(&app.provider.logout_token().without("sub").sid(&sid).mint()).await, "sid only");
        assert_eq!(alice.user(&app).await, None, "keeps sid: {keeps_sid}");
    }
}

/// The same browser logs in twice: one session at the provider, two here if the first cookie was kept.
#[tokio::test]
async fn the_providers_own_message_ends_what_the_provider_ended() {
    let app = App::new();
    let (alice, bob) = (app.logged_in("alice").await, app.logged_in("bob").await);
    app.provider.end_sessions("alice").await;
    let [message] = &app.messages()[..] else { panic!("{:?}", app.messages()) };
    assert_eq!((message.client_id.as_str(), message.status), ("app", None));
    is_done(&app.post_back_channel(&message.form()).await, "the provider's");
    assert_eq!((alice.user(&app).await, bob.user(&app).await.as_deref()), (None, Some("bob")));
}

#[tokio::test]
async fn atk_l01_a_token_is_good_once() {
    let app = App::new();
    let token = app.provider.logout_token().claim("jti", "once").mint();
    is_done(&app.tell(&token).await, "first");
    let alice = app.logged_in("alice").await;
    is_refused(&app.tell(&token).await, "again");
    let respelled = app.provider.logout_token().claim("jti", "once").claim("more", 1).mint();
    is_refused(&app.tell(&respelled).await, "the same jti");
    assert_eq!(alice.user(&app).await.as_deref(), Some("alice"));
    is_done(&app.tell(&app.provider.logout_token().claim("jti", "twice").mint()).await, "another jti");
    assert_eq!(alice.user(&app).await, None);
}

/// As long as a token could be accepted, it is remembered.
#[tokio::test]
async fn p10_a_used_token_is_remembered_until_it_is_too_old() {
    let app = App::new();
    let now = app.provider.clock().unix();
    let token = app.provider.logout_token().without("exp").claim("iat", now + 60).mint();
    is_done(&app.tell(&token).await, "first");
    for seconds in [1, 600, 118] {
        app.provider.clock().advance(std::time::Duration::from_secs(seconds));
        is_refused(&app.tell(&token).await, "used");
    }
    assert_eq!(app.store.removals(), 1, "719 s later it would still be young enough");
    app.provider.clock().advance(std::time::Duration::from_secs(1));
    is_refused(&app.tell(&token).await, "too old");
    assert_eq!(app.store.removals(), 1);
}

#[tokio::test]
async fn atk_l06_a_store_that_is_down_makes_the_provider_try_again() {
    let app = App::new();
    let alice = app.logged_in("alice").await;
    let token = app.provider.logout_token().mint();
    app.store.break_down(&[Call::RemoveAll]);
    has_to_wait(&app.tell(&token).await, "store down");
    assert_eq!(alice.user(&app).await.as_deref(), Some("alice"));
    app.store.mend();
    is_done(&app.tell(&token).await, "the same token again");
    assert_eq!(alice.user(&app).await, None);
    is_refused(&app.tell(&token).await, "now it is used");
}

#[tokio::test]
async fn atk_l06_keys_that_cannot_be_had_make_the_provider_try_again() {
    for endpoint in [Endpoint::Discovery, Endpoint::Jwks] {
        let app = App::new();
        app.provider.fault(endpoint, Fault::status(503));
        let token = app.provider.logout_token().mint();
        has_to_wait(&app.tell(&token).await, "keys down");
        assert_eq!(app.store.removals(), 0);
        app.provider.heal(endpoint);
        app.provider.clock().advance(std::time::Duration::from_secs(30));
        is_done(&app.tell(&token).await, "keys up");
    }
}

#[tokio::test]
async fn the_keys_may_have_changed_just_before() {
    let app = App::new();
    let alice = app.logged_in("alice").await;
    app.provider.rotate_keys();
    is_done(&app.tell(&app.provider.logout_token().mint()).await, "a new key");
    assert_eq!(alice.user(&app).await, None);
}

/// L01: what is not a form with one token in it.
#[tokio::test]
async fn atk_l01_only_a_form_with_one_token_is_read() {
    let app = App::new();
    let alice = app.logged_in("alice").await;
    let token = app.provider.logout_token().mint();
    let body = form(&[("logout_token", &token)]);
    let types: [&[&str]; 5] =
        [&[], &["application/json"], &["text/plain"], &["multipart/form-data; boundary=x"], &[FORM, FORM]];
    for content_types in types {
        let mut request = request("POST", "/auth/backchannel-logout");
        for content_type in content_types {
            request.headers_mut().append(CONTENT_TYPE, content_type.parse().unwrap());
        }
        *request.body_mut() = Bytes::from(body.clone());
        is_refused(&app.serve(WebRoute::BackChannelLogout, &request).await, &format!("{content_types:?}"));
    }
    for body in
        ["", "token=x", &format!("{body}&{body}"), &format!("{body}&logout_token="), &format!("LOGOUT_TOKEN={token}")]
    {
        is_refused(&app.post_back_channel(body).await, &body[..body.len().min(20)]);
    }
    let query = request("POST", &format!("/auth/backchannel-logout?{body}"));
    is_refused(&app.serve(WebRoute::BackChannelLogout, &query).await, "in the query");
    for method in ["GET", "HEAD", "PUT"] {
        let refused = app.serve(WebRoute::BackChannelLogout, &request(method, &format!("/?{body}"))).await;
        assert_eq!((refused.status().as_u16(), &refused.headers()["allow"]), (405, &"POST".parse().unwrap()));
    }
    let padded = |bytes: usize| format!("{body}&padding={}", "x".repeat(bytes - body.len() - "&padding=".len()));
    assert_eq!(app.post_back_channel(&padded(64 * 1024 + 1)).await.status(), 413);
    assert_eq!((app.store.removals(), alice.user(&app).await.as_deref()), (0, Some("alice")));
    is_done(&app.post_back_channel(&padded(64 * 1024)).await, "64 KiB, and a field that nobody knows");
    assert_eq!(alice.user(&app).await, None);
}

/// The token counts and nothing else: no cookie, no origin.
#[tokio::test]
async fn cookies_and_origins_are_of_no_concern() {
    let app = App::new();
    let bob = app.logged_in("bob").await;
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("cookie", "a=b; a=b")]
    {
        let mut request = request("POST", "/auth/backchannel-logout");
        request.headers_mut().insert(CONTENT_TYPE, FORM.parse().unwrap());
        request.headers_mut().insert(name, value.parse().unwrap());
        *request.body_mut() = Bytes::from(form(&[("logout_token", &app.provider.logout_token().mint())]));
        is_done(&bob.visit(&app, WebRoute::BackChannelLogout, request).await, name);
    }
    assert_eq!(bob.user(&app).await.as_deref(), Some("bob"));
}

/// A bearer of this user's token is asked about anew: somebody may have taken the account away.
#[tokio::test]
async fn what_was_known_of_the_user_is_forgotten() {
    let app = App::with(|builder| builder.audience("https://api.example.com"));
    let asks = async || {
        let mut request = request("GET", "/account");
        let token = app.provider.token_for("alice");
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        let attempt = app.guard.attempt(&portcullis::Head::of(&request));
        attempt.admit::<portcullis::UserInfo, ()>().await.unwrap();
        app.provider.requests(Endpoint::UserInfo)
    };
    assert_eq!((asks().await, asks().await), (1, 1));
    is_done(&app.tell(&app.provider.logout_token().mint()).await, "alice");
    assert_eq!((asks().await, asks().await), (2, 2));
}
