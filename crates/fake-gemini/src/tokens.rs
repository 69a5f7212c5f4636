//! How many tokens things are: four bytes of text are one, a medium is a fixed number.

use serde_json::{Value, json};

use crate::ask::{items, parts};

/// What an image counts.
const MEDIUM: u64 = 258;

pub(crate) fn of_text(text: &str) -> u64 {
    (text.len() as u64).div_ceil(4)
}

/// The tokens of a `GenerateContentRequest`, at least one.
pub(crate) fn of_request(body: &Value) -> u64 {
    let (text, media) = text_and_media(body);
    (text + media).max(1)
}

/// `promptTokensDetails` of a request.
pub(crate) fn details(body: &Value) -> Value {
    let (text, media) = text_and_media(body);
    let mut details = Vec::new();
    if text > 0 || media == 0 {
        details.push(json!({"modality": "TEXT", "tokenCount": text.max(1)}));
    }
    if media > 0 {
        let modality = if has_sound(body) { "AUDIO" } else { "IMAGE" };
        details.push(json!({"modality": modality, "tokenCount": media}));
    }
    Value::Array(details)
}

fn has_sound(body: &Value) -> bool {
    let kinds = items(&body["contents"])
        .iter()
        .flat_map(parts)
        .filter_map(|part| part["inlineData"]["mimeType"].as_str());
    kinds.into_iter().any(|kind| kind.starts_with("audio/"))
}

pub(crate) fn of_content(content: &Value) -> u64 {
    let (text, media) = content_tokens(content);
    text + media
}

fn text_and_media(body: &Value) -> (u64, u64) {
    let contents = items(&body["contents"]).iter().chain([&body["systemInstruction"]]);
    let (text, media) = contents
        .map(content_tokens)
        .fold((0, 0), |sum, content| (sum.0 + content.0, sum.1 + content.1));
    let tools = match &body["tools"] {
        Value::Null => 0,
        tools => of_text(&tools.to_string()),
    };
    (text + tools, media)
}

fn content_tokens(content: &Value) -> (u64, u64) {
    parts(content).iter().fold((0, 0), |(text, media), part| {
        if part["inlineData"].is_object() || part["fileData"].is_object() {
            return (text, media + MEDIUM);
        }
        let own = match &part["text"] {
            Value::String(own) => of_text(own),
            _ => of_text(&part.to_string()),
        };
        (text + own, media)
    })
}
