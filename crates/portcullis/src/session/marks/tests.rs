use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;

use super::*;

const ISSUER: &str = "https://id.example";
const LIFE: Duration = Duration::from_secs(1000);

/// A session as it is opened, its ID token included.
fn session(id: &str, subject: &str, sid: &str, began: u64) -> Live {
    let claims = json!({"iss": ISSUER, "sub": subject, "sid": sid}).to_string();
    let id_token = format!("e30.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(claims));
    let record = json!({
        "created_at": 0, "seen_at": 0, "subject": subject, "auth_time": null, "acr": null, "scopes": [],
        "permissions": [], "user_info": {"sub": subject}, "id_token": {"raw": id_token, "expires_at": 0},
        "access_expires_at": null
    });
    Live { id: id.into(), record: serde_json::from_value(record).unwrap(), version: 1, began, cookie: None }
}

fn marks() -> SessionMarks {
    SessionMarks::new(LIFE, Arc::new(Moving::default()))
}

/// Begins at the epoch, and moves as it is told.
#[derive(Debug, Default)]
struct Moving(AtomicU64);

impl Clock for Moving {
    fn unix_time(&self) -> Duration {
        self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

fn is_alive(marks: &SessionMarks, live: &Live) -> bool {
    marks.newest(live, ISSUER).is_some()
}

#[test]
fn atk_l03_all_sessions_of_a_user_end_and_no_other() {
    let marks = marks();
    let begin = |id, subject, sid| session(id, subject, sid, marks.stamp());
    let [first, second, third] = [begin("1", "alice", "a"), begin("2", "alice", "b"), begin("3", "bob", "c")];
    marks.end_all(SessionIndex::of_subject(ISSUER, "alice")).unwrap();
    assert_eq!([&first, &second, &third].map(|live| is_alive(&marks, live)), [false, false, true]);
    assert!(is_alive(&marks, &begin("4", "alice", "d")), "a login after the logout, in the same second");
    let foreign = marks.newest(&first, "https://other.example");
    assert!(foreign.is_some(), "the user of another issuer is another user");
}

#[test]
fn a_session_at_the_provider_ends_by_itself_or_with_its_user() {
    for (index, is_left) in [
        (SessionIndex::of_session(ISSUER, "a"), false),
        (SessionIndex::of_session(ISSUER, "b"), true),
        (SessionIndex::of_session_and_subject(ISSUER, "a", "alice"), false),
        (SessionIndex::of_session_and_subject(ISSUER, "a", "bob"), true),
    ] {
        let marks = marks();
        let live = session("1", "alice", "a", marks.stamp());
        marks.end_all(index).unwrap();
        assert_eq!(is_alive(&marks, &live), is_left, "{index}");
    }
}

#[test]
fn p10_without_room_a_logout_fails_and_no_mark_is_lost() {
    let clock = Arc::new(Moving::default());
    let marks = SessionMarks::new(LIFE, Arc::clone(&clock) as Arc<dyn Clock>);
    let keys = |number: usize| SessionKey::of(&number.to_be_bytes());
    for number in 0..MOST_LOGOUTS {
        marks.end(keys(number)).unwrap();
    }
    assert_eq!(marks.end(keys(MOST_LOGOUTS)), Err(Full));
    let first = Live { id: "first".into(), ..session("first", "alice", "a", 0) };
    assert_eq!(marks.end(first.key()), Err(Full));
    assert_eq!(marks.end(keys(0)), Ok(()), "once more is no news");
    clock.0.store(LIFE.as_secs(), Ordering::Relaxed);
    assert_eq!(marks.end(first.key()), Ok(()), "no session can be that old");
    assert!(marks.newest(&first, ISSUER).is_none());
}

#[test]
fn atk_s09_of_two_changes_of_one_version_the_second_looks_again() {
    let marks = marks();
    let before = session("1", "alice", "a", marks.stamp());
    let [one, other] = [2, 3].map(|refreshes| {
        let mut after = Live { version: 2, ..before.clone() };
        after.record.refreshes = refreshes;
        after
    });
    assert_eq!(marks.renew(&before, one, ISSUER), Ok(true));
    assert_eq!(marks.renew(&before, other, ISSUER), Ok(false));
    assert_eq!(marks.newest(&before, ISSUER).unwrap().record.refreshes, 2);
    assert_eq!(marks.end_unchanged(&before), Ok(false), "a refusal of old tokens ends nothing");
    marks.end(before.key()).unwrap();
    let revived = Live { version: 3, ..before.clone() };
    let current = Live { version: 2, ..before };
    assert_eq!(marks.renew(&current, revived, ISSUER), Ok(false), "what has ended is not changed");
}
