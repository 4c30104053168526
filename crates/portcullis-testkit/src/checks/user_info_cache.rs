//! What every `UserInfoCache` promises.

use std::time::Duration;

use portcullis::{UserInfoCache, UserInfoEntry, UserInfoKey};
use serde_json::{Value, json};

use super::BrokenPromises;

/// Far longer than the check takes: no entry may be gone before.
const TTL: Duration = Duration::from_secs(3600);
const ISSUER: &str = "https://check.portcullis.invalid";
/// How often writers meet.
const ROUNDS: u64 = 25;

type Outcome = Result<(), String>;

/// Runs a [`UserInfoCache`] through what the library relies on. It works under issuers that begin with
/// `https://check.portcullis.invalid` and leaves nothing behind.
///
/// Validates that there is nothing under an unknown key; that an entry comes back as it was stored, scopes, client
/// and expiry included; that a second one replaces it; that users are kept apart by issuer and `sub`, also where
/// only the border between the two differs; that `remove` removes one entry and is content if there is none; and
/// that of entries stored at the same time one is there, whole. Does not validate when an entry is dropped: the
/// library judges its age by itself.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use portcullis::MemoryUserInfoCache;
///
/// portcullis_testkit::checks::user_info_cache(&MemoryUserInfoCache::new()).await.unwrap();
/// # });
/// ```
///
/// # Errors
/// Returns every promise that the cache does not keep.
pub async fn user_info_cache(cache: &dyn UserInfoCache) -> Result<(), BrokenPromises> {
    let outcomes = [
        survives_json(),
        knows_nothing_of_an_unknown_key(cache).await,
        returns_what_was_stored(cache).await,
        replaces(cache).await,
        keeps_users_apart(cache).await,
        removes(cache).await,
        keeps_one_whole_entry_of_many(cache).await,
    ];
    let mut broken: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    if let Err(sentence) = tidy_up(cache).await {
        broken.push(sentence);
    }
    if broken.is_empty() { Ok(()) } else { Err(BrokenPromises(broken)) }
}

/// A store outside this process keeps text or bytes: what is read back must be the same entry.
fn survives_json() -> Outcome {
    let entry = entry("alice", 1);
    let read = serde_json::to_vec(&entry).and_then(|json| serde_json::from_slice::<UserInfoEntry>(&json));
    promise(read.is_ok_and(|read| read == entry), "an entry survives JSON")
}

async fn knows_nothing_of_an_unknown_key(cache: &dyn UserInfoCache) -> Outcome {
    promise(get(cache, &key(ISSUER, "nobody")).await?.is_none(), "there is nothing under an unknown key")
}

async fn returns_what_was_stored(cache: &dyn UserInfoCache) -> Outcome {
    let (key, stored) = (key(ISSUER, "alice"), entry("alice", 1));
    set(cache, &key, &stored).await?;
    for _ in 0..2 {
        let read = get(cache, &key).await?;
        promise(read.as_ref() == Some(&stored), "an entry comes back as it was stored, again and again")?;
    }
    Ok(())
}

async fn replaces(cache: &dyn UserInfoCache) -> Outcome {
    let key = key(ISSUER, "alice");
    for number in [1, 2, 1] {
        set(cache, &key, &entry("alice", number)).await?;
        let read = get(cache, &key).await?;
        promise(read == Some(entry("alice", number)), "an entry replaces the one before")?;
    }
    Ok(())
}

