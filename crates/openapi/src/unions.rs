//! Alternatives that are told apart by their `type`.
//!
//! A value that fits none of fifty alternatives would be told just that. The documents say what
//! tells the alternatives apart, so the value is held against the one that it claims to be.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Rewrites all alternatives of a document.
pub(crate) fn tell_apart(root: &mut Value) {
    let names = types(&root["components"]["schemas"]);
    rewrite(root, &names);
}

/// The `type` of each component that has a fixed one.
fn types(schemas: &Value) -> BTreeMap<String, String> {
    let schemas = schemas.as_object().into_iter().flatten();
    schemas
        .filter_map(|(name, schema)| {
            Some((format!("#/components/schemas/{name}"), own_type(schema)?))
        })
        .collect()
}

fn own_type(schema: &Value) -> Option<String> {
    let property = &schema["properties"]["type"];
    let only = match property["enum"].as_array().map(Vec::as_slice) {
        Some([only]) => only,
        _ => &property["const"],
    };
    only.as_str().map(str::to_owned)
}

fn rewrite(schema: &mut Value, types: &BTreeMap<String, String>) {
    match schema {
        Value::Array(list) => list.iter_mut().for_each(|schema| rewrite(schema, types)),
        Value::Object(members) => {
            members.values_mut().for_each(|schema| rewrite(schema, types));
            rewrite_union(members, types);
        }
        _ => {}
    }
}

fn rewrite_union(members: &mut Map<String, Value>, types: &BTreeMap<String, String>) {
    // A value may fit two alternatives: the documents call many `oneOf` that overlap.
    if let Some(list) = members.remove("oneOf") {
        members.insert("anyOf".into(), list);
    }
    let Some(list) = members.get("anyOf").and_then(Value::as_array) else { return };
    let mut by_type: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for alternative in list {
        let named = alternative["$ref"].as_str().and_then(|name| types.get(name).cloned());
        let Some(kind) = named.or_else(|| own_type(alternative)) else { return };
        by_type.entry(kind).or_default().push(alternative.clone());
    }
    let kinds: Vec<&String> = by_type.keys().collect();
    let mut all = vec![json!({"required": ["type"], "properties": {"type": {"enum": kinds}}})];
    all.extend(by_type.iter().map(|(kind, alternatives)| {
        let is = json!({"required": ["type"], "properties": {"type": {"const": kind}}});
        json!({"if": is, "then": {"anyOf": alternatives}})
    }));
    members.remove("anyOf");
    // A schema may have its own `allOf` beside its alternatives.
    match members.get_mut("allOf").and_then(Value::as_array_mut) {
        Some(list) => list.extend(all),
        None => drop(members.insert("allOf".into(), all.into())),
    }
}
