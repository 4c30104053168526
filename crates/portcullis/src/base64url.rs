//! Base64url without padding, in its one canonical form (RFC 7515 section 2).

use base64::Engine as _;
use base64::engine::general_purpose::NO_PAD;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use {base64::engine::Simd, std::sync::LazyLock};

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static STRICT: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(NO_PAD));
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
static STRICT: base64::engine::GeneralPurpose =
    base64::engine::GeneralPurpose::new(&base64::alphabet::URL_SAFE, NO_PAD);

/// Appends what `text` encodes; what was appended before an error counts for nothing.
///
/// # Security
/// One byte string has one spelling: padding, a stray length, trailing bits and characters outside the alphabet are
/// errors, so that a token cannot be respelled.
pub(crate) fn decode_to(text: &str, bytes: &mut Vec<u8>) -> Result<(), base64::DecodeError> {
    STRICT.decode_vec(text, bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn decoded(text: &str) -> Option<Vec<u8>> {
        let mut bytes = b"before".to_vec();
        decode_to(text, &mut bytes).ok()?;
        Some(bytes.strip_prefix(b"before").unwrap().to_vec())
    }

    /// The engine takes many characters at a time; what it accepts must not depend on where they stand.
    #[test]
    fn atk_j12_a_wrong_character_is_seen_wherever_it_stands() {
        for length in (0..150).filter(|length| length % 4 != 1) {
            let good: Vec<u8> = (0..length).map(|index| b"AQgw-_09azZ"[index % 11]).collect();
            let good = [&good[..length - length % 4], &b"AAA"[..length % 4]].concat();
            for position in 0..length {
                for wrong in [b'=', b'+', b'/', b'.', b' ', b'\n', 0, 0x7f, b'@', b'[', b'`', b'{', b':'] {
                    let mut text = good.clone();
                    text[position] = wrong;
                    assert_eq!(decoded(std::str::from_utf8(&text).unwrap()), None, "{wrong} at {position} of {length}");
                }
            }
            let good = String::from_utf8(good).unwrap();
            assert_eq!(decoded(&good), URL_SAFE_NO_PAD.decode(&good).ok(), "{length}");
            assert!(decoded(&good).is_some(), "{length}");
        }
    }

    #[test]
    fn atk_j12_there_is_one_spelling() {
        for length in 0..100 {
            let bytes: Vec<u8> = (0..length).map(|index| (index * 37 + 11) as u8).collect();
            let text = URL_SAFE_NO_PAD.encode(&bytes);
            assert_eq!(decoded(&text).as_deref(), Some(&*bytes));
            assert_eq!(decoded(&format!("{text}=")), None, "padding");
            assert_eq!(decoded(&format!("{text}==")), None, "padding");
            let (start, last) = text.split_at(text.len().saturating_sub(1));
            for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
                let respelled = format!("{start}{other}");
                if text.len() % 4 != 1 && last != other.to_string() {
                    assert_ne!(decoded(&respelled).as_deref(), Some(&*bytes), "{respelled}");
                }
            }
        }
        for stray in ["A", "AAAAA", "AB", "AAB", &"A".repeat(97), &format!("{}AB", "A".repeat(96))] {
            assert_eq!(decoded(stray), None, "{stray}");
        }
    }
}
