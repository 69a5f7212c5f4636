//! OpenAI's `POST /v1/responses`.

use serde_json::{Map, Value, json};

use super::{put, said, without_safety};
use crate::error::Error;
use crate::play::composed::{Composed, Content};
use crate::play::reading::Reads;
use crate::play::wanted::{Attachment, Chat, Role, Tool, Turn};

pub(super) fn compose(chat: &Chat) -> Result<Composed, Error> {
    without_safety(chat)?;
    if chat.thinking_budget.is_some() {
        return Err(Error::invalid("thinking_budget", "this API knows efforts only"));
    }
    let mut body = Map::new();
    put(&mut body, "model", Some(chat.model.trim()));
    put(&mut body, "instructions", said(&chat.system));
    let turns = chat.turns.iter().map(item).collect::<Result<Vec<_>, _>>()?;
    body.insert("input".to_owned(), turns.into());
    put(&mut body, "temperature", chat.temperature);
    put(&mut body, "max_output_tokens", chat.max_tokens);
    let reasoning = said(&chat.effort).map(|effort| json!({"effort": effort, "summary": "auto"}));
    put(&mut body, "reasoning", reasoning);
    let tools = chat.tools.iter().copied().map(tool).collect::<Result<Vec<_>, _>>()?;
    put(&mut body, "tools", Some(tools).filter(|tools| !tools.is_empty()));
    let format = chat.schema.as_ref().map(|schema| {
        json!({"format": {"type": "json_schema", "name": "answer", "schema": schema, "strict": true}})
    });
    put(&mut body, "text", format);
    put(&mut body, "store", Some(false));
    put(&mut body, "stream", chat.stream.then_some(true));
    Ok(Composed::openai("/v1/responses", Content::Json(body.into()), Reads::Responses))
}

fn item(turn: &Turn) -> Result<Value, Error> {
    let (role, kind) = match turn.role {
        Role::User => ("user", "input_text"),
        Role::Assistant => ("assistant", "output_text"),
    };
    let files = turn.files.iter().map(part).collect::<Result<Vec<_>, _>>()?;
    let text = said(&turn.text).map(|text| json!({"type": kind, "text": text}));
    let content: Vec<Value> = files.into_iter().chain(text).collect();
    Ok(json!({"type": "message", "role": role, "content": content}))
}

fn part(file: &Attachment) -> Result<Value, Error> {
    if file.is("image") {
        return Ok(json!({"type": "input_image", "image_url": file.data_url()}));
    }
    if file.is("audio") {
        let audio = json!({"data": file.data, "format": file.audio_format()});
        return Ok(json!({"type": "input_audio", "input_audio": audio}));
    }
    if file.mime == "application/pdf" {
        let (name, data) = (&file.name, file.data_url());
        return Ok(json!({"type": "input_file", "filename": name, "file_data": data}));
    }
    Err(Error::invalid("files", format!("{} has no place in this API", file.mime)))
}

fn tool(tool: Tool) -> Result<Value, Error> {
    match tool {
        Tool::Search => Ok(json!({"type": "web_search"})),
        Tool::Code => Ok(json!({"type": "code_interpreter", "container": {"type": "auto"}})),
        Tool::Url => Err(Error::invalid("tools", "this API has no tool that reads addresses")),
    }
}
