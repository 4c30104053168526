//! The one reader for JSON that came from outside: tokens, key sets, metadata.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Number, Value};

/// A JSON object none of whose members was sent twice.
pub(crate) type Object = serde_json::Map<String, Value>;

/// Containers within containers, the outermost counted; real tokens and metadata need about five.
const MAX_DEPTH: usize = 32;

/// The member name by which serde_json hands over a number when a crate elsewhere in the application has turned
/// on its feature `arbitrary_precision`; without a word about it every `exp` would cease to be a number.
const WHOLE_NUMBER: &str = "$serde_json::private::Number";

/// Why bytes are not an acceptable JSON object. Says nothing of their content, which may be a token's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JsonError {
    /// Not JSON (RFC 8259), not UTF-8, a byte order mark, a lone surrogate, or more after the end.
    Syntax,
    /// JSON, but not an object.
    NotAnObject,
    /// An object, at whatever depth, has two members of one name.
    DuplicateMember,
    /// Nested deeper than 32.
    TooDeep,
}

impl JsonError {
    /// A stable, short name for logs.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Syntax => "json_syntax",
            Self::NotAnObject => "json_not_an_object",
            Self::DuplicateMember => "json_duplicate_member",
            Self::TooDeep => "json_too_deep",
        }
    }
}

/// Reads one JSON object, strictly (RFC 7515 section 4, RFC 8725 section 2.6).
///
/// # Security
/// Of two members with one name, parsers disagree about which one counts. A proxy may then check one `aud` or
/// `alg` and the application use the other, so neither is used. Names are compared after unescaping:
/// `"\u0061lg"` is `"alg"`.
pub(crate) fn object(bytes: &[u8]) -> Result<Object, JsonError> {
    let fault = Cell::new(JsonError::Syntax);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let strict = Strict { levels_left: MAX_DEPTH, fault: &fault };
    let value = strict.deserialize(&mut reader).map_err(|_| fault.get())?;
    reader.end().map_err(|_| JsonError::Syntax)?;
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(JsonError::NotAnObject),
    }
}

/// Builds a value in one pass. The fault is kept aside because a serde error can only carry text.
#[derive(Clone, Copy)]
struct Strict<'f> {
    levels_left: usize,
    fault: &'f Cell<JsonError>,
}

impl Strict<'_> {
    fn fail<E: serde::de::Error>(self, fault: JsonError) -> E {
        self.fault.set(fault);
        E::custom(fault.reason())
    }

    fn one_deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.levels_left.checked_sub(1) {
            Some(levels_left) => Ok(Self { levels_left, ..self }),
            None => Err(self.fail(JsonError::TooDeep)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let inner = self.one_deeper()?;
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(inner)? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut next = members.next_key::<String>()?;
        if next.as_deref() == Some(WHOLE_NUMBER) {
            return members.next_value_seed(WholeNumber);
        }
        let inner = self.one_deeper()?;
        let mut object = Object::new();
        while let Some(name) = next {
            match object.entry(name) {
                Entry::Vacant(place) => place.insert(members.next_value_seed(inner)?),
                Entry::Occupied(_) => return Err(self.fail(JsonError::DuplicateMember)),
            };
            next = members.next_key()?;
        }
        Ok(Value::Object(object))
    }
}

/// A number under `arbitrary_precision`.
///
/// # Security
/// serde_json passes its own numbers as an owned string and what was on the wire as a borrowed one. Only the
/// former is taken, so a sender cannot dress up an object as a number.
struct WholeNumber;

impl<'de> DeserializeSeed<'de> for WholeNumber {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for WholeNumber {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Value, E> {
        Err(E::custom("an object dressed up as a number"))
    }

    fn visit_string<E: serde::de::Error>(self, digits: String) -> Result<Value, E> {
        let number: Number = digits.parse().map_err(E::custom)?;
        // Without the feature a number beyond the range of `f64` is refused, so it is with it.
        let in_range = number.as_f64().is_some_and(f64::is_finite);
        if in_range { Ok(Value::Number(number)) } else { Err(E::custom("number out of range")) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::JsonError::{DuplicateMember, NotAnObject, Syntax, TooDeep};
    use super::{JsonError, MAX_DEPTH, object};

    #[test]
    fn refused() {
        let rows: &[(&str, &[u8], JsonError)] = &[
            ("atk_j13_empty", b"", Syntax),
            ("atk_j13_array", b"[]", NotAnObject),
            ("atk_j13_string", b"\"{}\"", NotAnObject),
            ("atk_j13_number", b"1", NotAnObject),
            ("atk_j13_null", b"null", NotAnObject),
            ("atk_j13_not_utf8", b"{\"a\":\"\xff\"}", Syntax),
            ("atk_j13_overlong_utf8", b"{\"a\":\"\xc0\xaf\"}", Syntax),
            ("atk_j13_byte_order_mark", b"\xef\xbb\xbf{}", Syntax),
            ("atk_j13_lone_high_surrogate", br#"{"a":"\ud800"}"#, Syntax),
            ("atk_j13_lone_low_surrogate", br#"{"a":"\udc00"}"#, Syntax),
            ("atk_j13_lone_surrogate_in_name", br#"{"\ud800":1}"#, Syntax),
            ("atk_j13_trailing_data", b"{}{}", Syntax),
            ("atk_j13_trailing_comma", br#"{"a":1,}"#, Syntax),
            ("atk_j13_nan", br#"{"a":NaN}"#, Syntax),
            ("atk_j13_number_out_of_range", br#"{"a":1e999}"#, Syntax),
            ("atk_j13_control_character", b"{\"a\":\"\n\"}", Syntax),
            ("atk_j14_duplicate", br#"{"alg":"ES256","alg":"none"}"#, DuplicateMember),
            ("atk_j14_duplicate_same_value", br#"{"a":1,"a":1}"#, DuplicateMember),
            ("atk_j14_duplicate_escaped", br#"{"alg":"ES256","\u0061lg":"none"}"#, DuplicateMember),
            ("atk_j14_duplicate_nested", br#"{"a":[{"b":{"c":1,"c":2}}]}"#, DuplicateMember),
            ("object_dressed_up_as_number", br#"{"exp":{"$serde_json::private::Number":"9"}}"#, Syntax),
            ("object_dressed_up_as_number_escaped", br#"{"exp":{"$serde_json::private::Number":"\u0039"}}"#, Syntax),
        ];
        for (name, bytes, expected) in rows {
            assert_eq!(object(bytes), Err(*expected), "{name}");
        }
    }

    #[test]
    fn atk_j15_depth_is_limited() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(object(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(object(nested(MAX_DEPTH + 1).as_bytes()), Err(TooDeep));
        let objects = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
        assert_eq!(object(objects.as_bytes()), Err(TooDeep));
    }

    #[test]
    fn reads_what_serde_json_reads() {
        let text = br#" {"s":"\u00e9\ud83d\ude00","i":-1,"u":18446744073709551615,"f":1.5,"t":true,"n":null,
            "a":[1,[],{}],"o":{"s":"same name, other object"}} "#;
        let expected: serde_json::Value = serde_json::from_slice(text).unwrap();
        assert_eq!(serde_json::Value::Object(object(text).unwrap()), expected);
    }
}
