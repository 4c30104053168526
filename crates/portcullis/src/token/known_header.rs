//! The header of a token that was verified, for the next token that has the same one.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use super::jws::{Header, Jws};

/// The JOSE header that was verified last: nearly all tokens of an issuer have the same, so that it need not be read
/// again.
///
/// # Security
/// What is compared is the whole encoded text, and what is remembered was read and accepted under the one list of
/// algorithms that its policy has. Only verified tokens leave their header here: a stranger can neither plant one nor
/// make others forget theirs.
#[derive(Default)]
pub(crate) struct KnownHeader(RwLock<Option<(Box<str>, Arc<Header>)>>);

impl KnownHeader {
    /// What this very text was read as.
    pub(super) fn find(&self, encoded: &str) -> Option<Arc<Header>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().filter(|(text, _)| **text == *encoded).map(|(_, header)| Arc::clone(header))
    }

    /// Keeps the header of a token **whose signature was verified**.
    pub(super) fn remember(&self, jws: &Jws<'_>) {
        if let Some(encoded) = jws.newly_read_header() {
            let known = (encoded.into(), Arc::clone(&jws.header));
            *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(known);
        }
    }
}

impl fmt::Debug for KnownHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KnownHeader(..)")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;
    use crate::keys::test_key::encode;
    use crate::token::{Algorithm, JwsError};

    fn token(header: &str) -> String {
        format!("{}.{}.{}", encode(header), encode("{}"), encode("signature"))
    }

    fn read<'t>(token: &'t str, known: &KnownHeader) -> Result<Jws<'t>, JwsError> {
        Jws::parse_knowing(token, &[Algorithm::Es256], known)
    }

    #[test]
    fn atk_j02_another_header_is_read_for_itself() {
        let known = KnownHeader::default();
        let first = token(r#"{"alg":"ES256","kid":"a","typ":"at+jwt"}"#);
        known.remember(&read(&first, &known).unwrap());
        assert!(read(&first, &known).unwrap().newly_read_header().is_none(), "it is known");
        let rows = [
            (r#"{"alg":"ES256","kid":"a","typ":"at+jwT"}"#, None),
            (r#"{"alg":"ES256","kid":"b","typ":"at+jwt"}"#, None),
            (r#"{"alg":"ES256","kid":"a","typ":"at+jwt"} "#, None),
            (r#"{"alg":"ES256","kid":"a"}"#, None),
            (r#"{"alg":"none","kid":"a","typ":"at+jwt"}"#, Some(JwsError::AlgorithmNotAllowed)),
            (r#"{"alg":"RS256","kid":"a","typ":"at+jwt"}"#, Some(JwsError::AlgorithmNotAllowed)),
            (r#"{"alg":"ES256","kid":"a","crit":["b64"]}"#, Some(JwsError::Critical)),
        ];
        for (header, expected) in rows {
            let token = token(header);
            let jws = read(&token, &known);
            assert_eq!(jws.as_ref().err(), expected.as_ref(), "{header}");
            assert!(jws.is_err() || jws.unwrap().newly_read_header().is_some(), "{header}");
        }
        let start = &first[..first.find('.').unwrap() - 1];
        for respelled in
            [format!("{start}.e30.AA"), format!("{start}=.e30.AA"), format!(" {first}"), format!(".{first}")]
        {
            assert!(read(&respelled, &known).is_err(), "{respelled}");
        }
    }

    #[test]
    fn atk_j02_what_is_not_verified_is_not_remembered() {
        let known = KnownHeader::default();
        let token = token(r#"{"alg":"ES256"}"#);
        for _ in 0..2 {
            assert!(read(&token, &known).unwrap().newly_read_header().is_some());
        }
        known.remember(&read(&token, &known).unwrap());
        let jws = read(&token, &known).unwrap();
        assert_eq!((jws.header.algorithm, jws.header.key_id.as_deref()), (Algorithm::Es256, None));
        assert_eq!((jws.payload(), jws.signature()), (&b"{}"[..], &b"signature"[..]));
    }
}
