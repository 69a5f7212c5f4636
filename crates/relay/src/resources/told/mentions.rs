//! Names of what came out of long work, wherever an answer has them. What clients or models have written
//! is passed over, whatever its size.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::resources::name::kind_of_root;

/// Fields that name what came out.
const OUTCOMES: [&str; 6] =
    ["name", "uri", "downloadUri", "responsesFile", "responseFile", "fileName"];

/// Fields that hold what clients or models have written.
const WORDS: [&str; 10] = [
    "inlinedResponses",
    "inlinedRequests",
    "inputConfig",
    "requests",
    "contents",
    "candidates",
    "displayName",
    "customMetadata",
    "config",
    "error",
];

/// How deep it is looked for what came out.
const DEEPEST: usize = 12;

/// Hands on each name in turn.
pub(super) fn collect(value: &RawValue, found: &mut dyn FnMut(&str)) {
    let mut reader = serde_json::Deserializer::from_str(value.get());
    // It was read as JSON once.
    let _ = Value { depth: DEEPEST, is_outcome: false, found }.deserialize(&mut reader);
}

/// A value that is looked through.
struct Value<'f> {
    depth: usize,
    is_outcome: bool,
    found: &'f mut dyn FnMut(&str),
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        if self.depth == 0 {
            return reader.deserialize_ignored_any(IgnoredAny).map(drop);
        }
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("anything")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        if let Some(name) = name_at_the_end(text).filter(|_| self.is_outcome) {
            (self.found)(name);
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let (depth, is_outcome) = (self.depth - 1, false);
        while list.next_element_seed(Value { depth, is_outcome, found: self.found })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while let Some(field) = fields.next_key::<String>()? {
            if WORDS.contains(&field.as_str()) {
                fields.next_value::<IgnoredAny>()?;
                continue;
            }
            let (depth, is_outcome) = (self.depth - 1, OUTCOMES.contains(&field.as_str()));
            fields.next_value_seed(Value { depth, is_outcome, found: self.found })?;
        }
        Ok(())
    }
}

/// The name that is this text, or stands at the end of this address of Google's.
fn name_at_the_end(text: &str) -> Option<&str> {
    let text =
        text.split(['?', ':']).next().filter(|_| !text.starts_with("http")).or_else(|| {
            let path = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
            let path = path.split_once('/')?.1.split(['?', ':']).next()?;
            path.split_once('/').map(|(_, name)| name)
        })?;
    kind_of_root(text).is_some().then_some(text)
}
