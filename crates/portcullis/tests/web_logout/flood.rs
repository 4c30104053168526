//! Anybody can post logout tokens.

use std::collections::BTreeMap;

use portcullis_testkit::Endpoint;

use crate::app::{App, is_done};

const FLOOD: usize = 10_000;
/// A burst of three, whoever asks.
const BURST: usize = 3;

#[tokio::test]
async fn atk_l05_a_flood_of_unknown_key_ids_costs_no_more_than_the_budget() {
    let app = App::new();
    let alice = app.logged_in("alice").await;
    app.provider.reset_counters();
    let mut answers = BTreeMap::new();
    for number in 0..FLOOD {
        let token = app.provider.logout_token().kid(format!("kid-{number}")).raw_signature(vec![7; 64]).mint();
        *answers.entry(app.tell(&token).await.status().as_u16()).or_insert(0) += 1;
    }
    assert_eq!(answers, BTreeMap::from([(400, BURST), (503, FLOOD - BURST)]));
    assert_eq!(app.asked(), [Endpoint::Jwks; BURST]);
    assert_eq!((app.store.removals(), alice.user(&app).await.as_deref()), (0, Some("alice")));
    is_done(&app.tell(&app.provider.logout_token().mint()).await, "a good token after the flood");
}

#[tokio::test]
async fn atk_l05_a_flood_of_bad_signatures_costs_one_fetch() {
    let app = App::new();
    let alice = app.logged_in("alice").await;
    app.provider.reset_counters();
    for _ in 0..FLOOD {
        let token = app.provider.logout_token().raw_signature(vec![7; 64]).mint();
        assert_eq!(app.tell(&token).await.status(), 400);
    }
    assert_eq!(app.asked(), [Endpoint::Jwks]);
    assert_eq!((app.store.removals(), alice.user(&app).await.as_deref()), (0, Some("alice")));
}

/// There is one budget for strangers, not one per door.
#[tokio::test]
async fn atk_l05_logout_tokens_and_access_tokens_share_the_budget() {
    let app = App::with(|builder| builder.audience("https://api.example.com"));
    let _alice = app.logged_in("alice").await;
    app.provider.reset_counters();
    for number in 0..10 {
        let token = app.provider.logout_token().kid(format!("logout-{number}")).raw_signature(vec![7; 64]).mint();
        app.tell(&token).await;
        let token = app.provider.token().kid(format!("access-{number}")).raw_signature(vec![7; 64]).mint();
        let mut request = crate::app::request("GET", "/account");
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        let attempt = app.guard.attempt(&portcullis::Head::of(&request));
        assert!(attempt.admit::<portcullis::AccessToken, ()>().await.is_err());
    }
    assert_eq!(app.asked(), [Endpoint::Jwks; BURST]);
}
