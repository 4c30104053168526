//! Values that a browser keeps for us but can neither read nor change.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

const MASTER_BYTES: usize = 32;
const KEY_BYTES: usize = 32;
const KEY_ID_BYTES: usize = 4;
const TAG_BYTES: usize = 16;

const VERSION: u8 = 1;
/// The version and the key id.
const HEADER_BYTES: usize = 1 + KEY_ID_BYTES;
const MAX_SEALED_CHARACTERS: usize = 8 * 1024;
/// What is kept on our side may be longer: a user's groups alone can fill a cookie.
const MAX_RECORD_BYTES: usize = 1024 * 1024;

const NO_KEYS: &str = "holds no key; set one or more base64url values of at least 32 random bytes each, \
                       separated by spaces, newest first";
const NO_BASE64URL: &str = "holds a key that is not base64url without padding; set the characters A-Z a-z 0-9 - _ only, \
                            with one space between keys";
const TOO_SHORT: &str =
    "holds a key of less than 32 bytes; set at least 43 random characters of base64url for each key";

/// The master keys of an application's sealed cookies, newest first: the newest seals, all of them open.
pub(crate) struct CookieKeys(Vec<Zeroizing<Vec<u8>>>);

impl CookieKeys {
    /// One key that lasts as long as this process; `None` if the system has no randomness to give.
    pub(crate) fn random() -> Option<Self> {
        let mut key = Zeroizing::new(vec![0; MASTER_BYTES]);
        aws_lc_rs::rand::fill(&mut key).ok()?;
        Some(Self(vec![key]))
    }

    /// The keys of a setting: base64url values of at least 32 bytes, separated by spaces, newest first.
    ///
    /// # Errors
    /// What is wrong and what to set instead, worded to follow the setting's name. It holds nothing of the text.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let keys = text.split(' ').filter(|key| !key.is_empty()).map(master_key).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() { Err(NO_KEYS) } else { Ok(Self(keys)) }
    }

    /// What seals for one purpose of one application; `None` only if the cryptography fails.
    ///
    /// # Security
    /// Another application or purpose has other keys, even under the same master keys: what one of them sealed, no
    /// other opens.
    pub(crate) fn sealer(&self, application: &str, purpose: &'static str) -> Option<Sealer> {
        let keys = self.0.iter().map(|master| SealingKey::derive(master, application, purpose));
        Some(Sealer { keys: keys.collect::<Option<_>>()?, most_characters: MAX_SEALED_CHARACTERS })
    }
}

fn master_key(text: &str) -> Result<Zeroizing<Vec<u8>>, &'static str> {
    let key = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| NO_BASE64URL)?);
    if key.len() < MASTER_BYTES { Err(TOO_SHORT) } else { Ok(key) }
}

impl fmt::Debug for CookieKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieKeys(..)")
    }
}

/// Seals and opens the cookies of one purpose: AES-256-GCM-SIV (RFC 8452), whose random nonces may even repeat.
///
/// A sealed value is `version | key id | nonce | ciphertext and tag` in base64url. Version, key id and the cookie's
/// name are authenticated.
///
/// # Security
/// A seal says who wrote a value, not when: a browser can bring back an older one. What must expire carries its time
/// inside.
pub(crate) struct Sealer {
    keys: Vec<SealingKey>,
    most_characters: usize,
}

struct SealingKey {
    id: [u8; KEY_ID_BYTES],
    key: LessSafeKey,
}

impl Sealer {
    /// For values of at most so many characters.
    pub(crate) fn at_most(self, most_characters: usize) -> Self {
        Self { most_characters, ..self }
    }

    /// The plaintext, sealed for the cookie of this name; `None` if it is too long to be opened again.
    pub(crate) fn seal(&self, name: &str, plaintext: &[u8]) -> Option<String> {
        let text = BASE64_URL_SAFE_NO_PAD.encode(self.seal_bytes(name, plaintext)?);
        (text.len() <= self.most_characters).then_some(text)
    }

    /// The plaintext of a value that was sealed for the cookie of this name, with any key of the ring.
    pub(crate) fn open(&self, name: &str, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        if sealed.len() > self.most_characters {
            return None;
        }
        // The engine takes the canonical form only: no padding, no stray bits in the last character.
        self.open_bytes(name, &BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?)
    }

    /// The same for what a store keeps: bytes, and at most a mebibyte of them.
    pub(crate) fn seal_bytes(&self, name: &str, plaintext: &[u8]) -> Option<Vec<u8>> {
        let length = HEADER_BYTES + NONCE_LEN + plaintext.len() + TAG_BYTES;
        if length > MAX_RECORD_BYTES {
            return None;
        }
        let SealingKey { id, key } = self.keys.first()?;
        let mut nonce = [0; NONCE_LEN];
        aws_lc_rs::rand::fill(&mut nonce).ok()?;
        let mut sealed = Zeroizing::new(Vec::with_capacity(length));
        sealed.push(VERSION);
        sealed.extend_from_slice(id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plaintext);
        let aad = associated_data(&sealed[..HEADER_BYTES], name);
        let in_place = &mut sealed[HEADER_BYTES + NONCE_LEN..];
        let tag = key.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), aad, in_place).ok()?;
        sealed.extend_from_slice(tag.as_ref());
        Some(std::mem::take(&mut *sealed))
    }

    pub(crate) fn open_bytes(&self, name: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        if sealed.len() > MAX_RECORD_BYTES {
            return None;
        }
        let (header, rest) = sealed.split_at_checked(HEADER_BYTES)?;
        let (nonce, ciphertext) = rest.split_at_checked(NONCE_LEN)?;
        let (version, id) = header.split_first()?;
        if *version != VERSION {
            return None;
        }
        // Two keys may share an id by chance.
        let mut candidates = self.keys.iter().filter(|candidate| candidate.id == id);
        candidates.find_map(|SealingKey { key, .. }| {
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let mut plaintext = Zeroizing::new(ciphertext.to_vec());
            let length = key.open_in_place(nonce, associated_data(header, name), &mut plaintext).ok()?.len();
            plaintext.truncate(length);
            Some(plaintext)
        })
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(..)")
    }
}

impl SealingKey {
    /// HKDF (RFC 5869) gives the key and its id, so that the id tells nothing about the master key either.
    fn derive(master: &[u8], application: &str, purpose: &'static str) -> Option<Self> {
        struct Length;
        impl KeyType for Length {
            fn len(&self) -> usize {
                KEY_BYTES + KEY_ID_BYTES
            }
        }
        // The length says where the purpose ends, so no two pairs of purpose and application look alike.
        let length = u64::try_from(purpose.len()).ok()?.to_be_bytes();
        let info = [b"portcullis sealed cookie 1".as_slice(), &length, purpose.as_bytes(), application.as_bytes()];
        let mut derived = Zeroizing::new([0; KEY_BYTES + KEY_ID_BYTES]);
        Salt::new(HKDF_SHA256, b"").extract(master).expand(&info, Length).ok()?.fill(derived.as_mut()).ok()?;
        let (key, id) = derived.split_at(KEY_BYTES);
        let key = UnboundKey::new(&AES_256_GCM_SIV, key).ok()?;
        Some(Self { id: id.try_into().ok()?, key: LessSafeKey::new(key) })
    }
}

fn associated_data(header: &[u8], name: &str) -> Aad<Vec<u8>> {
    Aad::from([header, name.as_bytes()].concat())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests;
