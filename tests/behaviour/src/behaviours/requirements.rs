//! What a request must prove, and which failure is reported.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::header::AUTHORIZATION;
use portcullis_testkit::{Endpoint, TokenBuilder};
use serde_json::json;

use crate::{Answer, Fixture, TestApp};

const SCOPE: &str = r#"Bearer error="insufficient_scope", scope="castles""#;
const STRONG: &str = r#"Bearer error="insufficient_user_authentication", acr_values="1""#;
const RECENT: &str = r#"Bearer error="insufficient_user_authentication", max_age="300""#;
const STRONG_AND_RECENT: &str = r#"Bearer error="insufficient_user_authentication", acr_values="1", max_age="300""#;

fn token<A: TestApp>(fixture: &Fixture<A>) -> TokenBuilder {
    fixture.provider.token().user("alice")
}

#[track_caller]
fn assert_step_up(answer: &Answer, what: &str, challenge: &str) {
    answer.assert_refusal(what, 401, "insufficient_user_authentication", Some(challenge));
}

pub async fn a_permission_opens_its_route<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let (alice, bob) = (fixture.provider.token_for("alice"), fixture.provider.token_for("bob"));
    fixture.get_as("/castles", &alice).await.assert_ok("alice");
    fixture.get_as("/castles", &bob).await.assert_refusal("bob", 403, "missing_permission", None);
    fixture.get_as("/enforced", &alice).await.assert_ok("alice, and the handler takes nothing");
    fixture.get_as("/enforced", &bob).await.assert_refusal("bob", 403, "missing_permission", None);
}

pub async fn a_scope_opens_its_route<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    fixture.get_as("/scoped", &token(&fixture).mint()).await.assert_ok("alice");
    let without = token(&fixture).scope("openid").mint();
    fixture.get_as("/scoped", &without).await.assert_refusal("no scope", 403, "insufficient_scope", Some(SCOPE));
}

pub async fn both_are_needed_and_the_scope_is_reported_first<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let no_scope = token(&fixture).scope("openid");
    let neither = no_scope.clone().permissions(["look"]).mint();
    let no_permission = token(&fixture).permissions(["castles:create"]).mint();
    fixture.get_as("/both", &neither).await.assert_refusal("neither", 403, "insufficient_scope", Some(SCOPE));
    fixture.get_as("/both", &no_scope.mint()).await.assert_refusal("scope", 403, "insufficient_scope", Some(SCOPE));
    fixture.get_as("/both", &no_permission).await.assert_refusal("permission", 403, "missing_permission", None);
    assert_eq!(fixture.provider.requests(Endpoint::UserInfo), 0, "nobody is asked about a user who may not");
    let answer = fixture.get_as("/both", &token(&fixture).mint()).await;
    assert_eq!(answer.json()["sub"], "alice");
}

pub async fn any_of_several_ways_is_enough<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let nobody = || fixture.provider.token().subject("alice");
    let rows = [
        ("the permission", nobody().permission("look"), true),
        ("scope and acr", nobody().scope("paint").acr("1"), true),
        ("everything", nobody().permission("look").scope("paint").acr("1"), true),
        ("only the scope", nobody().scope("paint").acr("0"), false),
        ("only the acr", nobody().acr("1"), false),
        ("a part of each", nobody().permission("paint").scope("look").acr("1"), false),
        ("nothing", nobody(), false),
    ];
    for (what, token, opens) in rows {
        let answer = fixture.get_as("/any", &token.mint()).await;
        if opens {
            answer.assert_ok(what);
        } else {
            // The first way has as few unmet terms as any, so it is the one to report.
            answer.assert_refusal(what, 403, "missing_permission", None);
        }
    }
}

pub async fn an_acr_in_the_list_means_at_least<A: TestApp>() {
    let fixture = Fixture::<A>::with(|guard| guard.acr_values(["bronze", "silver", "gold"]));
    let challenge = r#"Bearer error="insufficient_user_authentication", acr_values="silver gold""#;
    for acr in ["silver", "gold"] {
        fixture.get_as("/silver", &token(&fixture).acr(acr).mint()).await.assert_ok(acr);
    }
    for acr in ["bronze", "platinum", "Silver", "GOLD", "", "silver gold", "silve", " silver", "*"] {
        assert_step_up(&fixture.get_as("/silver", &token(&fixture).acr(acr).mint()).await, acr, challenge);
    }
    let none = token(&fixture).without("acr").mint();
    assert_step_up(&fixture.get_as("/silver", &none).await, "no acr", challenge);
}

pub async fn an_acr_outside_the_list_means_equality<A: TestApp>() {
    for levels in [&["0", "1"][..], &[]] {
        let fixture = Fixture::<A>::with(|guard| guard.acr_values(levels.iter().copied()));
        let challenge = r#"Bearer error="insufficient_user_authentication", acr_values="silver""#;
        fixture.get_as("/silver", &token(&fixture).acr("silver").mint()).await.assert_ok("equal");
        for acr in ["0", "1", "gold", "Silver", ""] {
            assert_step_up(&fixture.get_as("/silver", &token(&fixture).acr(acr).mint()).await, acr, challenge);
        }
        let none = token(&fixture).without("acr").mint();
        assert_step_up(&fixture.get_as("/silver", &none).await, "no acr", challenge);
    }
}

