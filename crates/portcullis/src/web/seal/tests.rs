use super::*;

const APPLICATION: &str = "https://app.example";
const PURPOSE: &str = "login";
const NAME: &str = "__Host-portcullis-login-a";
const PLAINTEXT: &[u8] = b"canary";

/// Three master keys that differ.
fn key(number: u8) -> String {
    BASE64_URL_SAFE_NO_PAD.encode([number; MASTER_BYTES])
}

fn sealer(keys: &str) -> Sealer {
    CookieKeys::parse(keys).unwrap().sealer(APPLICATION, PURPOSE).unwrap()
}

fn opened(sealer: &Sealer, name: &str, sealed: &str) -> Option<Vec<u8>> {
    sealer.open(name, sealed).map(|plaintext| plaintext.to_vec())
}

fn bytes(sealed: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(sealed).unwrap()
}

fn changed(sealed: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut bytes = bytes(sealed);
    change(&mut bytes);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

#[test]
fn what_was_sealed_opens_and_never_looks_the_same_twice() {
    let sealer = sealer(&key(1));
    for plaintext in [b"".as_slice(), PLAINTEXT, &[0; 6000]] {
        let (first, second) = (sealer.seal(NAME, plaintext).unwrap(), sealer.seal(NAME, plaintext).unwrap());
        assert_ne!(first, second, "each has its own nonce");
        assert_eq!(opened(&sealer, NAME, &first).unwrap(), plaintext);
        assert_eq!(opened(&sealer, NAME, &second).unwrap(), plaintext);
        assert_eq!(bytes(&first).len(), 1 + 4 + 12 + plaintext.len() + 16);
    }
}

#[test]
fn atk_s06_f16_no_bit_of_a_sealed_value_can_be_flipped() {
    let sealer = sealer(&key(1));
    let sealed = sealer.seal(NAME, PLAINTEXT).unwrap();
    for bit in 0..bytes(&sealed).len() * 8 {
        let flipped = changed(&sealed, |bytes| bytes[bit / 8] ^= 1 << (bit % 8));
        assert!(sealer.open(NAME, &flipped).is_none(), "bit {bit}");
    }
}

#[test]
fn atk_s06_no_character_of_a_sealed_value_can_be_changed_cut_off_or_added() {
    let sealer = sealer(&key(1));
    // Of these lengths one has stray bits in its last character, one has not.
    for plaintext in [PLAINTEXT, b"canarys", b"canaries"] {
        let sealed = sealer.seal(NAME, plaintext).unwrap();
        for position in 0..sealed.len() {
            assert!(sealer.open(NAME, &sealed[..position]).is_none(), "cut at {position}");
            assert!(sealer.open(NAME, &sealed[position + 1..]).is_none(), "cut before {position}");
            for byte in (0..128).map(char::from) {
                let mut mutant = sealed.clone();
                mutant.replace_range(position..=position, byte.encode_utf8(&mut [0; 4]));
                let is_open = sealer.open(NAME, &mutant).is_some();
                assert_eq!(is_open, mutant == sealed, "{byte:?} at {position}");
            }
        }
        for position in 0..=sealed.len() {
            for more in ["A", "AAAA", "=", "==", " ", "\n", "\0", "\"", "%", "é"] {
                let mut mutant = sealed.clone();
                mutant.insert_str(position, more);
                assert!(sealer.open(NAME, &mutant).is_none(), "{more:?} at {position}");
            }
        }
    }
}

#[test]
fn atk_s06_s13_f16_a_seal_holds_for_one_place_only() {
    let ring = CookieKeys::parse(&key(1)).unwrap();
    let seal = |application: &str, purpose, name: &str| {
        ring.sealer(application, purpose).unwrap().seal(name, PLAINTEXT).unwrap()
    };
    let ours = sealer(&key(1));
    let sealed = seal(APPLICATION, PURPOSE, NAME);
    let with_version = |version| changed(&sealed, |bytes| bytes[0] = version);
    let rows = [
        ("its own place", sealed.clone(), true),
        ("atk_s06_name_of_another_login", seal(APPLICATION, PURPOSE, "__Host-portcullis-login-b"), false),
        ("atk_s06_name_of_the_session", seal(APPLICATION, PURPOSE, "__Host-portcullis-session"), false),
        ("atk_s06_name_longer", seal(APPLICATION, PURPOSE, &format!("{NAME}a")), false),
        ("atk_s06_name_empty", seal(APPLICATION, PURPOSE, ""), false),
        ("atk_s13_another_purpose", seal(APPLICATION, "session", NAME), false),
        ("atk_s13_another_application", seal("https://sibling.example", PURPOSE, NAME), false),
        ("atk_s13_purpose_shifted_into_application", seal("nhttps://app.example", "logi", NAME), false),
        ("atk_s13_application_shifted_into_purpose", seal("ttps://app.example", "loginh", NAME), false),
        ("atk_f16_unknown_key", sealer(&key(2)).seal(NAME, PLAINTEXT).unwrap(), false),
        ("atk_s06_version_from_the_past", with_version(0), false),
        ("atk_s06_version_from_the_future", with_version(2), false),
        ("atk_s06_version_255", with_version(255), false),
        ("atk_s06_plaintext", "canary".to_owned(), false),
        ("atk_s06_plaintext_encoded", BASE64_URL_SAFE_NO_PAD.encode(PLAINTEXT), false),
        (
            "atk_s06_plaintext_behind_a_header",
            changed(&sealed, |bytes| bytes.splice(17.., *PLAINTEXT_32).for_each(drop)),
            false,
        ),
        ("atk_s06_no_ciphertext", changed(&sealed, |bytes| bytes.truncate(17)), false),
        ("atk_s06_no_nonce", changed(&sealed, |bytes| bytes.truncate(5)), false),
        ("atk_s06_empty", String::new(), false),
    ];
    for (name, value, expected) in rows {
        assert_eq!(ours.open(NAME, &value).is_some(), expected, "{name}");
    }
}

/// The version is authenticated, so only a writer with our key can show that it is looked at too.
#[test]
fn atk_s06_a_genuine_value_of_another_version_is_not_opened() {
    let sealer = sealer(&key(1));
    for (version, expected) in [(0, false), (VERSION, true), (2, false), (255, false)] {
        let SealingKey { id, key } = &sealer.keys[0];
        let header = [&[version], id.as_slice()].concat();
        let mut ciphertext = PLAINTEXT.to_vec();
        let nonce = Nonce::assume_unique_for_key([0; NONCE_LEN]);
        key.seal_in_place_append_tag(nonce, associated_data(&header, NAME), &mut ciphertext).unwrap();
        let sealed = BASE64_URL_SAFE_NO_PAD.encode([header, vec![0; NONCE_LEN], ciphertext].concat());
        assert_eq!(sealer.open(NAME, &sealed).is_some(), expected, "version {version}");
    }
}

const PLAINTEXT_32: &[u8; 32] = b"{\"user\":\"admin\",\"is_admin\":true}";

#[test]
fn atk_f16_an_old_key_of_the_ring_opens_until_it_is_taken_out() {
    let [new, old, other] = [key(2), key(1), key(3)];
    let of_old = sealer(&old).seal(NAME, PLAINTEXT).unwrap();
    let rotated = sealer(&format!("{new} {old}"));
    let of_rotated = rotated.seal(NAME, PLAINTEXT).unwrap();
    let rows = [
        ("old key, ring rotated", &rotated, &of_old, true),
        ("new key, ring rotated", &rotated, &of_rotated, true),
        ("old key, three keys", &sealer(&format!("{other} {new} {old}")), &of_old, true),
        ("the newest key seals", &sealer(&new), &of_rotated, true),
        ("no other key seals", &sealer(&old), &of_rotated, false),
        ("old key taken out", &sealer(&new), &of_old, false),
        (
            "old key's value under the new key's id",
            &rotated,
            &changed(&of_old, |old| old[1..5].copy_from_slice(&bytes(&of_rotated)[1..5])),
            false,
        ),
    ];
    for (name, sealer, sealed, expected) in rows {
        assert_eq!(sealer.open(NAME, sealed).is_some(), expected, "{name}");
    }
}

#[test]
fn atk_f16_keys_whose_ids_collide_are_all_tried() {
    let sealed = sealer(&key(1)).seal(NAME, PLAINTEXT).unwrap();
    let mut ring = sealer(&format!("{} {}", key(2), key(1)));
    ring.keys[0].id = ring.keys[1].id;
    assert_eq!(opened(&ring, NAME, &sealed).unwrap(), PLAINTEXT);
}

#[test]
fn atk_s06_too_long_is_neither_sealed_nor_decoded() {
    let sealer = sealer(&key(1));
    let longest = MAX_SEALED_CHARACTERS / 4 * 3 - 33;
    let sealed = sealer.seal(NAME, &vec![0; longest]).unwrap();
    assert_eq!(sealed.len(), MAX_SEALED_CHARACTERS);
    assert!(sealer.open(NAME, &sealed).is_some());
    assert!(sealer.seal(NAME, &vec![0; longest + 1]).is_none());
    assert!(sealer.open(NAME, &format!("{sealed}AAAA")).is_none());
    assert!(sealer.open(NAME, &"A".repeat(10_000_000)).is_none());
}

#[test]
fn a_ring_is_read_strictly_and_says_what_to_set() {
    let good = key(1);
    let long = BASE64_URL_SAFE_NO_PAD.encode([1; 64]);
    let short = BASE64_URL_SAFE_NO_PAD.encode([1; 31]);
    let rows = [
        ("one", good.clone(), Ok(1)),
        ("a long one", long.clone(), Ok(1)),
        ("two", format!("{good} {long}"), Ok(2)),
        ("spaces around", format!(" {good}  {long} "), Ok(2)),
        ("empty", String::new(), Err(NO_KEYS)),
        ("spaces", "  ".to_owned(), Err(NO_KEYS)),
        ("31 bytes", short.clone(), Err(TOO_SHORT)),
        ("31 bytes behind a good one", format!("{good} {short}"), Err(TOO_SHORT)),
        ("padded", format!("{good}="), Err(NO_BASE64URL)),
        ("stray bits", format!("{}F", &good[..42]), Err(NO_BASE64URL)),
        ("standard alphabet", format!("+/{}", &good[2..]), Err(NO_BASE64URL)),
        ("commas", format!("{good},{long}"), Err(NO_BASE64URL)),
        ("a line break", format!("{good}\n"), Err(NO_BASE64URL)),
    ];
    for (name, text, expected) in rows {
        assert_eq!(CookieKeys::parse(&text).map(|keys| keys.0.len()), expected, "{name}");
    }
}

#[test]
fn random_keys_open_their_own_and_nothing_else() {
    let [one, other] = [(); 2].map(|()| CookieKeys::random().unwrap().sealer(APPLICATION, PURPOSE).unwrap());
    let sealed = one.seal(NAME, PLAINTEXT).unwrap();
    assert!(one.open(NAME, &sealed).is_some());
    assert!(other.open(NAME, &sealed).is_none());
}

#[test]
fn atk_s12_neither_debug_nor_the_sealed_value_shows_a_secret() {
    let keys = CookieKeys::parse(&key(1)).unwrap();
    let sealer = keys.sealer(APPLICATION, PURPOSE).unwrap();
    assert_eq!(format!("{keys:?} {sealer:?}"), "CookieKeys(..) Sealer(..)");
    let sealed = bytes(&sealer.seal(NAME, PLAINTEXT).unwrap());
    assert!(!sealed.windows(PLAINTEXT.len()).any(|window| window == PLAINTEXT));
}
