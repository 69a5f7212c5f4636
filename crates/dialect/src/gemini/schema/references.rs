//! Where a `$ref` points.

use serde_json::{Map, Value};

/// What a reference means to Gemini.
pub(super) enum Reference<'a> {
    /// A definition, by the pointer to send.
    Definition(String),
    /// Another place of the same schema, which Gemini does not follow.
    Elsewhere(&'a Value),
    /// Another document, or nothing.
    Nowhere,
}

pub(super) fn read<'a>(root: &'a Value, pointer: &str) -> Reference<'a> {
    let definition =
        pointer.strip_prefix("#/$defs/").or_else(|| pointer.strip_prefix("#/definitions/"));
    if let Some(name) = definition.filter(|name| is_defined(root, name)) {
        return Reference::Definition(format!("#/$defs/{name}"));
    }
    resolve(root, pointer).map_or(Reference::Nowhere, Reference::Elsewhere)
}

/// Both spellings of the definitions become one.
fn is_defined(root: &Value, name: &str) -> bool {
    let in_list = |list: &str| root.get(list).is_some_and(|list| list.get(name).is_some());
    in_list("$defs") || in_list("definitions")
}

/// The pointer of a schema that is nothing but a reference. What stands beside it (a description,
/// mostly) is lost: Gemini allows nothing there.
pub(super) fn only_pointer(members: &Map<String, Value>) -> Option<&str> {
    let reference = match members.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) if !members.contains_key("properties") => only.get("$ref"),
        _ => members.get("$ref"),
    };
    reference.and_then(Value::as_str)
}

/// The schema that a pointer into the same document names.
pub(super) fn resolve<'a>(root: &'a Value, pointer: &str) -> Option<&'a Value> {
    root.pointer(pointer.strip_prefix('#')?)
}

/// The schema itself, or what it refers to (through a few references at most).
pub(super) fn follow<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let mut target = schema;
    for _ in 0..8 {
        let next = target.get("$ref").and_then(Value::as_str).and_then(|at| resolve(root, at));
        match next {
            Some(next) => target = next,
            None => break,
        }
    }
    target
}
