//! Who may speak when, and with what.

use serde_json::Value;

use super::fields::DATA;
use crate::ask::{Ask, is_model, parts};
use crate::errors::{self, invalid_argument};
use crate::reply::Reply;

/// MIME types that Google refuses, of those that clients do send.
const REFUSED_MIME_TYPES: &[&str] = &["", "application/octet-stream", "image/*", "image/svg+xml"];

pub(super) fn check(ask: &Ask<'_>) -> Result<(), Reply> {
    check_parts(ask.contents())?;
    if ask.system_parts().iter().any(|part| part["text"].is_null()) {
        return Err(invalid_argument("system_instruction must only contain text parts."));
    }
    check_calls(ask.contents())?;
    check_last(ask)?;
    if ask.model.is_third_or_later() { check_signatures(ask.contents()) } else { Ok(()) }
}

/// The contents are there, with known roles and with parts that hold something.
pub(super) fn check_parts(contents: &[Value]) -> Result<(), Reply> {
    if contents.is_empty() {
        return Err(invalid_argument(
            "* GenerateContentRequest.contents: contents is not specified\n",
        ));
    }
    for (index, content) in contents.iter().enumerate() {
        if !matches!(content["role"].as_str(), None | Some("" | "user" | "model" | "function")) {
            return Err(invalid_argument("Please use a valid role: user, model."));
        }
        if parts(content).is_empty() {
            return Err(invalid_argument(&format!(
                "* GenerateContentRequest.contents[{index}].parts: contents.parts must not be \
                 empty.\n"
            )));
        }
        for (part_index, part) in parts(content).iter().enumerate() {
            check_part(part, &format!("contents[{index}].parts[{part_index}]"))?;
        }
    }
    Ok(())
}

fn check_part(part: &Value, at: &str) -> Result<(), Reply> {
    let is_empty = DATA.iter().all(|field| part[*field].is_null());
    if is_empty && part["thoughtSignature"].is_null() {
        return Err(invalid_argument(&format!(
            "* GenerateContentRequest.{at}.data: required oneof field 'data' must have one \
             initialized field\n"
        )));
    }
    if part["inlineData"].is_object() {
        let mime_type = part["inlineData"]["mimeType"].as_str().unwrap_or_default();
        if REFUSED_MIME_TYPES.contains(&mime_type) {
            return Err(invalid_argument(&format!("Unsupported MIME type: {mime_type}")));
        }
    }
    for field in ["functionCall", "functionResponse"] {
        if part[field].is_object() && part[field]["name"].as_str().unwrap_or_default().is_empty() {
            let field = if field == "functionCall" { "function_call" } else { "function_response" };
            return Err(invalid_argument(&format!(
                "* GenerateContentRequest.{at}.{field}.name: Name cannot be empty.\n"
            )));
        }
    }
    Ok(())
}

/// Calls come after the user or after responses; responses come right after calls, one for each.
fn check_calls(contents: &[Value]) -> Result<(), Reply> {
    for (index, content) in contents.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| contents.get(before));
        let calls = count(content, "functionCall");
        let responses = count(content, "functionResponse");
        if calls > 0 && before.is_none_or(is_model) {
            return Err(errors::from_catalogue("function_turn_order"));
        }
        let called = before.map_or(0, |before| count(before, "functionCall"));
        if responses > 0 && called == 0 {
            return Err(invalid_argument(
                "Please ensure that function response turn comes immediately after a function \
                 call turn.",
            ));
        }
        if called != responses {
            return Err(errors::from_catalogue("function_response_count"));
        }
    }
    Ok(())
}

fn check_last(ask: &Ask<'_>) -> Result<(), Reply> {
    let last = ask.contents().last();
    let is_models = last.is_some_and(|last| is_model(last) && !parts(last).is_empty());
    if is_models && ask.model.refuses_last_turn_of_model() {
        return Err(errors::from_catalogue("last_turn_is_model"));
    }
    Ok(())
}

/// In the current turn (all after the user's last own words), the first call of each step has a
/// signature.
fn check_signatures(contents: &[Value]) -> Result<(), Reply> {
    let own_words = |content: &Value| !is_model(content) && count(content, "functionResponse") == 0;
    let start = contents.iter().rposition(own_words).map_or(0, |at| at + 1);
    for (index, content) in contents.iter().enumerate().skip(start) {
        let first = parts(content).iter().find(|part| part["functionCall"].is_object());
        if let Some(call) = first
            && call["thoughtSignature"].as_str().unwrap_or_default().is_empty()
        {
            let name = call["functionCall"]["name"].as_str().unwrap_or_default();
            return Err(invalid_argument(&format!(
                "Function call is missing a thought_signature in functionCall parts. This is \
                 required for tools to work correctly, and missing thought_signature may lead to \
                 degraded model performance. Additional data, function call `default_api:{name}` \
                 , position {}. Please refer to \
                 https://ai.google.dev/gemini-api/docs/thought-signatures for more details.",
                index + 1
            )));
        }
    }
    Ok(())
}

fn count(content: &Value, field: &str) -> usize {
    parts(content).iter().filter(|part| part[field].is_object()).count()
}
