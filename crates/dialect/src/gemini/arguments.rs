//! Arguments of a call in the history.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::json::{self, Text};

/// The arguments of a call as the object that Gemini wants.
pub(crate) fn read(arguments: Option<&RawValue>) -> Box<RawValue> {
    let Some(raw) = arguments else { return empty_object() };
    let text = match serde_json::from_str::<Text<'_>>(raw.get()) {
        Ok(text) => text.decode().into_owned(),
        // Some clients send the object itself.
        Err(_) => raw.get().to_owned(),
    };
    if text.trim().is_empty() {
        return empty_object();
    }
    let text = json::mend(&text).unwrap_or(text);
    match serde_json::from_str::<Box<RawValue>>(&text) {
        Ok(object) if object.get().starts_with('{') => object,
        Ok(other) => wrap("value", other),
        Err(_) => wrap("_raw_arguments", text),
    }
}

/// An object with one member.
pub(crate) fn wrap<T: Serialize>(member: &'static str, value: T) -> Box<RawValue> {
    let object = BTreeMap::from([(member, value)]);
    to_raw_value(&object).unwrap_or_else(|_| empty_object())
}

fn empty_object() -> Box<RawValue> {
    RawValue::from_string("{}".to_owned()).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_always_an_object() {
        let check = |sent: &str, expected: &str| {
            let raw: Box<RawValue> = serde_json::from_str(sent).unwrap();
            assert_eq!(read(Some(&raw)).get(), expected, "{sent}");
        };
        check(
            r#""{\"b\": 1.0, \"a\": 12345678901234567890}""#,
            r#"{"b": 1.0, "a": 12345678901234567890}"#,
        );
        check(r#""""#, "{}");
        check("null", r#"{"value":null}"#);
        check(r#""[1]""#, r#"{"value":[1]}"#);
        check(r#""{broken""#, r#"{"_raw_arguments":"{broken"}"#);
        check(r#"{"a":1}"#, r#"{"a":1}"#);
        assert_eq!(read(None).get(), "{}");
    }
}
