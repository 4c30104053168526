//! The one reader for JSON that came from outside: tokens, key sets, metadata.

mod member;
mod node;

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

pub(crate) use self::member::member;
use self::node::Member;
pub(crate) use self::node::{Members, Node};

/// A JSON object none of whose members was sent twice.
pub(crate) type Object = serde_json::Map<String, Value>;

/// Containers within containers, the outermost counted; real tokens and metadata need about five.
const MAX_DEPTH: usize = 32;

/// Room for the members of the outermost object, from the start: what most tokens have.
const USUAL_MEMBERS: usize = 16;

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
pub(crate) fn members(bytes: &[u8]) -> Result<Members<'_>, JsonError> {
    // Looked at as a whole, UTF-8 costs less than text by text.
    members_of(std::str::from_utf8(bytes).map_err(|_| JsonError::Syntax)?)
}

/// Reads one JSON object as [`members`] does.
pub(crate) fn members_of(text: &str) -> Result<Members<'_>, JsonError> {
    let fault = Cell::new(JsonError::Syntax);
    let mut reader = serde_json::Deserializer::from_str(text);
    let strict = Strict { levels_left: MAX_DEPTH, fault: &fault };
    let value = strict.deserialize(&mut reader).map_err(|_| fault.get())?;
    reader.end().map_err(|_| JsonError::Syntax)?;
    match value {
        Node::Object(members) => Ok(members),
        _ => Err(JsonError::NotAnObject),
    }
}

/// Reads one JSON object as [`members`] does, to be kept.
pub(crate) fn object(bytes: &[u8]) -> Result<Object, JsonError> {
    members(bytes).map(Object::from)
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
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Node<'de>, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node<'de>, E> {
        Ok(Number::from_f64(value).map_or(Node::Null, Node::Number))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Node<'de>, A::Error> {
        let inner = self.one_deeper()?;
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(inner)? {
            array.push(element);
        }
        Ok(Node::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node<'de>, A::Error> {
        let mut next = members.next_key_seed(Name)?;
        if next.as_deref() == Some(WHOLE_NUMBER) {
            return members.next_value_seed(WholeNumber).map(Node::Number);
        }
        let inner = self.one_deeper()?;
        let mut object = Vec::with_capacity(if self.levels_left == MAX_DEPTH { USUAL_MEMBERS } else { 0 });
        while let Some(name) = next {
            object.push(Member::new(name, members.next_value_seed(inner)?));
            next = members.next_key_seed(Name)?;
        }
        Members::new(object).map(Node::Object).ok_or_else(|| self.fail(JsonError::DuplicateMember))
    }
}

/// The name of a member.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Cow<'de, str>, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// A number under `arbitrary_precision`.
///
/// # Security
/// serde_json passes its own numbers as an owned string and what was on the wire as a borrowed one. Only the
/// former is taken, so a sender cannot dress up an object as a number.
struct WholeNumber;

impl<'de> DeserializeSeed<'de> for WholeNumber {
    type Value = Number;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Number, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for WholeNumber {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Number, E> {
        Err(E::custom("an object dressed up as a number"))
    }

    fn visit_string<E: serde::de::Error>(self, digits: String) -> Result<Number, E> {
        let number: Number = digits.parse().map_err(E::custom)?;
        // Without the feature a number beyond the range of `f64` is refused, so it is with it.
        let in_range = number.as_f64().is_some_and(f64::is_finite);
        if in_range { Ok(number) } else { Err(E::custom("number out of range")) }
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
    fn atk_j14_duplicate_among_few_and_many() {
        for count in [2, 31, 32, 33, 34, 1000] {
            let members: Vec<_> = (0..count).map(|index| format!("\"m{index}\":{index}")).collect();
            let text = format!("{{{}}}", members.join(","));
            let read = super::members(text.as_bytes()).unwrap();
            assert!((0..count).all(|index| read.contains_key(&format!("m{index}"))), "{count}");
            assert!(!read.contains_key("m"), "{count}");
            for twin in [0, count / 2, count - 1] {
                let text = format!("{{{},\"\\u006d{twin}\":0}}", members.join(","));
                assert_eq!(object(text.as_bytes()), Err(DuplicateMember), "{twin} of {count}");
            }
        }
    }

    /// Names that agree in length and in the characters that are looked at first are told apart all the same, and are
    /// found to be twins all the same.
    #[test]
    fn atk_j14_duplicate_among_names_that_look_alike() {
        let read = super::members(br#"{"abcde":1,"axcxe":2,"axcye":3,"":4}"#).unwrap();
        for (name, expected) in
            [("abcde", Some(1)), ("axcxe", Some(2)), ("axcye", Some(3)), ("", Some(4)), ("aycye", None)]
        {
            let found = match read.get(name) {
                Some(super::Node::Number(number)) => number.as_u64(),
                _ => None,
            };
            assert_eq!(found, expected, "{name}");
        }
        for twins in [r#"{"axcxe":1,"axcye":2,"axcx\u0065":3}"#, r#"{"":1,"a":2,"":3}"#] {
            assert_eq!(object(twins.as_bytes()), Err(DuplicateMember), "{twins}");
        }
        let long = |last: char| format!("{}{last}{}", "a".repeat(300), "b".repeat(10));
        let text = format!("{{\"{}\":1,\"{}\":2}}", long('x'), long('y'));
        assert!(object(text.as_bytes()).is_ok());
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
