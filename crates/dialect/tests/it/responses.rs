//! The Responses API.

mod answer;
mod background;
mod compaction;
mod golden;
mod history;
mod media;
mod request;
mod robust;
mod samples;
mod state;
pub(crate) mod stream;

use bytes::BytesMut;
use dialect::openai::responses::{
    self, Earlier, ResponsesContext, ResponsesStream, StreamError, TranslatedResponse,
};
use serde_json::{Value, json};

use crate::stamp;

/// Parsed events of what the client got; each names its type twice, and is numbered.
pub(crate) fn events(out: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(out).unwrap();
    let events = text.split_terminator("\n\n").enumerate().map(|(number, event)| {
        let (kind, data) = event.split_once('\n').unwrap();
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(data["type"], kind.strip_prefix("event: ").unwrap());
        assert_eq!(data["sequence_number"], number);
        data
    });
    events.collect()
}

/// Translates a request.
fn ask(body: &Value) -> (ResponsesContext, Value) {
    let body = body.to_string();
    let (context, upstream) = responses::request(body.as_bytes(), Earlier::default()).unwrap();
    (context, serde_json::from_slice(&upstream).unwrap())
}

/// A plain request with more fields.
fn body(more: &Value) -> Value {
    let mut body = json!({"model": "gemini-3.8-flash", "input": "Hi"});
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

pub(crate) fn context(more: &Value) -> ResponsesContext {
    ask(&body(more)).0
}

/// A whole answer with these parts, translated.
fn whole(context: &ResponsesContext, answer: &Value) -> (Value, TranslatedResponse) {
    // Google answers pretty-printed.
    let bytes = serde_json::to_vec_pretty(answer).unwrap();
    let translated = responses::response(context, &bytes, &mut stamp(), 1_790_000_001).unwrap();
    (serde_json::from_slice(&translated.body).unwrap(), translated)
}

/// The answer of these parts.
fn parts(parts: &Value) -> Value {
    json!({"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}], "responseId": "R"})
}

/// Streams events.
fn run(context: ResponsesContext, upstream: &[Value]) -> Result<Vec<Value>, StreamError> {
    let mut stream = ResponsesStream::new(context, stamp());
    let mut out = BytesMut::new();
    for event in upstream {
        stream.event(event.to_string().as_bytes(), &mut out)?;
    }
    stream.finish(1_790_000_001, &mut out)?;
    Ok(events(&out))
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}
