//! What `OpenAPI` writes in its own way, in the way of JSON Schema.

use serde_json::{Value, json};

/// `nullable` becomes an alternative, and what only newer or older drafts know is left out.
pub(crate) fn make(schema: &mut Value) {
    match schema {
        Value::Array(list) => list.iter_mut().for_each(make),
        Value::Object(members) => {
            members.values_mut().for_each(make);
            // Marks a schema that contains itself; what lies deeper is not looked at.
            members.remove("$recursiveAnchor");
            if members.remove("$recursiveRef").is_some() {
                *schema = json!({"type": "object"});
            } else if members.get("nullable").is_some_and(Value::is_boolean)
                && members.remove("nullable") == Some(true.into())
            {
                let own = schema.take();
                *schema = json!({"anyOf": [own, {"type": "null"}]});
            }
        }
        _ => {}
    }
}
