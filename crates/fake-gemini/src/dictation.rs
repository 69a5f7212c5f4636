//! Calls that the user dictates: `Call run_shell_command with {"command": "ls"}`.

use serde_json::{Value, json};

use crate::ask::Ask;

/// The dictated calls of functions that are declared, in their order; once results are there, none.
pub(crate) fn dictated(ask: &Ask<'_>, text: &str) -> Vec<Value> {
    if ask.mode() == "NONE" || ask.has_results() {
        return Vec::new();
    }
    let declared = |name: &str| ask.declarations().any(|function| function["name"] == name);
    text.split("Call ")
        .skip(1)
        .filter_map(call)
        .filter(|(name, _)| declared(name))
        .map(|(name, args)| json!({"name": name, "args": args}))
        .collect()
}

/// The name and the arguments at the start of what follows `Call`.
fn call(dictation: &str) -> Option<(&str, Value)> {
    let (name, rest) = dictation.split_once(" with ")?;
    let arguments = serde_json::Deserializer::from_str(rest).into_iter().next()?.ok()?;
    Some((name, arguments)).filter(|(_, arguments): &(_, Value)| arguments.is_object())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_a_name_and_an_object() {
        let read = json!({"path": "a b"});
        assert_eq!(call(r#"read with {"path": "a b"}, please"#), Some(("read", read)));
        assert_eq!(call("me with care"), None);
        assert_eq!(call("read with [1]"), None);
        assert_eq!(call("read"), None);
    }
}
