use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::{Level, Metadata, Subscriber, span};

use super::{KeySet, KeySetError, LoggedKeyId};
use crate::json::{JsonError, Object};
use crate::keys::test_key::TestKey;
use crate::token::{Algorithm, Jws};

fn jwk(algorithm: Algorithm, key_id: &str) -> Object {
    TestKey::for_algorithm(algorithm).jwk_with(json!({ "kid": key_id }))
}

fn parse(keys: impl serde::Serialize) -> Result<KeySet, KeySetError> {
    KeySet::parse(json!({ "keys": keys }).to_string().as_bytes())
}

fn names(set: &KeySet, key_id: Option<&str>, algorithm: Algorithm) -> Vec<Option<String>> {
    set.candidates(key_id, algorithm).map(|key| key.key_id().map(ToOwned::to_owned)).collect()
}

#[test]
fn atk_k05_k10_unusable_bodies() {
    let rows: &[(&str, KeySetError)] = &[
        ("", KeySetError::Json(JsonError::Syntax)),
        ("<html></html>", KeySetError::Json(JsonError::Syntax)),
        ("[]", KeySetError::Json(JsonError::NotAnObject)),
        (r#"{"keys":[],"keys":[]}"#, KeySetError::Json(JsonError::DuplicateMember)),
        ("{}", KeySetError::KeysMissing),
        (r#"{"keys":{}}"#, KeySetError::KeysNotAnArray),
        (r#"{"keys":null}"#, KeySetError::KeysNotAnArray),
        (r#"{"keys":[]}"#, KeySetError::NoUsableKey),
        (r#"{"keys":[null,1,"a",[],{}]}"#, KeySetError::NoUsableKey),
        (r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#, KeySetError::NoUsableKey),
    ];
    for (body, expected) in rows {
        assert_eq!(KeySet::parse(body.as_bytes()).err(), Some(*expected), "{body}");
    }
}

#[test]
fn atk_k05_at_most_a_hundred_keys() {
    let key = jwk(Algorithm::EdDsa, "a");
    assert_eq!(parse(vec![&key; 100]).map(|set| set.len()), Ok(100));
    assert_eq!(parse(vec![&key; 101]).err(), Some(KeySetError::TooManyKeys));
    assert_eq!(parse(vec![json!(null); 10_001]).err(), Some(KeySetError::TooManyKeys));
}

#[test]
fn atk_k05_bad_entries_do_not_spoil_good_ones() {
    let encryption = TestKey::for_algorithm(Algorithm::Rs256).jwk_with(json!({ "use": "enc", "kid": "enc" }));
    let weak = TestKey::for_algorithm(Algorithm::Rs256).jwk_with(json!({ "e": "AQ", "kid": "weak" }));
    let good = jwk(Algorithm::Es256, "good");
    let set = parse(json!([null, { "kty": "AKP", "kid": "akp" }, encryption, weak, good])).unwrap();
    assert_eq!(set.len(), 1);
    assert!(set.has_key_id("good"));
    for absent in ["akp", "enc", "weak", "", "GOOD", "good "] {
        assert!(!set.has_key_id(absent), "{absent:?}");
    }
}

#[test]
fn atk_k04_one_name_for_two_types_of_key() {
    let set = parse([jwk(Algorithm::Rs256, "a"), jwk(Algorithm::Es256, "a"), jwk(Algorithm::EdDsa, "a")]).unwrap();
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        let candidates: Vec<_> = set.candidates(Some("a"), algorithm).collect();
        assert!(matches!(candidates[..], [key] if key.fits(algorithm)), "{algorithm}");
    }
    assert_eq!(set.candidates(Some("a"), Algorithm::Es384).count(), 0);
}

#[test]
fn atk_k04_one_name_for_equal_keys_is_tried_eight_times() {
    let last = TestKey::for_algorithm(Algorithm::Es256);
    let mut keys: Vec<_> = (0..7).map(|_| jwk(Algorithm::Es256, "a")).collect();
    keys.push(last.jwk_with(json!({ "kid": "a" })));
    keys.push(jwk(Algorithm::Es256, "a"));
    let set = parse(keys).unwrap();
    assert_eq!(set.candidates(Some("a"), Algorithm::Es256).count(), 8);
    let token = last.token(Algorithm::Es256, &json!({ "alg": "ES256", "kid": "a" }), "{}");
    let jws = Jws::parse(&token, Algorithm::ALL).unwrap();
    assert!(set.candidates(Some("a"), Algorithm::Es256).any(|key| jws.verify_with(key)));
}

#[test]
fn atk_j16_key_ids_are_compared_byte_by_byte() {
    let nameless = TestKey::for_algorithm(Algorithm::Es256).jwk();
    let set = parse([jwk(Algorithm::Es256, "kid-1"), nameless, jwk(Algorithm::Es256, "kid-2")]).unwrap();
    let name = |name: &str| Some(name.to_owned());
    assert_eq!(names(&set, Some("kid-1"), Algorithm::Es256), [name("kid-1")]);
    assert_eq!(names(&set, None, Algorithm::Es256), [name("kid-1"), None, name("kid-2")], "a token without a name");
    for unknown in ["", "KID-1", "kid-1 ", "kid-1\0", "k\u{456}d-1", "../../dev/null", "' OR 1=1", "__proto__"] {
        assert!(names(&set, Some(unknown), Algorithm::Es256).is_empty(), "{unknown:?}");
    }
}

#[test]
fn atk_k09_rotation() {
    let (stays, goes, comes) =
        (jwk(Algorithm::Es256, "stays"), jwk(Algorithm::Es256, "goes"), jwk(Algorithm::Es256, "comes"));
    let before = parse([&stays, &goes]).unwrap();
    let (stayed, gone) = (Arc::clone(&before.keys[0]), Arc::clone(&before.keys[1]));
    let after = parse([&comes, &stays]).unwrap().adopt(&before);
    assert!(Arc::ptr_eq(&after.keys[1], &stayed) && !stayed.is_retired());
    assert!(gone.is_retired() && !after.has_key_id("goes"));
    assert!(after.has_key_id("comes"));

    let back = parse([&goes]).unwrap().adopt(&before);
    assert!(!back.keys[0].is_retired(), "a retired key that comes back is a new one");
}

#[test]
fn atk_k09_a_name_with_new_material_is_another_key() {
    let before = parse([jwk(Algorithm::Es256, "a")]).unwrap();
    let after = parse([jwk(Algorithm::Es256, "a")]).unwrap().adopt(&before);
    assert!(before.keys[0].is_retired() && !after.keys[0].is_retired());
}

#[test]
fn atk_k03_a_published_private_key_is_warned_about() {
    let pair = TestKey::for_algorithm(Algorithm::Es256);
    let careless = pair.jwk_with(json!({ "kid": "careless", "d": "c2VjcmV0" }));
    let secret = json!({ "kty": "oct", "kid": "secret", "k": "c2VjcmV0" });
    let (set, log) = logged(|| parse(json!([careless, secret, pair.jwk()])).unwrap());
    assert_eq!(set.len(), 2, "the public part is used, the secret is not");
    assert!(!set.has_key_id("secret"));
    let private = |kid| format!("WARN kid={kid} reason=\"jwk_private_members\"");
    assert!(log.contains(&private("careless")) && log.contains(&private("secret")), "{log:?}");
    assert_eq!(log.len(), 3, "{log:?}");
    assert!(!log.concat().contains("c2VjcmV0"));
}

#[test]
fn atk_x06_key_ids_in_the_log_are_escaped_and_short() {
    let rows = [
        (None, "-".to_owned()),
        (Some("key-1".to_owned()), "key-1".to_owned()),
        (Some("a\r\n\u{1b}[2J\u{202e}".to_owned()), r"a\r\n\u{1b}[2J\u{202e}".to_owned()),
        (Some("a".repeat(64)), "a".repeat(64)),
        (Some("a".repeat(65)), format!("{}...", "a".repeat(64))),
    ];
    for (key_id, expected) in rows {
        assert_eq!(LoggedKeyId(key_id.as_deref()).to_string(), expected);
    }
}

#[test]
fn keys_for_others_are_no_cause_for_a_warning() {
    let encryption = TestKey::for_algorithm(Algorithm::Rs256).jwk_with(json!({ "use": "enc", "kid": "a" }));
    let weak = TestKey::for_algorithm(Algorithm::Rs256).jwk_with(json!({ "e": "AQ", "kid": "b" }));
    let (_, log) = logged(|| parse(json!([encryption, weak])).map(|_| ()));
    let expected = ["DEBUG kid=a reason=\"jwk_use\"", "WARN kid=b reason=\"jwk_rsa_exponent\""];
    assert_eq!(log, expected);
}

/// Collects level and fields of each event.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() != "message" {
            self.0 += &format!(" {}={value:?}", field.name());
        }
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::DEBUG
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

fn logged<T>(run: impl FnOnce() -> T) -> (T, Vec<String>) {
    let log = Log::default();
    let result = tracing::subscriber::with_default(log.clone(), run);
    let lines = log.0.lock().unwrap().clone();
    (result, lines)
}
