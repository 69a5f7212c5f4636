//! Google's own `generateContent`.

use serde_json::{Map, Value, json};

use super::{put, safety, said};
use crate::play::composed::{Composed, Content, in_path};
use crate::play::reading::Reads;
use crate::play::wanted::{Attachment, Chat, Role, Tool, Turn};

pub(super) fn compose(chat: &Chat) -> Composed {
    let mut body = Map::new();
    let system = said(&chat.system).map(|text| json!({"parts": [{"text": text}]}));
    put(&mut body, "systemInstruction", system);
    body.insert("contents".to_owned(), chat.turns.iter().map(content).collect());
    let tools: Vec<Value> = chat.tools.iter().copied().map(tool).collect();
    put(&mut body, "tools", Some(tools).filter(|tools| !tools.is_empty()));
    put(&mut body, "generationConfig", generation(chat));
    put(&mut body, "safetySettings", chat.safety.map(safety));
    let model = chat.model.trim();
    let model = in_path(model.strip_prefix("models/").unwrap_or(model));
    let method = if chat.stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
    Composed {
        path: format!("/v1beta/models/{model}:{method}"),
        credential: ("x-goog-api-key", ""),
        headers: Vec::new(),
        content: Content::Json(body.into()),
        reads: Reads::Gemini,
        spoken: None,
    }
}

fn generation(chat: &Chat) -> Option<Value> {
    let mut config = Map::new();
    put(&mut config, "temperature", chat.temperature);
    put(&mut config, "maxOutputTokens", chat.max_tokens);
    put(&mut config, "thinkingConfig", thinking(chat));
    if let Some(schema) = &chat.schema {
        put(&mut config, "responseMimeType", Some("application/json"));
        put(&mut config, "responseJsonSchema", Some(schema.clone()));
    }
    Some(config).filter(|config| !config.is_empty()).map(Value::from)
}

fn thinking(chat: &Chat) -> Option<Value> {
    match (chat.thinking_budget, said(&chat.effort)) {
        (Some(tokens), _) => Some(json!({"thinkingBudget": tokens, "includeThoughts": tokens > 0})),
        (None, Some("none")) => Some(json!({"thinkingBudget": 0})),
        (None, Some(level)) => Some(json!({"thinkingLevel": level, "includeThoughts": true})),
        (None, None) => None,
    }
}

fn content(turn: &Turn) -> Value {
    let role = match turn.role {
        Role::User => "user",
        Role::Assistant => "model",
    };
    let text = said(&turn.text).map(|text| json!({"text": text}));
    let parts: Vec<Value> = turn.files.iter().map(part).chain(text).collect();
    json!({"role": role, "parts": parts})
}

fn part(file: &Attachment) -> Value {
    json!({"inlineData": {"mimeType": file.mime, "data": file.data}})
}

fn tool(tool: Tool) -> Value {
    match tool {
        Tool::Search => json!({"googleSearch": {}}),
        Tool::Code => json!({"codeExecution": {}}),
        Tool::Url => json!({"urlContext": {}}),
    }
}
