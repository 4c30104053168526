//! Idle and absolute limits.

use portcullis::UserInfo;

use crate::app::{App, set_cookies};
use crate::app::{is_deleted, seconds};

#[tokio::test]
async fn atk_s08_idle_and_absolute_limits_at_the_exact_second() {
    for (step, rounds) in [(999, 4), (400, 10)] {
        let app = App::with(|builder| builder.scopes(["openid"]).session_limits(seconds(1000), seconds(4000)));
        let browser = app.logged_in().await;
        for round in 1..=rounds {
            app.advance(step);
            let outcome = app.ask::<UserInfo>(&browser).await.outcome;
            let expected = if round * step < 4000 { (200, "ok") } else { (401, "missing_credentials") };
            assert_eq!(outcome, expected, "{step} s, request {round}");
        }
    }
    let app = App::with(|builder| builder.scopes(["openid"]).session_limits(seconds(1000), seconds(4000)));
    let browser = app.logged_in().await;
    app.advance(1000);
    let answer = app.ask::<UserInfo>(&browser).await;
    assert_eq!(answer.outcome, (401, "missing_credentials"));
    assert!(is_deleted(&answer.headers));
}

/// A thief's copy ends by the idle limit, although the user goes on.
#[tokio::test]
async fn use_is_noted_in_a_new_cookie_that_lives_to_the_absolute_limit() {
    let app = App::with(|builder| builder.scopes(["openid"]).session_limits(seconds(1000), seconds(4000)));
    let browser = app.logged_in().await;
    app.advance(49);
    assert!(set_cookies(&app.ask::<UserInfo>(&browser).await.headers).is_empty(), "not at each request");
    app.advance(1);
    let noted = set_cookies(&app.ask::<UserInfo>(&browser).await.headers);
    assert!(noted[0].ends_with("; Max-Age=3950"), "{noted:?}");
}
