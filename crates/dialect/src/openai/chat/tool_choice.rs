//! Which tools the client wants to be used.

use super::body::{ChatBody, ToolChoice, ToolReference};
use crate::{
    DialectError,
    gemini::{
        names::Names,
        plan::{Choice, declared},
    },
    json::choice::TextOrObject,
};

/// Reads `tool_choice`, or the older `function_call`.
pub(super) fn read(body: &mut ChatBody<'_>, names: &Names) -> Result<Choice, DialectError> {
    let legacy = body.function_call.take();
    match body.tool_choice.take() {
        Some(TextOrObject::Text(mode)) => by_mode("tool_choice", &mode.decode()),
        Some(TextOrObject::Object(choice)) => by_object(&choice, names),
        None => match legacy {
            Some(TextOrObject::Text(mode)) => by_mode("function_call", &mode.decode()),
            Some(TextOrObject::Object(one)) => named("function_call", &one, names),
            None => Ok(Choice::Auto),
        },
    }
}

fn by_mode(param: &str, mode: &str) -> Result<Choice, DialectError> {
    match mode {
        "auto" => Ok(Choice::Auto),
        "none" => Ok(Choice::None),
        "required" | "any" => Ok(Choice::Required),
        other => Err(DialectError::invalid(
            param,
            format!("Invalid value for '{param}': '{other}' is none of auto, none, required."),
        )),
    }
}

fn by_object(choice: &ToolChoice<'_>, names: &Names) -> Result<Choice, DialectError> {
    if let Some(allowed) = &choice.allowed_tools {
        let mut sent = Vec::with_capacity(allowed.tools.0.len());
        for (index, tool) in allowed.tools.0.iter().enumerate() {
            let by_member = tool.function.as_ref().or(tool.custom.as_ref());
            let name = by_member.map(|reference| &reference.name).or(tool.name.as_ref());
            // Google's own tools cannot be restricted.
            let Some(name) = name else { continue };
            let param = format!("tool_choice.allowed_tools.tools[{index}]");
            sent.push(declared(&param, &name.decode(), names)?);
        }
        let required = allowed.mode.as_ref().is_some_and(|mode| mode.decode() == "required");
        return Ok(Choice::Allowed { required, names: sent });
    }
    if let Some(reference) = choice.function.as_ref().or(choice.custom.as_ref()) {
        let member = if choice.function.is_some() { "function" } else { "custom" };
        return named(&format!("tool_choice.{member}"), reference, names);
    }
    match (&choice.name, &choice.kind) {
        (Some(name), _) => Ok(Choice::Named(declared("tool_choice", &name.decode(), names)?)),
        (None, Some(kind)) if matches!(kind.decode().as_ref(), "auto" | "none" | "required") => {
            by_mode("tool_choice.type", &kind.decode())
        }
        (None, Some(kind)) if kind.decode() == "function" => {
            Err(DialectError::missing("tool_choice.function"))
        }
        // Google's own tools run when the model wants them.
        _ => Ok(Choice::Auto),
    }
}

fn named(
    param: &str,
    reference: &ToolReference<'_>,
    names: &Names,
) -> Result<Choice, DialectError> {
    let param = format!("{param}.name");
    declared(&param, &reference.name.decode(), names).map(Choice::Named)
}
