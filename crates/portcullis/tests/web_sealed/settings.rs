//! Settings that contradict each other.

use portcullis::{Guard, MemorySessionStore, SessionKind};

use crate::app::BASE_URL;

#[test]
fn a_store_and_cookies_at_once_is_a_mistake() {
    let error = Guard::web("https://id.example.com", "app", BASE_URL)
        .session_store(MemorySessionStore::new())
        .sessions(SessionKind::Cookie)
        .build()
        .unwrap_err();
    assert!(
        error.to_string().contains("PORTCULLIS_SESSIONS: is `cookie`, and there is a session store too"),
        "{error}"
    );
}
