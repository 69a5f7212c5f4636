//! Single keywords of a schema, in Gemini's words.

use std::collections::HashSet;

use serde_json::{Map, Value};

/// Keywords that Gemini ignores and that would only cost tokens or draw an error.
pub(super) fn is_noise(key: &str) -> bool {
    let removed = [
        "$schema",
        "$comment",
        "examples",
        "default",
        "deprecated",
        "readOnly",
        "writeOnly",
        "strict",
        "not",
        "if",
        "then",
        "else",
        "contains",
        "propertyNames",
        "patternProperties",
        "dependentSchemas",
        "dependentRequired",
        "dependencies",
        "unevaluatedItems",
        "unevaluatedProperties",
    ];
    key.starts_with("x-") || removed.contains(&key)
}

/// Type names in the upper case of Google's older form.
pub(super) fn lower_type(value: &Value) -> Value {
    match value {
        Value::String(name) => Value::String(name.to_ascii_lowercase()),
        Value::Array(names) => names.iter().map(lower_type).collect(),
        other => other.clone(),
    }
}

/// Roughly how much memory a copy takes.
pub(super) fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text_weight(text),
        Value::Array(values) => 1 + values.iter().map(weight).sum::<usize>(),
        Value::Object(members) => {
            1 + members.iter().map(|(key, value)| text_weight(key) + weight(value)).sum::<usize>()
        }
        _ => 1,
    }
}

pub(super) fn text_weight(text: &str) -> usize {
    1 + text.len() / 64
}

fn has_type(schema: &Map<String, Value>, wanted: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(name)) => name == wanted,
        Some(Value::Array(names)) => names.iter().any(|name| name == wanted),
        _ => false,
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Adds `"null"` to what the schema allows.
pub(super) fn allow_null(schema: &mut Map<String, Value>) {
    if has_type(schema, "null") {
        return;
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.push(serde_json::json!({ "type": "null" }));
        return;
    }
    match schema.get_mut("type") {
        Some(Value::Array(names)) => names.push("null".into()),
        Some(name) => *name = Value::Array(vec![name.take(), "null".into()]),
        None => {}
    }
}

/// Gemini's `enum` holds strings or numbers only. Says whether something was lost.
pub(super) fn settle_enum(schema: &mut Map<String, Value>) -> bool {
    let Some(Value::Array(values)) = schema.remove("enum") else {
        return false;
    };
    let nullable = values.iter().any(Value::is_null);
    let values: Vec<Value> = values.into_iter().filter(|value| !value.is_null()).collect();
    let all = |test: fn(&Value) -> bool| !values.is_empty() && values.iter().all(test);
    let mut lossy = false;
    let (kind, kept) = if values.is_empty() {
        (Some("null"), None)
    } else if all(Value::is_boolean) {
        (Some("boolean"), None)
    } else if all(Value::is_string) || all(Value::is_number) {
        let kind = values.first().map(type_of);
        (kind, Some(values))
    } else if values.iter().any(|value| value.is_array() || value.is_object()) {
        lossy = true;
        (None, None)
    } else {
        lossy = true;
        schema.insert("type".into(), "string".into());
        (Some("string"), Some(values.iter().map(as_text).collect()))
    };
    if let (Some(kind), false) = (kind, schema.contains_key("type")) {
        schema.insert("type".into(), kind.into());
    }
    if let Some(kept) = kept {
        schema.insert("enum".into(), Value::Array(kept));
    }
    if nullable {
        allow_null(schema);
    }
    lossy
}

fn as_text(value: &Value) -> Value {
    match value {
        Value::String(_) => value.clone(),
        other => Value::String(other.to_string()),
    }
}

/// Exclusive bounds as inclusive ones.
pub(super) fn settle_bounds(members: &Map<String, Value>, clean: &mut Map<String, Value>) {
    let integer = has_type(clean, "integer");
    for (exclusive, inclusive, step) in
        [("exclusiveMinimum", "minimum", 1), ("exclusiveMaximum", "maximum", -1)]
    {
        let bound = match members.get(exclusive) {
            // Draft 4: the bound itself stands in the other keyword.
            Some(Value::Bool(true)) => members.get(inclusive),
            Some(bound @ Value::Number(_)) => Some(bound),
            _ => continue,
        };
        let Some(bound) = bound else { continue };
        let moved = match bound.as_i64() {
            Some(whole) if integer => Value::from(whole.saturating_add(step)),
            _ => bound.clone(),
        };
        let stricter = |there: &Value| {
            let difference = there.as_f64().unwrap_or(0.0) - moved.as_f64().unwrap_or(0.0);
            difference * f64::from(step as i32) > 0.0
        };
        if !clean.get(inclusive).is_some_and(stricter) {
            clean.insert(inclusive.into(), moved);
        }
    }
}

/// `required` may only name properties that exist.
pub(super) fn settle_required(schema: &mut Map<String, Value>) {
    let Some(Value::Array(names)) = schema.remove("required") else {
        return;
    };
    let properties = schema.get("properties").and_then(Value::as_object);
    let exists = |name: &Value| {
        name.as_str().is_some_and(|name| properties.is_some_and(|all| all.contains_key(name)))
    };
    let kept: Vec<Value> = names.into_iter().filter(exists).collect();
    if !kept.is_empty() {
        schema.insert("required".into(), Value::Array(kept));
    }
}

/// A schema whose properties can be merged with those of another.
pub(super) fn is_object_schema(schema: &Value) -> bool {
    schema.get("properties").is_some() || schema.get("type") == Some(&Value::from("object"))
}

/// Puts one schema into another; what is there already stays, properties and required are united.
pub(super) fn merge(schema: &mut Map<String, Value>, part: Value) {
    let Value::Object(part) = part else { return };
    for (key, value) in part {
        match (schema.get_mut(&key), value) {
            (Some(Value::Object(there)), Value::Object(more)) if key == "properties" => {
                for (name, property) in more {
                    there.entry(name).or_insert(property);
                }
            }
            (Some(Value::Array(there)), Value::Array(more)) if key == "required" => {
                let known: HashSet<String> =
                    there.iter().filter_map(Value::as_str).map(str::to_owned).collect();
                let new = |name: &Value| !name.as_str().is_some_and(|name| known.contains(name));
                there.extend(more.into_iter().filter(new));
            }
            (Some(_), _) => {}
            (None, value) => {
                schema.insert(key, value);
            }
        }
    }
}
