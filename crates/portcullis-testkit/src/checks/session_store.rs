//! What every `SessionStore` promises.

use portcullis::{SessionIndex, SessionKey, SessionStore, StoredSession};
use serde_json::json;

use super::BrokenPromises;

/// After 2038, in seconds: no session may be gone before.
const FAR: u64 = 4_000_000_000;
/// How often writers meet.
const ROUNDS: u64 = 25;
/// The keys that the check uses, the neighbours apart.
const KEYS: [&str; 5] = ["00", "01", "02", "03", "04"];
/// "portcullis-testkit: check sess"
const MIDDLE: &str = "706f727463756c6c69732d746573746b69743a20636865636b2073657373";

type Outcome = Result<(), String>;

/// Runs a [`SessionStore`] through what the library relies on. It works under a few fixed keys and indexes that no
/// session id and no user has, and leaves nothing behind.
///
/// Validates that a session comes back as it was stored; that `insert` replaces nothing; that `replace` succeeds for
/// the expected version alone, once among many at the same time, and brings nothing back that was removed (S09);
/// that `remove` is content if there is nothing; that `remove_all` ends every session of an index, of which there
/// may be several, and no other (L03); that indexes follow what is stored; and that keys are independent. Does not
/// validate what happens when the store is out of reach, nor when a session is dropped: the library judges its age
/// by itself. Requests in parallel are polled by one task: a race between threads is for the store's own tests.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use portcullis::MemorySessionStore;
///
/// portcullis_testkit::checks::session_store(&MemorySessionStore::new()).await.unwrap();
/// # });
/// ```
///
/// # Errors
/// Returns every promise that the store does not keep.
pub async fn session_store(store: &dyn SessionStore) -> Result<(), BrokenPromises> {
    let outcomes = [
        survives_json(),
        and_tidy_up(store, knows_nothing_of_an_unknown_key(store)).await,
        and_tidy_up(store, returns_what_was_stored(store)).await,
        and_tidy_up(store, inserts_only_what_is_new(store)).await,
        and_tidy_up(store, replaces_the_expected_version_alone(store)).await,
        and_tidy_up(store, never_revives(store)).await,
        and_tidy_up(store, lets_one_of_many_win(store)).await,
        and_tidy_up(store, lets_logout_win(store)).await,
        and_tidy_up(store, removes(store)).await,
        and_tidy_up(store, removes_by_index(store)).await,
        and_tidy_up(store, keeps_indexes_true(store)).await,
        and_tidy_up(store, keeps_keys_apart(store)).await,
    ];
    let broken: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    if broken.is_empty() { Ok(()) } else { Err(BrokenPromises(broken)) }
}

/// `insert` replaces nothing, so what one promise leaves behind would break the next.
async fn and_tidy_up(store: &dyn SessionStore, promise: impl Future<Output = Outcome>) -> Outcome {
    let kept = promise.await;
    let tidied = tidy_up(store).await;
    kept.and(tidied)
}

/// A store outside this process keeps text or bytes: what is read back must be the same session.
fn survives_json() -> Outcome {
    let session = StoredSession::new((0..=255).collect(), u64::MAX, u64::MAX, vec![index("alice"), index("sid-1")]);
    let read = serde_json::to_vec(&session).and_then(|json| serde_json::from_slice::<StoredSession>(&json));
    promise(read.is_ok_and(|read| read == session), "a session survives JSON")
}

async fn knows_nothing_of_an_unknown_key(store: &dyn SessionStore) -> Outcome {
    promise(load(store, &key("00")).await?.is_none(), "there is nothing under an unknown key")?;
    promise(remove_all(store, "nobody").await? == 0, "there is nothing under an unknown index")
}

async fn returns_what_was_stored(store: &dyn SessionStore) -> Outcome {
    let large = StoredSession::new(vec![0xff; 32 * 1024], 1 << 40, FAR + 1, vec![]);
    for (key, stored) in [(key("00"), session(1, &["alice", "sid-1"])), (key("01"), large)] {
        insert(store, &key, &stored).await?;
        for _ in 0..2 {
            let read = load(store, &key).await?;
            promise(read.as_ref() == Some(&stored), "a session comes back as it was stored, again and again")?;
        }
    }
    Ok(())
}

async fn inserts_only_what_is_new(store: &dyn SessionStore) -> Outcome {
    let (key, first) = (key("00"), session(1, &["alice"]));
    insert(store, &key, &first).await?;
    for second in [session(1, &["alice"]), session(2, &["bob"])] {
        promise(store.insert(&key, second).await.is_err(), "`insert` refuses a key that is taken")?;
    }
    promise(load(store, &key).await? == Some(first), "a refused `insert` changes nothing")?;
    promise(remove_all(store, "bob").await? == 0, "a refused `insert` changes no index")
}

