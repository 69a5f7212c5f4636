//! OpenAI's `POST /v1/chat/completions`.

use serde_json::{Map, Value, json};

use super::{message, put, safety, said};
use crate::error::Error;
use crate::play::composed::{Composed, Content};
use crate::play::reading::Reads;
use crate::play::wanted::{Attachment, Chat, Tool};

pub(super) fn compose(chat: &Chat) -> Result<Composed, Error> {
    let mut body = Map::new();
    put(&mut body, "model", Some(chat.model.trim()));
    let system = said(&chat.system).map(|text| json!({"role": "system", "content": text}));
    let turns = chat.turns.iter().map(|turn| message(turn, part)).collect::<Result<Vec<_>, _>>()?;
    body.insert("messages".to_owned(), system.into_iter().chain(turns).collect());
    put(&mut body, "temperature", chat.temperature);
    put(&mut body, "max_completion_tokens", chat.max_tokens);
    put(&mut body, "reasoning_effort", said(&chat.effort));
    let tools: Vec<Value> = chat.tools.iter().copied().map(tool).collect();
    put(&mut body, "tools", Some(tools).filter(|tools| !tools.is_empty()));
    let format = chat.schema.as_ref().map(|schema| {
        let named = json!({"name": "answer", "schema": schema, "strict": true});
        json!({"type": "json_schema", "json_schema": named})
    });
    put(&mut body, "response_format", format);
    let thinking = chat.thinking_budget.map(|tokens| {
        let config = json!({"thinking_budget": tokens, "include_thoughts": true});
        json!({"google": {"thinking_config": config}})
    });
    put(&mut body, "extra_body", thinking);
    put(&mut body, "safety_settings", chat.safety.map(safety));
    if chat.stream {
        put(&mut body, "stream", Some(true));
        put(&mut body, "stream_options", Some(json!({"include_usage": true})));
    }
    let content = Content::Json(body.into());
    Ok(Composed::openai("/v1/chat/completions", content, Reads::Chat))
}

fn part(file: &Attachment) -> Result<Value, Error> {
    if file.is("image") {
        return Ok(json!({"type": "image_url", "image_url": {"url": file.data_url()}}));
    }
    if file.is("audio") {
        let audio = json!({"data": file.data, "format": file.audio_format()});
        return Ok(json!({"type": "input_audio", "input_audio": audio}));
    }
    if file.mime == "application/pdf" {
        let named = json!({"filename": file.name, "file_data": file.data_url()});
        return Ok(json!({"type": "file", "file": named}));
    }
    Err(Error::invalid("files", format!("{} has no place in this API", file.mime)))
}

fn tool(tool: Tool) -> Value {
    let kind = match tool {
        Tool::Search => "google_search",
        Tool::Code => "code_execution",
        Tool::Url => "url_context",
    };
    json!({"type": kind})
}
