//! Calls of tools that OpenAI's clients know by a kind of their own.
//!
//! The model may write anything as arguments; what a member may not hold is left out.

use serde_json::{Map, Value, json};

fn members(arguments: &str) -> Map<String, Value> {
    serde_json::from_str(arguments).unwrap_or_default()
}

/// A list of texts; a single text is a line for the shell.
fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(line)) => vec!["bash", "-lc", line],
        _ => Vec::new(),
    }
}

fn whole(value: Option<&Value>) -> Option<i64> {
    value.and_then(Value::as_i64)
}

fn text(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str)
}

/// `action` of a `local_shell_call`.
pub(super) fn local_shell(arguments: &str) -> Value {
    let given = members(arguments);
    let folder = given.get("working_directory").or_else(|| given.get("workdir"));
    let env: Map<String, Value> = match given.get("env") {
        Some(Value::Object(env)) => env
            .iter()
            .filter(|(_, value)| value.is_string())
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect(),
        _ => Map::new(),
    };
    json!({"type": "exec", "command": texts(given.get("command")), "env": env,
        "timeout_ms": whole(given.get("timeout_ms")), "working_directory": text(folder),
        "user": text(given.get("user"))})
}

/// `action` of a `shell_call`.
pub(super) fn shell(arguments: &str) -> Value {
    let given = members(arguments);
    let commands = match given.get("commands").or_else(|| given.get("command")) {
        Some(Value::String(line)) => vec![line.as_str()],
        other => texts(other),
    };
    json!({"commands": commands, "timeout_ms": whole(given.get("timeout_ms")),
        "max_output_length": whole(given.get("max_output_length"))})
}

/// `operation` of an `apply_patch_call`.
pub(super) fn patch(arguments: &str) -> Value {
    let given = members(arguments);
    let kind = text(given.get("type")).unwrap_or("update_file");
    let path = text(given.get("path")).unwrap_or_default();
    if kind == "delete_file" {
        return json!({"type": kind, "path": path});
    }
    let kind = if kind == "create_file" { kind } else { "update_file" };
    json!({"type": kind, "path": path, "diff": text(given.get("diff")).unwrap_or_default()})
}
