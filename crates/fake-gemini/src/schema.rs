//! A document that fits a schema: JSON Schema or Google's subset of `OpenAPI`.

use serde_json::{Map, Value, json};

use crate::ask::items;

/// Deeper than any sensible schema, less deep than the stack.
const DEEPEST: usize = 32;

/// A document of this schema; `hint` is used for texts that have no other bounds.
pub(crate) fn document(schema: &Value, hint: &str) -> Value {
    Sampler { root: schema, hint }.sample(schema, "", 0)
}

struct Sampler<'a> {
    root: &'a Value,
    hint: &'a str,
}

impl Sampler<'_> {
    fn sample(&self, schema: &Value, name: &str, depth: usize) -> Value {
        if depth > DEEPEST {
            return Value::Null;
        }
        if let Some(target) = schema["$ref"].as_str() {
            let target = self.root.pointer(target.trim_start_matches('#'));
            return self.sample(target.unwrap_or(&Value::Null), name, depth + 1);
        }
        if let Some(value) = schema.get("const").or_else(|| schema["enum"].get(0)) {
            return value.clone();
        }
        for choice in ["anyOf", "oneOf", "allOf"] {
            if let Some(first) = schema[choice].get(0) {
                return self.sample(first, name, depth + 1);
            }
        }
        match type_of(schema).as_str() {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, name, depth),
            "integer" => json!(number(schema, 1.0) as i64),
            "number" => json!(number(schema, 1.5)),
            "boolean" => json!(true),
            "null" => Value::Null,
            _ => json!(self.text(schema, name)),
        }
    }

    fn object(&self, schema: &Value, depth: usize) -> Value {
        let Some(properties) = schema["properties"].as_object() else {
            return json!({});
        };
        let field = |name: &str| {
            let property = properties.get(name)?;
            // A field that refers back to its own type ends the document where it may be missing.
            let is_required = items(&schema["required"]).iter().any(|required| required == name);
            (is_required || depth < 6)
                .then(|| (name.to_owned(), self.sample(property, name, depth + 1)))
        };
        let ordered = items(&schema["propertyOrdering"]).iter().filter_map(Value::as_str);
        let names = ordered.chain(properties.keys().map(String::as_str));
        Value::Object(names.filter_map(field).collect::<Map<_, _>>())
    }

    fn array(&self, schema: &Value, name: &str, depth: usize) -> Value {
        let bound = |field: &str| number_of(&schema[field]).map(|bound| bound as usize);
        let fewest = bound("minItems").unwrap_or(usize::from(depth <= 6));
        let count = fewest.min(bound("maxItems").unwrap_or(fewest)).min(100);
        (0..count).map(|_| self.sample(&schema["items"], name, depth + 1)).collect()
    }

    fn text(&self, schema: &Value, name: &str) -> String {
        let fixed = match schema["format"].as_str() {
            Some("date-time") => "2026-11-21T12:00:00Z",
            Some("date") => "2026-11-21",
            Some("time") => "12:00:00Z",
            Some("email") => "someone@example.com",
            Some("uri") => "https://example.com/",
            Some("uuid") => "0190a0c0-0000-7000-8000-000000000000",
            _ => "",
        };
        if !fixed.is_empty() {
            return fixed.to_owned();
        }
        let hint = self.hint.trim();
        let mut text = if hint.is_empty() { format!("some {name}") } else { hint.to_owned() };
        let fewest = number_of(&schema["minLength"]).unwrap_or(0.0) as usize;
        while text.chars().count() < fewest.min(10_000) {
            text.push('.');
        }
        let most = number_of(&schema["maxLength"]).map_or(200, |most| most as usize);
        text.chars().take(most).collect()
    }
}

/// The type in lower case; the first that is not null where there are several.
fn type_of(schema: &Value) -> String {
    let named = match &schema["type"] {
        Value::Array(types) => types.iter().find(|each| *each != "null").and_then(Value::as_str),
        single => single.as_str(),
    };
    let guess = if schema["properties"].is_object() { "object" } else { "string" };
    named.unwrap_or(guess).to_ascii_lowercase()
}

fn number(schema: &Value, wish: f64) -> f64 {
    let exclusive = |field| number_of(&schema[field]);
    let low = number_of(&schema["minimum"]).or(exclusive("exclusiveMinimum").map(|low| low + 1.0));
    let high = number_of(&schema["maximum"]).or(exclusive("exclusiveMaximum").map(|top| top - 1.0));
    let at_least = wish.max(low.unwrap_or(wish));
    at_least.min(high.unwrap_or(at_least))
}

/// A number, also where it travels as a string, as 64-bit integers do.
fn number_of(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_fits_its_schema() {
        let schema = json!({
            "type": "object",
            "required": ["kind", "name", "mayor", "pop", "tags"],
            "properties": {
                "kind": {"type": "string", "enum": ["city"]},
                "name": {"type": "string", "maxLength": 4},
                "mayor": {"$ref": "#/$defs/P"},
                "pop": {"type": "integer", "minimum": 10},
                "nick": {"type": ["string", "null"]},
                "tags": {"type": "array", "items": {"type": "number"}, "minItems": "2"},
            },
            "$defs": {"P": {"type": "object", "properties": {"n": {"anyOf": [{"type": "boolean"}]}}}},
        });
        assert_eq!(
            document(&schema, "Oslo town"),
            json!({"kind": "city", "name": "Oslo", "mayor": {"n": true}, "pop": 10,
                   "nick": "Oslo town", "tags": [1.5, 1.5]})
        );
    }

    #[test]
    fn googles_own_schemas_have_upper_case_types_and_an_order() {
        let schema = json!({"type": "OBJECT", "propertyOrdering": ["b", "a"],
            "properties": {"a": {"type": "INTEGER", "maximum": -3}, "b": {"type": "BOOLEAN"}}});
        assert_eq!(document(&schema, "").to_string(), r#"{"b":true,"a":-3}"#);
    }

    #[test]
    fn a_schema_that_holds_itself_comes_to_an_end() {
        let schema = json!({"type": "object", "properties": {"next": {"$ref": "#"}}});
        assert!(document(&schema, "x").to_string().len() < 1000);
    }
}
