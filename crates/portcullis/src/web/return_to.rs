//! Where a browser is sent after login and logout.

use std::iter;

use url::Url;

/// Stands for the application's own origin; any will do, since a local path never names one.
const ORIGIN: &str = "https://portcullis.invalid";
const MAX_BYTES: usize = 512;
/// No server decodes as often as this.
const MOST_READINGS: usize = 8;

/// The value itself, if it is a path (and query) that cannot leave the application's origin.
///
/// Validated is what a browser makes of it, literally and after one more round of percent-decoding. A value that a URL
/// parser would rewrite is not taken, nor one with a fragment. Not validated is whether the path exists, and whether
/// it is one of the library's own.
///
/// # Security
/// An open redirect lends the application's good name to a phishing page (RFC 9700 section 4.11). Validate when
/// writing and again when using; in HTML it still has to be escaped.
pub(crate) fn local_path(value: &str) -> Option<&str> {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\\#".contains(&byte);
    if value.len() > MAX_BYTES || !value.bytes().all(is_plain) || !starts_locally(value) {
        return None;
    }
    let base = Url::parse(ORIGIN).ok()?;
    let resolved = resolve(&base, value)?;
    if resolved.as_str().strip_prefix(ORIGIN) != Some(value) {
        return None;
    }
    let decoded = percent_decoded(resolved.path());
    if decoded.chars().any(char::is_control) {
        return None;
    }
    // Whoever decodes once too often may trim as well.
    let decoded: String = decoded.chars().filter(|character| !character.is_whitespace()).collect();
    starts_locally(resolve(&base, &decoded)?.path()).then_some(value)
}

/// The paths that a local path may be taken for: as it stands, then decoded once more each time, as long as that
/// changes something; dots resolved and repeated slashes joined.
pub(super) fn readings(path_and_query: &str) -> impl Iterator<Item = String> {
    let path = path_and_query.split('?').next().unwrap_or_default();
    let decoded = |reading: &String| tidy(&percent_decoded(reading)).filter(|next| next != reading);
    iter::successors(tidy(path), decoded).take(MOST_READINGS)
}

fn tidy(path: &str) -> Option<String> {
    let mut joined = path.replace('\\', "/");
    while joined.contains("//") {
        joined = joined.replace("//", "/");
    }
    resolve(&Url::parse(ORIGIN).ok()?, &joined).map(|url| url.path().to_owned())
}

/// One slash, and nothing behind it that begins an authority or passes for one.
fn starts_locally(path: &str) -> bool {
    let mut bytes = path.bytes();
    bytes.next() == Some(b'/') && !matches!(bytes.next(), Some(b'/' | b'\\' | b'@'))
}

/// What a browser on the application's page makes of it, if that is on the same origin.
fn resolve(base: &Url, value: &str) -> Option<Url> {
    base.join(value).ok().filter(|resolved| resolved.origin() == base.origin())
}

/// One round; what is no percent-encoding stays as it is.
fn percent_decoded(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let byte = if first == b'%' { behind.first_chunk().and_then(hex_byte) } else { None };
        decoded.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn hex_byte(&[high, low]: &[u8; 2]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests;
