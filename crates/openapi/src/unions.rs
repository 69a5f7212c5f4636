//! Alternatives that are told apart by their `type`.
//!
//! A value that fits none of fifty alternatives would be told just that. The documents say what
//! tells the alternatives apart, so the value is held against those that it claims to be.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Rewrites all alternatives of a document.
pub(crate) fn tell_apart(root: &mut Value) {
    let schemas = root["components"]["schemas"].clone();
    rewrite(root, &schemas);
}

fn rewrite(schema: &mut Value, schemas: &Value) {
    match schema {
        Value::Array(list) => list.iter_mut().for_each(|schema| rewrite(schema, schemas)),
        Value::Object(members) => {
            members.values_mut().for_each(|schema| rewrite(schema, schemas));
            rewrite_union(members, schemas);
        }
        _ => {}
    }
}

fn rewrite_union(members: &mut Map<String, Value>, schemas: &Value) {
    // A value may fit two alternatives: the documents call many `oneOf` that overlap.
    if let Some(list) = members.remove("oneOf") {
        members.insert("anyOf".into(), list);
    }
    let Some(list) = members.get("anyOf").and_then(Value::as_array) else { return };
    let mut by_type: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for alternative in list {
        let Some(kinds) = types(alternative, schemas) else { return };
        for kind in kinds {
            by_type.entry(kind).or_default().push(alternative.clone());
        }
    }
    let kinds: Vec<&String> = by_type.keys().collect();
    let mut all = vec![json!({"required": ["type"], "properties": {"type": {"enum": kinds}}})];
    all.extend(by_type.iter().map(|(kind, alternatives)| {
        let is = json!({"required": ["type"], "properties": {"type": {"const": kind}}});
        match alternatives.as_slice() {
            [only] => json!({"if": is, "then": only}),
            several => json!({"if": is, "then": {"anyOf": several}}),
        }
    }));
    members.remove("anyOf");
    // A schema may have its own `allOf` beside its alternatives.
    match members.get_mut("allOf").and_then(Value::as_array_mut) {
        Some(list) => list.extend(all),
        None => drop(members.insert("allOf".into(), all.into())),
    }
}

/// The values of `type` in an alternative, if it has fixed ones.
fn types(schema: &Value, schemas: &Value) -> Option<Vec<String>> {
    if let Some(target) = schema["$ref"].as_str() {
        return types(&schemas[target.rsplit('/').next()?], schemas);
    }
    let property = &schema["properties"]["type"];
    if let Some(only) = property["const"].as_str() {
        return Some(vec![only.to_owned()]);
    }
    if let Some(kinds) = property["enum"].as_array() {
        return kinds.iter().map(|kind| kind.as_str().map(str::to_owned)).collect();
    }
    schema["allOf"].as_array()?.iter().find_map(|part| types(part, schemas))
}
