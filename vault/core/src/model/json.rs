//! A strict reader of JSON: what I-JSON (RFC 7493) forbids is refused, and nesting has a bound.
//!
//! Two members of one name are the reason that this exists: most readers silently keep the last one, so that two
//! programs see two different people in one card.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// What was wrong, and where: line and column count from 1, columns in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct JsonError {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) fault: JsonFault,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum JsonFault {
    /// Not JSON; the sentence is about signs, never about content.
    Syntax(String),
    /// Two members of one name in one object.
    Duplicate,
    /// Nested deeper than the bound.
    Depth,
}

/// Reads one value, at most `depth` arrays and objects inside each other.
pub(super) fn parse(text: &str, depth: usize) -> Result<Value, JsonError> {
    let fault = Cell::new(None);
    let mut reader = serde_json::Deserializer::from_str(text);
    let node = Node { room: depth, fault: &fault };
    let read = reader.deserialize_any(node).and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| JsonError {
        line: error.line(),
        column: error.column(),
        fault: fault.take().unwrap_or_else(|| JsonFault::Syntax(sentence(&error))),
    })
}

/// The library's sentence without its place.
fn sentence(error: &serde_json::Error) -> String {
    let whole = error.to_string();
    whole.split(" at line ").next().unwrap_or(&whole).to_owned()
}

#[derive(Clone, Copy)]
struct Node<'a> {
    room: usize,
    fault: &'a Cell<Option<JsonFault>>,
}

impl Node<'_> {
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.room.checked_sub(1) {
            Some(room) => Ok(Self { room, ..self }),
            None => Err(self.refuse(JsonFault::Depth)),
        }
    }

    fn refuse<E: serde::de::Error>(self, fault: JsonFault) -> E {
        self.fault.set(Some(fault));
        E::custom("refused")
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
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
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(self.refuse::<A::Error>(JsonFault::Duplicate)));
            }
            let value = map.next_value_seed(inner)?;
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fault(text: &str) -> JsonError {
        parse(text, 3).unwrap_err()
    }

    #[test]
    fn a_name_given_twice_is_refused_where_it_stands() {
        let error = fault("{\"a\": 1,\n \"b\": {\"c\": 1, \"c\": 2}}");
        assert_eq!((error.line, error.fault), (2, JsonFault::Duplicate));
    }

    #[test]
    fn nesting_is_allowed_up_to_the_bound_and_not_further() {
        assert!(parse("[[[1]]]", 3).is_ok());
        assert_eq!(fault("[[[[1]]]]").fault, JsonFault::Depth);
        assert_eq!(fault(&"[".repeat(100_000)).fault, JsonFault::Depth);
    }

    #[test]
    fn broken_text_is_placed_and_described_without_its_content() {
        let error = fault("{\"a\": \"zebulon\",\n}");
        assert_eq!(error.line, 2);
        let JsonFault::Syntax(sentence) = error.fault else { panic!("not a syntax fault") };
        assert!(!sentence.contains("zebulon") && !sentence.contains("line"), "{sentence}");
    }

    proptest! {
        #[test]
        fn it_reads_what_the_common_reader_reads(text in "[\\[\\]{}:,\"a0-9.e -]{0,24}") {
            if let Ok(value) = parse(&text, 64) {
                prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
            }
        }
    }
}
