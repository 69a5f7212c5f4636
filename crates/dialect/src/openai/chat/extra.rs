//! `extra_body.google`: pieces of a Gemini request inside an OpenAI request.

use serde_json::{Map, Value, value::RawValue};

use super::body::ExtraBody;
use crate::{DialectError, json};

/// Larger pieces are refused.
const MAX_EXTRA_BYTES: usize = 512 * 1024;

const PARAM: &str = "extra_body.google";

/// Pieces to put into the request, names in camel case.
#[derive(Debug, Default, PartialEq)]
pub(in crate::openai) struct Extra {
    /// Goes over everything in `generationConfig`.
    pub(in crate::openai) generation: Map<String, Value>,
    /// Goes over everything in `toolConfig`.
    pub(in crate::openai) tool_config: Map<String, Value>,
    /// Are added to the tools.
    pub(in crate::openai) tools: Vec<Value>,
    /// Other members of the request.
    pub(in crate::openai) request: Map<String, Value>,
    /// There were members that the gateway does not know.
    pub(in crate::openai) unknown: bool,
}

/// Where the client's SDK may have put the pieces.
#[derive(Default)]
pub(in crate::openai) struct Places<'b> {
    pub(in crate::openai) safety_settings: Option<&'b RawValue>,
    pub(in crate::openai) extra_body: Option<&'b ExtraBody<'b>>,
    pub(in crate::openai) google: Option<&'b RawValue>,
}

/// Reads the pieces.
pub(in crate::openai) fn read(places: &Places<'_>) -> Result<Extra, DialectError> {
    let outer = places.extra_body;
    let inner = outer.and_then(|outer| outer.extra_body.as_ref());
    let members_of =
        [outer.and_then(|body| body.google), places.google, inner.and_then(|body| body.google)];
    let mut extra = Extra::default();
    if let Some(raw) = places.safety_settings {
        let settings = json::small_value(raw, MAX_EXTRA_BYTES).filter(Value::is_array);
        let settings = settings.ok_or_else(|| unreadable("safety_settings", "a small array"))?;
        extra.put("safetySettings", settings)?;
    }
    for raw in members_of.into_iter().flatten() {
        for (name, value) in members(raw)? {
            extra.put(&camel_case(&name), value)?;
        }
    }
    Ok(extra)
}

fn members(raw: &RawValue) -> Result<Map<String, Value>, DialectError> {
    match json::small_value(raw, MAX_EXTRA_BYTES) {
        Some(Value::Object(members)) => Ok(members),
        Some(Value::Null) => Ok(Map::new()),
        _ => Err(unreadable(PARAM, "a small object")),
    }
}

fn unreadable(param: &str, expected: &str) -> DialectError {
    DialectError::invalid(param, format!("Invalid value for '{param}': expected {expected}."))
}

impl Extra {
    fn put(&mut self, name: &str, value: Value) -> Result<(), DialectError> {
        match (name, camel_keys(value)) {
            ("generationConfig", Value::Object(members)) => merge(&mut self.generation, members),
            (
                "thinkingConfig" | "mediaResolution" | "imageConfig" | "speechConfig"
                | "responseModalities",
                value,
            ) => merge(&mut self.generation, Map::from_iter([(name.to_owned(), value)])),
            ("toolConfig", Value::Object(members)) => merge(&mut self.tool_config, members),
            ("tools", Value::Array(tools)) => self.tools.extend(tools),
            ("cachedContent" | "safetySettings" | "serviceTier" | "continuationToken", value) => {
                self.request.insert(name.to_owned(), value);
            }
            ("labels", _) => {
                let param = format!("{PARAM}.labels");
                let message = format!("Unsupported parameter: '{param}' exists on Vertex only.");
                return Err(DialectError::unsupported(param, message));
            }
            _ => self.unknown = true,
        }
        Ok(())
    }
}

/// Puts `more` over `there`; objects are merged, everything else is replaced.
pub(in crate::openai) fn merge(there: &mut Map<String, Value>, more: Map<String, Value>) {
    for (key, value) in more {
        match (there.get_mut(&key), value) {
            (Some(Value::Object(there)), Value::Object(more)) => merge(there, more),
            (_, value) => {
                there.insert(key, value);
            }
        }
    }
}

/// `maxOutputTokens` of `max_output_tokens`.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut characters = word.chars();
        camel.extend(characters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(characters.as_str());
    }
    camel
}

/// Google takes both spellings, but not both of one field; ours are in camel case.
fn camel_keys(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(key, value)| {
                    let key = camel_case(&key);
                    let value = if holds_names(&key) { value } else { camel_keys(value) };
                    (key, value)
                })
                .collect(),
        ),
        Value::Array(values) => values.into_iter().map(camel_keys).collect(),
        other => other,
    }
}

/// Members whose keys are the client's own names.
fn holds_names(key: &str) -> bool {
    matches!(
        key,
        "responseSchema"
            | "responseJsonSchema"
            | "parameters"
            | "parametersJsonSchema"
            | "response"
            | "schema"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::body::ChatBody;
    use super::*;

    fn extra(body: &Value) -> Result<Extra, DialectError> {
        let text = body.to_string();
        let body: ChatBody<'_> = serde_json::from_str(&text).unwrap();
        read(&body.places())
    }

    #[test]
    fn is_found_in_all_three_places() {
        let piece = json!({"google": {"cached_content": "cachedContents/a"}});
        for body in [
            json!({"extra_body": piece}),
            piece.clone(),
            json!({"extra_body": {"extra_body": piece}}),
        ] {
            let found = extra(&body).unwrap();
            assert_eq!(found.request["cachedContent"], "cachedContents/a", "{body}");
        }
    }

    #[test]
    fn names_become_camel_case_except_in_schemas() {
        let found = extra(&json!({"google": {
            "thinking_config": {"thinking_level": "low", "include_thoughts": true},
            "generation_config": {"response_json_schema": {"properties": {"a_b": {"type": "string"}}}},
            "tools": [{"google_search": {"time_range_filter": {}}}],
            "color": 1
        }}))
        .unwrap();
        assert_eq!(
            found.generation["thinkingConfig"],
            json!({"thinkingLevel": "low", "includeThoughts": true})
        );
        assert!(found.generation["responseJsonSchema"]["properties"].get("a_b").is_some());
        assert_eq!(found.tools, [json!({"googleSearch": {"timeRangeFilter": {}}})]);
        assert!(found.unknown);
        assert!(extra(&json!({"google": {"labels": {}}})).is_err());
        assert!(extra(&json!({"google": 3})).is_err());
    }
}
