//! A JSON object of which only few members are changed.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor},
};
use serde_json::value::{RawValue, to_raw_value};

use super::Text;

/// The members of an object in their order; values stay as they stand in the body.
#[derive(Debug, Clone, Default)]
pub(crate) struct Object<'a>(Vec<(Text<'a>, Cow<'a, RawValue>)>);

impl<'a> Object<'a> {
    pub(crate) fn read(json: &'a str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let member = self.0.iter().rfind(|(key, _)| is(key, name));
        member.map(|(_, value)| value.get())
    }

    /// Replaces a member, or adds it at the end.
    pub(crate) fn put<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) {
        // Our own types serialise always.
        let Ok(value) = to_raw_value(value) else { return };
        self.remove(name);
        self.0.push((Text::Verbatim(name), Cow::Owned(value)));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(key, _)| !is(key, name));
    }

    pub(crate) fn to_vec(&self) -> Vec<u8> {
        super::to_vec(self)
    }
}

fn is(key: &Text<'_>, name: &str) -> bool {
    match key {
        Text::Verbatim(key) if !key.contains('\\') => *key == name,
        other => other.decode() == name,
    }
}

impl Serialize for Object<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key.decode(), value)))
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((key, value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
            members.push((key, Cow::Borrowed(value)));
        }
        Ok(Object(members))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_put_changes() {
        let json = r#"{"b": 1.0, "\u0061": {"x" : [1]}, "c": null}"#;
        let mut object = Object::read(json).unwrap();
        assert_eq!(object.get("a"), Some(r#"{"x" : [1]}"#));
        object.put("c", &[1, 2]);
        object.put("d", "e");
        object.remove("b");
        assert_eq!(object.to_vec(), br#"{"a":{"x" : [1]},"c":[1,2],"d":"e"}"#);
        assert!(Object::read("[]").is_none());
    }
}