pub async fn strong_is_the_last_of_the_list<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    fixture.get_as("/strong", &token(&fixture).acr("1").mint()).await.assert_ok("the last");
    for acr in ["0", "2", "", "11", "1 "] {
        assert_step_up(&fixture.get_as("/strong", &token(&fixture).acr(acr).mint()).await, acr, STRONG);
    }
    let none = token(&fixture).without("acr").mint();
    assert_step_up(&fixture.get_as("/strong", &none).await, "no acr", STRONG);
    let typed_wrong = token(&fixture).claim("acr", json!(1)).mint();
    fixture.get_as("/strong", &typed_wrong).await.assert_invalid_token("a number");
}

async fn create<A: TestApp>(fixture: &Fixture<A>, token: &str) -> Answer {
    let request = Request::post("/castles").header(AUTHORIZATION, format!("Bearer {token}"));
    fixture.send(request.body(Bytes::new()).expect("a request")).await
}

pub async fn permission_before_step_up<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let (alice, bob) = (fixture.provider.token_for("alice"), fixture.provider.token_for("bob"));
    assert_eq!(create(&fixture, &alice).await.status.as_u16(), 201);
    create(&fixture, &bob).await.assert_refusal("neither permission nor acr", 403, "missing_permission", None);
    let weak = token(&fixture).acr("0").mint();
    assert_step_up(&create(&fixture, &weak).await, "only the acr is missing", STRONG);
}

/// Takes the facts of `/everything` away one by one, what is reported first last.
pub async fn what_a_new_login_cannot_mend_is_reported_first<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let old = fixture.clock.unix() - 361;
    let aged = token(&fixture).auth_time(old);
    let weak = aged.clone().acr("0");
    let unpermitted = weak.clone().permissions(["castles:create"]);
    let unscoped = unpermitted.clone().scope("openid");
    fixture.get_as("/everything", &token(&fixture).mint()).await.assert_ok("everything is there");
    assert_step_up(&fixture.get_as("/everything", &aged.mint()).await, "an old login", STRONG_AND_RECENT);
    assert_step_up(&fixture.get_as("/everything", &weak.mint()).await, "a weak one too", STRONG_AND_RECENT);
    let answer = fixture.get_as("/everything", &unpermitted.mint()).await;
    answer.assert_refusal("no permission", 403, "missing_permission", None);
    let answer = fixture.get_as("/everything", &unscoped.mint()).await;
    answer.assert_refusal("no scope", 403, "insufficient_scope", Some(SCOPE));
    fixture.get_as("/everything", &unscoped_and_expired(&fixture)).await.assert_invalid_token("expired");
}

fn unscoped_and_expired<A: TestApp>(fixture: &Fixture<A>) -> String {
    token(fixture).scope("openid").expires_in(-61).mint()
}

pub async fn strong_without_levels_is_a_mistake_of_the_application<A: TestApp>() {
    let fixture = Fixture::<A>::with(|guard| guard.acr_values([] as [&str; 0]));
    let answer = fixture.get_as("/strong", &token(&fixture).mint()).await;
    answer.assert_refusal("strong", 503, "acr_not_configured", None);
    assert_eq!(answer.header("retry-after"), Some("3600"));
    let aged = token(&fixture).auth_time(fixture.clock.unix() - 361);
    let unpermitted = aged.clone().permissions(["castles:create"]);
    let unscoped = unpermitted.clone().scope("openid");
    let rows = [
        ("in acr's place, before the age", aged.mint(), 503, "acr_not_configured", None),
        ("after the permission", unpermitted.mint(), 403, "missing_permission", None),
        ("after the scope", unscoped.mint(), 403, "insufficient_scope", Some(SCOPE)),
    ];
    for (what, token, status, code, challenge) in rows {
        fixture.get_as("/everything", &token).await.assert_refusal(what, status, code, challenge);
    }
    fixture.get_as("/strong", "garbage").await.assert_invalid_token("after 401");
    fixture.get("/strong").await.assert_refusal("none", 401, "missing_credentials", Some("Bearer"));
    let other_way = fixture.provider.token().permission("look").mint();
    fixture.get_as("/any", &other_way).await.assert_ok("another way is open");
    let optional = fixture.get_as("/optional/strong", &token(&fixture).mint()).await;
    optional.assert_refusal("never anonymous", 503, "acr_not_configured", None);
}

pub async fn a_login_is_recent_for_max_age_and_leeway<A: TestApp>() {
    let fixture = Fixture::<A>::new();
    let now = fixture.clock.unix();
    for age in [0, 300, 360] {
        fixture.get_as("/recent", &token(&fixture).auth_time(now - age).mint()).await.assert_ok(&age.to_string());
    }
    for auth_time in [now - 361, now - 86_400, 0, now + 61] {
        let answer = fixture.get_as("/recent", &token(&fixture).auth_time(auth_time).mint()).await;
        assert_step_up(&answer, &format!("{auth_time} at {now}"), RECENT);
    }
    let none = token(&fixture).without("auth_time").mint();
    assert_step_up(&fixture.get_as("/recent", &none).await, "no auth_time", RECENT);
    let text = token(&fixture).claim("auth_time", now.to_string()).mint();
    fixture.get_as("/recent", &text).await.assert_invalid_token("text");
}

pub async fn a_login_grows_old_while_its_token_is_cached<A: TestApp>() {
    let fixture = Fixture::<A>::with(|guard| guard.leeway(Duration::ZERO));
    let token = token(&fixture).expires_in(3600).mint();
    fixture.get_as("/recent", &token).await.assert_ok("fresh");
    fixture.clock.advance(Duration::from_secs(300));
    fixture.get_as("/recent", &token).await.assert_ok("at the age");
    fixture.clock.advance(Duration::from_secs(1));
    assert_step_up(&fixture.get_as("/recent", &token).await, "a second later", RECENT);
    fixture.get_as("/token", &token).await.assert_ok("the token itself lives on");
}
