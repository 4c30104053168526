//! One member of an object that was read before.

use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

/// One member as the caller's type; `None` where it is absent or of another type. `text` must have been accepted by
/// the strict reader: this one only picks.
pub(crate) fn member<T: DeserializeOwned>(text: &[u8], name: &str) -> Option<T> {
    let mut found = None;
    let pick = Pick { name, found: &mut found };
    pick.deserialize(&mut serde_json::Deserializer::from_slice(text)).ok()?;
    found
}

struct Pick<'p, T> {
    name: &'p str,
    found: &'p mut Option<T>,
}

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for Pick<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Pick<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(is_it) = members.next_key_seed(Is(self.name))? {
            if is_it {
                *self.found = Some(members.next_value()?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// Whether the next name is this one.
struct Is<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for Is<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<bool, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for Is<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use serde_json::Value;

    use super::member;

    #[test]
    fn picks_one() {
        let text = br#"{"a":{"b":1},"b":2,"\u0063":[3],"n":null}"#;
        assert_eq!(member(text, "b"), Some(2));
        assert_eq!(member(text, "c"), Some(vec![3]), "names are compared after unescaping");
        assert_eq!(member(text, "n"), Some(None::<u64>));
        assert_eq!(member(text, "n"), Some(Value::Null));
        assert_eq!(member::<u64>(text, "a"), None, "of another type");
        assert_eq!(member::<u64>(text, "d"), None, "absent");
    }
}
