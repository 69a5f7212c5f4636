//! Which tools the client wants to be used.

use serde_json::value::RawValue;

use super::body::{ToolChoice, member};
use crate::{
    DialectError,
    gemini::{
        names::Names,
        plan::{Choice, declared},
    },
    json::{Text, choice::TextOrObject},
};

/// Reads `tool_choice`.
pub(super) fn read(raw: Option<&RawValue>, names: &Names) -> Result<Choice, DialectError> {
    match member::<TextOrObject<'_, ToolChoice<'_>>>(raw, "tool_choice")? {
        None => Ok(Choice::Auto),
        Some(TextOrObject::Text(mode)) => match mode.decode().as_ref() {
            "auto" => Ok(Choice::Auto),
            "none" => Ok(Choice::None),
            "required" | "any" => Ok(Choice::Required),
            other => {
                let told = format!(
                    "Invalid value for 'tool_choice': '{other}' is none of auto, none, required."
                );
                Err(DialectError::invalid("tool_choice", told))
            }
        },
        Some(TextOrObject::Object(choice)) => by_object(&choice, names),
    }
}

fn by_object(choice: &ToolChoice<'_>, names: &Names) -> Result<Choice, DialectError> {
    if let Some(tools) = &choice.tools {
        let mut sent = Vec::with_capacity(tools.0.len());
        for (index, tool) in tools.0.iter().enumerate() {
            // Google's own tools cannot be restricted.
            let Some(name) = name(tool, names) else { continue };
            sent.push(declared(&format!("tool_choice.tools[{index}].name"), &name, names)?);
        }
        let required = choice.mode.as_ref().is_some_and(|mode| mode.decode() == "required");
        return Ok(Choice::Allowed { required, names: sent });
    }
    match name(choice, names) {
        Some(name) => declared("tool_choice.name", &name, names).map(Choice::Named),
        None if matches!(choice.kind.as_ref(), Some(kind) if kind.decode() == "function") => {
            Err(DialectError::missing("tool_choice.name"))
        }
        // Google's own tools run when the model wants them.
        None => Ok(Choice::Auto),
    }
}

/// The declared name of the tool that is meant.
fn name(choice: &ToolChoice<'_>, names: &Names) -> Option<String> {
    let Some(name) = &choice.name else {
        let kind = choice.kind.as_ref().map(Text::decode)?.into_owned();
        let typed = matches!(kind.as_str(), "local_shell" | "shell" | "apply_patch");
        return (typed && names.has(&kind)).then_some(kind);
    };
    Some(match &choice.namespace {
        Some(namespace) => format!("{}__{}", namespace.decode(), name.decode()),
        None => name.decode().into_owned(),
    })
}
