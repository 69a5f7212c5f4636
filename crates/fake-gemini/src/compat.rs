//! The OpenAI-compatible layer, as far as a gateway minds that passes it through: chats repeat what the
//! user said, embeddings are numbers, batches and videos exist in a project.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::decide::Caller;
use crate::embed;
use crate::errors;
use crate::feed::Step;
use crate::html;
use crate::reply::{EVENTS, Reply};
use crate::resources::object;
use crate::shelf::Item;

/// As many numbers as the layer's vectors have.
const COMPAT_DIMENSIONS: usize = 3072;

/// What a call of the layer is answered.
pub(crate) fn answer(caller: &Caller<'_>) -> Reply {
    let call = caller.call;
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    if let Err(refusal) = caller.shelf().reaches(caller.project, &body) {
        return refusal;
    }
    let path = call.target.resource.as_str();
    match (&call.method, path) {
        (&Method::POST, "chat/completions") => chat(caller, &body),
        (&Method::POST, "embeddings") => embeddings(&body),
        (&Method::GET, "models") => {
            let models = json!([{"id": "models/gemini-3.8-flash", "object": "model"}]);
            Reply::json(StatusCode::OK, &json!({"object": "list", "data": models}))
        }
        (&Method::POST, "batches" | "videos") => make(caller, path, body),
        (&Method::GET, name) if name.starts_with("batches/") || name.starts_with("videos/") => {
            let now = caller.google.clock.now_millis();
            match caller.shelf().get(caller.project, name, now) {
                Ok(item) => Reply::json(StatusCode::OK, &item.look()),
                Err(refusal) => refusal,
            }
        }
        _ => html::not_found(&call.path),
    }
}

fn chat(caller: &Caller<'_>, body: &Value) -> Reply {
    let Some(model) = body["model"].as_str().filter(|_| body["messages"].is_array()) else {
        return errors::invalid_argument("A chat has a model and messages.");
    };
    let last = body["messages"].as_array().and_then(|messages| messages.last());
    let said = last.and_then(|message| message["content"].as_str()).unwrap_or_default();
    let id = caller.id("chats");
    let chunk = |field: &str, message: Value, reason: Value| {
        let object = if field == "delta" { "chat.completion.chunk" } else { "chat.completion" };
        json!({"id": id, "object": object, "model": model, "created": 1, "choices": [
            {"index": 0, field: message, "finish_reason": reason},
        ]})
    };
    let message = json!({"role": "assistant", "content": format!("You said: {said}")});
    if body["stream"] == json!(true) {
        let event = |data: &str| Step::Send(Bytes::from(format!("data: {data}\n\n")));
        let mut last = chunk("delta", json!({}), json!("stop"));
        if body["stream_options"]["include_usage"] == json!(true) {
            last["usage"] = usage();
        }
        let steps = vec![
            event(&chunk("delta", message, Value::Null).to_string()),
            event(&last.to_string()),
            event("[DONE]"),
        ];
        return Reply::stream(EVENTS, Box::new(steps.into_iter()));
    }
    let mut whole = chunk("message", message, json!("stop"));
    whole["usage"] = usage();
    Reply::json(StatusCode::OK, &whole)
}

/// Vectors of the inputs, as floats or as base64 of little-endian floats.
fn embeddings(body: &Value) -> Reply {
    let texts = match &body["input"] {
        text @ Value::String(_) => vec![text],
        Value::Array(texts) if texts.iter().all(Value::is_string) => texts.iter().collect(),
        _ => return errors::invalid_argument("The input is a text, or several."),
    };
    let vector = |text: &Value| {
        let vector = embed::direction(&text.to_string(), COMPAT_DIMENSIONS);
        if body["encoding_format"] != json!("base64") {
            return json!(vector);
        }
        let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
        json!(BASE64_STANDARD.encode(bytes))
    };
    let data: Vec<Value> = (0_u64..)
        .zip(texts)
        .map(|(index, text)| json!({"object": "embedding", "index": index, "embedding": vector(text)}))
        .collect();
    let told = json!({"object": "list", "data": data, "model": body["model"], "usage": usage()});
    Reply::json(StatusCode::OK, &told)
}

fn usage() -> Value {
    json!({"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7})
}

fn make(caller: &Caller<'_>, kind: &str, body: Value) -> Reply {
    let id = caller.id(kind);
    let mut made = object(body);
    made.insert("id".to_owned(), id.clone().into());
    made.insert("object".to_owned(), kind.trim_end_matches("es").trim_end_matches('s').into());
    made.insert("status".to_owned(), "completed".into());
    let item = Item { body: made.clone(), ..Item::default() };
    caller.shelf().put(caller.project, &format!("{kind}/{id}"), item);
    Reply::json(StatusCode::OK, &Value::Object(made))
}