async fn replaces_the_expected_version_alone(store: &dyn SessionStore) -> Outcome {
    let key = key("00");
    insert(store, &key, &session(1, &["alice"])).await?;
    for wrong in [0, 2, u64::from(u32::MAX) + 2] {
        let replaced = replace(store, &key, &session(2, &["bob"]), wrong).await?;
        promise(!replaced, "`replace` is refused for another version")?;
        promise(load(store, &key).await? == Some(session(1, &["alice"])), "a refused `replace` changes nothing")?;
        promise(remove_all(store, "bob").await? == 0, "a refused `replace` changes no index")?;
    }
    for version in 1..4 {
        let next = session(version + 1, &["alice"]);
        promise(replace(store, &key, &next, version).await?, "`replace` succeeds for the version that is there")?;
        promise(load(store, &key).await? == Some(next), "a session replaces the one before")?;
    }
    promise(!replace(store, &key, &session(9, &["alice"]), 1).await?, "`replace` is refused for an older version")
}

async fn never_revives(store: &dyn SessionStore) -> Outcome {
    let (key, next) = (key("00"), session(2, &["alice"]));
    let sentence = "`replace` brings nothing back that was removed";
    promise(!replace(store, &key, &next, 1).await?, "`replace` stores nothing where nothing was")?;
    promise(load(store, &key).await?.is_none(), "`replace` stores nothing where nothing was")?;
    insert(store, &key, &session(1, &["alice"])).await?;
    remove(store, &key).await?;
    promise(!replace(store, &key, &next, 1).await? && load(store, &key).await?.is_none(), sentence)?;
    insert(store, &key, &session(1, &["alice"])).await?;
    remove_all(store, "alice").await?;
    promise(!replace(store, &key, &next, 1).await? && load(store, &key).await?.is_none(), sentence)
}

async fn lets_one_of_many_win(store: &dyn SessionStore) -> Outcome {
    let key = key("00");
    let sessions = |version: u64| [1, 2, 3, 4].map(|writer: u8| marked(writer, version));
    let [a, b, c, d] = sessions(0).map(|session| store.insert(&key, session));
    let (a, b, c, d) = tokio::join!(a, b, c, d);
    let won = [a.is_ok(), b.is_ok(), c.is_ok(), d.is_ok()];
    one_winner(store, &key, won, &sessions(0), "of inserts at the same time one succeeds").await?;
    for version in 0..ROUNDS {
        let next = sessions(version + 1);
        let [a, b, c, d] = next.each_ref().map(|session| replace(store, &key, session, version));
        let (a, b, c, d) = tokio::join!(a, b, c, d);
        one_winner(store, &key, [a?, b?, c?, d?], &next, "of replaces at the same time one succeeds").await?;
    }
    Ok(())
}

async fn one_winner(
    store: &dyn SessionStore,
    key: &SessionKey,
    won: [bool; 4],
    sessions: &[StoredSession; 4],
    sentence: &str,
) -> Outcome {
    let mut winners = won.iter().zip(sessions).filter(|(won, _)| **won);
    let (winner, another) = (winners.next(), winners.next());
    promise(winner.is_some() && another.is_none(), sentence)?;
    let read = load(store, key).await?;
    promise(read.as_ref() == winner.map(|(_, session)| session), "what the winner stored is there")
}

async fn lets_logout_win(store: &dyn SessionStore) -> Outcome {
    let (key, next) = (key("00"), session(2, &["alice"]));
    let sentence = "a logout wins over a `replace` at the same time";
    for round in 0..ROUNDS {
        insert(store, &key, &session(1, &["alice"])).await?;
        // Whoever is polled first, the session is gone afterwards.
        let (replaced, removed) = match round % 4 {
            0 => tokio::join!(biased; replace(store, &key, &next, 1), remove(store, &key)),
            1 => swap(tokio::join!(biased; remove(store, &key), replace(store, &key, &next, 1))),
            2 => tokio::join!(biased; replace(store, &key, &next, 1), end(store, "alice")),
            _ => swap(tokio::join!(biased; end(store, "alice"), replace(store, &key, &next, 1))),
        };
        replaced?;
        removed?;
        promise(load(store, &key).await?.is_none(), sentence)?;
    }
    Ok(())
}

fn swap<A, B>((a, b): (A, B)) -> (B, A) {
    (b, a)
}

async fn removes(store: &dyn SessionStore) -> Outcome {
    let key = key("00");
    insert(store, &key, &session(1, &["alice"])).await?;
    for _ in 0..2 {
        remove(store, &key).await?;
        promise(load(store, &key).await?.is_none(), "what was removed is gone")?;
    }
    promise(remove_all(store, "alice").await? == 0, "what was removed has left its indexes")
}

async fn removes_by_index(store: &dyn SessionStore) -> Outcome {
    let sessions = [["alice", "sid-0"], ["alice", "sid-1"], ["alice", "sid-2"], ["bob", "sid-3"]];
    let table: [(_, _, &[bool]); 2] =
        [("alice", 3, &[false, false, false, true]), ("sid-1", 1, &[true, false, true, true])];
    for (name, count, left) in table {
        for (key, indexes) in KEYS.iter().zip(&sessions) {
            insert(store, &self::key(key), &session(1, indexes)).await?;
        }
        let removed = remove_all(store, name).await?;
        for (key, left) in KEYS.iter().zip(left) {
            let there = load(store, &self::key(key)).await?.is_some();
            promise(!there || *left, "`remove_all` removes every session of the index")?;
            promise(there || !*left, "`remove_all` removes no session that has not the index")?;
        }
        promise(removed == count, "`remove_all` says how many sessions it removed")?;
        promise(remove_all(store, name).await? == 0, "`remove_all` is content if there is nothing")?;
        tidy_up(store).await?;
    }
    Ok(())
}