/// Users that an implementation may confuse: each pair is two users.
fn neighbours() -> [(&'static str, UserInfoKey, UserInfoKey); 6] {
    let other = |suffix: &str| format!("{ISSUER}{suffix}");
    [
        ("only the issuer", key(&other("/a"), "alice"), key(&other("/b"), "alice")),
        ("only the subject", key(&other("/a"), "carol"), key(&other("/a"), "dave")),
        ("only a slash of the issuer", key(ISSUER, "erin"), key(&other("/"), "erin")),
        ("only the case of the subject", key(ISSUER, "frank"), key(ISSUER, "Frank")),
        ("only the border of issuer and subject", key(&other("/a"), ":b:c"), key(&other("/a:b"), ":c")),
        ("only a part after a separator", key(ISSUER, "grace|1"), key(ISSUER, "grace|2")),
    ]
}

async fn keeps_users_apart(cache: &dyn UserInfoCache) -> Outcome {
    for (difference, first, second) in neighbours() {
        let sentence = format!("users that differ in {difference} are two users");
        set(cache, &first, &entry("first", 1)).await?;
        promise(get(cache, &second).await?.is_none(), &sentence)?;
        set(cache, &second, &entry("second", 2)).await?;
        promise(get(cache, &first).await? == Some(entry("first", 1)), &sentence)?;
        remove(cache, &second).await?;
        promise(get(cache, &first).await?.is_some(), "removing one user leaves the others")?;
        remove(cache, &first).await?;
    }
    Ok(())
}

async fn removes(cache: &dyn UserInfoCache) -> Outcome {
    let key = key(ISSUER, "alice");
    set(cache, &key, &entry("alice", 1)).await?;
    for _ in 0..2 {
        remove(cache, &key).await?;
        promise(get(cache, &key).await?.is_none(), "what was removed is gone")?;
    }
    set(cache, &key, &entry("alice", 2)).await?;
    promise(get(cache, &key).await?.is_some(), "what was removed can be stored again")
}

async fn keeps_one_whole_entry_of_many(cache: &dyn UserInfoCache) -> Outcome {
    let key = key(ISSUER, "alice");
    for round in 0..ROUNDS {
        let entries = [1, 2, 3, 4].map(|writer| entry("alice", round * 10 + writer));
        let [first, second, third, fourth] = &entries;
        let (a, b, c, d) = tokio::join!(
            set(cache, &key, first),
            set(cache, &key, second),
            set(cache, &key, third),
            set(cache, &key, fourth),
        );
        a.and(b).and(c).and(d)?;
        let read = get(cache, &key).await?;
        let whole = read.is_some_and(|read| entries.contains(&read));
        promise(whole, "of entries stored at the same time one is there, whole")?;
    }
    Ok(())
}

async fn tidy_up(cache: &dyn UserInfoCache) -> Outcome {
    let pairs = neighbours().into_iter().flat_map(|(_, first, second)| [first, second]);
    for key in pairs.chain([key(ISSUER, "alice"), key(ISSUER, "nobody")]) {
        remove(cache, &key).await?;
    }
    Ok(())
}

fn key(issuer: &str, subject: &str) -> UserInfoKey {
    UserInfoKey { issuer: issuer.to_owned(), subject: subject.to_owned() }
}

/// An entry in which the number is everywhere: parts of two entries never make a third. Entries are made by the
/// library alone, so this one is read from the JSON that a store would keep.
fn entry(subject: &str, number: u64) -> UserInfoEntry {
    let claims = json!({
        "sub": subject, "name": "Zoë \u{1f3f0} \"quoted\"\n", "email_verified": false, "number": number,
        "largest": u64::MAX, "least": i64::MIN, "fraction": 0.1, "nothing": Value::Null,
        "address": {"lines": ["a", "", {"deep": number}]},
    });
    let grant = json!({"scopes": ["openid", format!("scope-{number}")], "client_id": format!("client-{number}")});
    let json = json!({"user_info": claims, "grant": grant, "expires_at": 4_000_000_000 + number});
    serde_json::from_value(json).expect("the JSON of an entry")
}

async fn get(cache: &dyn UserInfoCache, key: &UserInfoKey) -> Result<Option<UserInfoEntry>, String> {
    cache.get(key).await.map_err(|error| format!("`get` succeeds while the store is there ({error})"))
}

async fn set(cache: &dyn UserInfoCache, key: &UserInfoKey, entry: &UserInfoEntry) -> Outcome {
    let stored = cache.set(key, entry.clone(), TTL).await;
    stored.map_err(|error| format!("`set` succeeds while the store is there ({error})"))
}

async fn remove(cache: &dyn UserInfoCache, key: &UserInfoKey) -> Outcome {
    cache.remove(key).await.map_err(|error| format!("`remove` succeeds, also when there is nothing ({error})"))
}

fn promise(kept: bool, sentence: &str) -> Outcome {
    if kept { Ok(()) } else { Err(sentence.to_owned()) }
}
