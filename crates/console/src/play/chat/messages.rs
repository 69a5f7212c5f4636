//! Anthropic's `POST /v1/messages`.

use serde_json::{Map, Value, json};

use super::{message, put, said, without_safety};
use crate::error::Error;
use crate::play::composed::{Composed, Content};
use crate::play::reading::Reads;
use crate::play::wanted::{Attachment, Chat, Tool};

/// The API wants a number; what is thought counts towards it.
const MAX_TOKENS: u32 = 8_192;

pub(super) fn compose(chat: &Chat) -> Result<Composed, Error> {
    without_safety(chat)?;
    let mut body = Map::new();
    put(&mut body, "model", Some(chat.model.trim()));
    let thought = chat.thinking_budget.unwrap_or_default();
    put(&mut body, "max_tokens", Some(chat.max_tokens.unwrap_or(MAX_TOKENS + thought)));
    put(&mut body, "system", said(&chat.system));
    let turns =
        chat.turns.iter().map(|turn| message(turn, block)).collect::<Result<Vec<_>, _>>()?;
    body.insert("messages".to_owned(), turns.into());
    put(&mut body, "temperature", chat.temperature);
    put(&mut body, "thinking", thinking(chat));
    put(&mut body, "output_config", output(chat));
    let tools: Vec<Value> = chat.tools.iter().copied().map(tool).collect();
    put(&mut body, "tools", Some(tools).filter(|tools| !tools.is_empty()));
    put(&mut body, "stream", chat.stream.then_some(true));
    Ok(Composed {
        path: "/v1/messages".to_owned(),
        credential: ("x-api-key", ""),
        headers: vec![("anthropic-version", "2023-06-01")],
        content: Content::Json(body.into()),
        reads: Reads::Messages,
        spoken: None,
    })
}

fn thinking(chat: &Chat) -> Option<Value> {
    match (chat.thinking_budget, said(&chat.effort)) {
        (Some(tokens), _) => Some(json!({"type": "enabled", "budget_tokens": tokens})),
        (None, Some("none")) => Some(json!({"type": "disabled"})),
        (None, Some(_)) => Some(json!({"type": "adaptive"})),
        (None, None) => None,
    }
}

fn output(chat: &Chat) -> Option<Value> {
    let mut config = Map::new();
    put(&mut config, "effort", said(&chat.effort).filter(|effort| *effort != "none"));
    let schema = chat.schema.as_ref();
    put(&mut config, "format", schema.map(|one| json!({"type": "json_schema", "schema": one})));
    Some(config).filter(|config| !config.is_empty()).map(Value::from)
}

fn block(file: &Attachment) -> Result<Value, Error> {
    let source = json!({"type": "base64", "media_type": file.mime, "data": file.data});
    if file.is("image") {
        return Ok(json!({"type": "image", "source": source}));
    }
    if file.mime == "application/pdf" {
        return Ok(json!({"type": "document", "source": source}));
    }
    Err(Error::invalid("files", format!("{} has no place in this API", file.mime)))
}

fn tool(tool: Tool) -> Value {
    match tool {
        Tool::Search => json!({"type": "web_search_20250305", "name": "web_search"}),
        Tool::Code => json!({"type": "code_execution_20250825", "name": "code_execution"}),
        Tool::Url => json!({"type": "web_fetch_20250910", "name": "web_fetch"}),
    }
}