async fn keeps_indexes_true(store: &dyn SessionStore) -> Outcome {
    let key = key("00");
    insert(store, &key, &session(1, &["alice", "sid-0"])).await?;
    replace(store, &key, &session(2, &["alice", "sid-1"]), 1).await?;
    remove_all(store, "sid-0").await?;
    promise(load(store, &key).await?.is_some(), "an index that was replaced finds the session no more")?;
    promise(remove_all(store, "sid-1").await? == 1, "the indexes that `replace` brings find the session")?;
    insert(store, &key, &session(1, &["bob"])).await?;
    remove_all(store, "alice").await?;
    promise(load(store, &key).await?.is_some(), "the indexes of a removed session do not find the next one")
}

/// Keys that an implementation may confuse: each pair is two sessions.
fn neighbours() -> [(&'static str, SessionKey, SessionKey); 2] {
    [("first byte", digest("00", "00"), digest("10", "00")), ("last byte", digest("00", "00"), digest("00", "01"))]
        .map(|(difference, first, second)| (difference, SessionKey::from_hex(first), SessionKey::from_hex(second)))
}

async fn keeps_keys_apart(store: &dyn SessionStore) -> Outcome {
    for (difference, first, second) in neighbours() {
        let sentence = format!("keys that differ in only the {difference} are two sessions");
        insert(store, &first, &session(1, &["alice"])).await?;
        promise(load(store, &second).await?.is_none(), &sentence)?;
        insert(store, &second, &session(1, &["bob"])).await?;
        replace(store, &second, &session(2, &["bob"]), 1).await?;
        promise(load(store, &first).await? == Some(session(1, &["alice"])), &sentence)?;
        remove(store, &second).await?;
        promise(load(store, &first).await?.is_some(), "removing one session leaves the others")?;
        remove(store, &first).await?;
    }
    Ok(())
}

async fn tidy_up(store: &dyn SessionStore) -> Outcome {
    let pairs = neighbours().into_iter().flat_map(|(_, first, second)| [first, second]);
    for key in pairs.chain(KEYS.map(key)) {
        remove(store, &key).await?;
        promise(load(store, &key).await?.is_none(), "what was removed is gone")?;
    }
    Ok(())
}

fn key(number: &str) -> SessionKey {
    SessionKey::from_hex(digest("00", number))
}

/// Digests are made by the library alone, so these are read from the text that a store would keep.
trait FromHex: serde::de::DeserializeOwned {
    fn from_hex(hex: String) -> Self {
        serde_json::from_value(json!(hex)).expect("64 hex digits")
    }
}

impl FromHex for SessionKey {}
impl FromHex for SessionIndex {}

fn digest(first: &str, last: &str) -> String {
    format!("{first}{MIDDLE}{last}")
}

fn index(name: &str) -> SessionIndex {
    let hex: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
    SessionIndex::from_hex(format!("{hex:0<64}"))
}

fn session(version: u64, indexes: &[&str]) -> StoredSession {
    let indexes = indexes.iter().map(|name| index(name)).collect();
    StoredSession::new((0..=255).rev().collect(), version, FAR + version, indexes)
}

fn marked(writer: u8, version: u64) -> StoredSession {
    StoredSession::new(vec![writer; 64], version, FAR + u64::from(writer), vec![index("alice")])
}

async fn load(store: &dyn SessionStore, key: &SessionKey) -> Result<Option<StoredSession>, String> {
    store.load(key).await.map_err(|error| format!("`load` succeeds while the store is there ({error})"))
}

async fn insert(store: &dyn SessionStore, key: &SessionKey, session: &StoredSession) -> Outcome {
    let stored = store.insert(key, session.clone()).await;
    stored.map_err(|error| format!("`insert` succeeds where nothing is ({error})"))
}

async fn replace(
    store: &dyn SessionStore,
    key: &SessionKey,
    session: &StoredSession,
    expected_version: u64,
) -> Result<bool, String> {
    let replaced = store.replace(key, session.clone(), expected_version).await;
    replaced.map_err(|error| format!("`replace` says `false` where it does not fit ({error})"))
}

async fn remove(store: &dyn SessionStore, key: &SessionKey) -> Outcome {
    store.remove(key).await.map_err(|error| format!("`remove` succeeds, also when there is nothing ({error})"))
}

async fn remove_all(store: &dyn SessionStore, name: &str) -> Result<usize, String> {
    let removed = store.remove_all(&index(name)).await;
    removed.map_err(|error| format!("`remove_all` succeeds, also when there is nothing ({error})"))
}

async fn end(store: &dyn SessionStore, name: &str) -> Outcome {
    remove_all(store, name).await.map(drop)
}

fn promise(kept: bool, sentence: &str) -> Outcome {
    if kept { Ok(()) } else { Err(sentence.to_owned()) }
}
