//! Anthropic's dialect.

mod answer;
mod golden;
mod history;
mod media;
mod mistakes;
mod properties;
mod request;
mod robust;
mod samples;
mod stream;

use bytes::BytesMut;
use dialect::anthropic::{
    Aliases,
    messages::{self, MessagesContext, MessagesStream, Options, Stamp, StreamError},
};
use serde_json::{Value, json};

/// The stamp of the golden files.
pub(crate) fn stamp() -> Stamp {
    let mut number = 0;
    Stamp {
        created: 1_790_000_000,
        fallback_id: "fallback".into(),
        call_ids: Box::new(move || {
            number += 1;
            format!("toolu_GEN{number}")
        }),
    }
}

/// Translates a request.
fn ask(body: &Value) -> (MessagesContext, Value) {
    let aliases = Aliases::default();
    let (context, upstream) =
        messages::request(body.to_string().as_bytes(), &Options::new(&aliases)).unwrap();
    (context, serde_json::from_slice(&upstream).unwrap())
}

/// A plain request with more fields.
fn plain(more: &Value) -> Value {
    let mut body = json!({
        "model": "gemini-3.8-flash", "max_tokens": 100,
        "messages": [{"role": "user", "content": "Hi"}]
    });
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

/// The context of a plain request with more fields.
pub(crate) fn context(more: &Value) -> MessagesContext {
    ask(&plain(more)).0
}

/// Parsed events of what the client got: `event:` and `data:`, which must agree.
pub(crate) fn events(out: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(out).unwrap();
    let events = text.split_terminator("\n\n").map(|event| {
        let (name, data) = event.split_once('\n').unwrap();
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(name.strip_prefix("event: ").unwrap(), data["type"]);
        data
    });
    events.collect()
}

/// Streams the events of an answer.
fn run(context: MessagesContext, upstream: &[Value]) -> Result<Vec<Value>, StreamError> {
    let mut stream = MessagesStream::new(context, stamp());
    let mut out = BytesMut::new();
    for event in upstream {
        stream.event(event.to_string().as_bytes(), &mut out)?;
    }
    stream.finish(&mut out)?;
    Ok(events(&out))
}

/// The message that an SDK puts together from the events; panics where an SDK would.
pub(crate) fn assemble(events: &[Value]) -> Value {
    let mut events = events.iter();
    let start = events.next().unwrap();
    assert_eq!(start["type"], "message_start");
    let mut message = start["message"].clone();
    let mut input = String::new();
    let mut open = false;
    let mut ended = false;
    for event in events {
        assert!(!ended, "{event}");
        let blocks = message["content"].as_array_mut().unwrap();
        match event["type"].as_str().unwrap() {
            "content_block_start" => {
                assert!(!open && event["index"] == blocks.len(), "{event}");
                open = true;
                input.clear();
                blocks.push(event["content_block"].clone());
            }
            "content_block_delta" => {
                assert!(open && event["index"] == blocks.len() - 1, "{event}");
                grow(blocks.last_mut().unwrap(), &event["delta"], &mut input);
            }
            "content_block_stop" => {
                assert!(open && event["index"] == blocks.len() - 1, "{event}");
                open = false;
                let block = blocks.last_mut().unwrap();
                if block["type"] == "tool_use" {
                    block["input"] = serde_json::from_str(&input).unwrap();
                }
            }
            "message_delta" => {
                assert!(!open, "{event}");
                for part in ["delta", "usage"] {
                    for (key, value) in event[part].as_object().unwrap() {
                        let place =
                            if part == "usage" { &mut message["usage"] } else { &mut message };
                        place[key] = value.clone();
                    }
                }
            }
            "message_stop" => ended = true,
            other => unreachable!("{other}"),
        }
    }
    assert!(ended);
    message
}

fn grow(block: &mut Value, delta: &Value, input: &mut String) {
    let add = |place: &mut Value, more: &Value| {
        *place = format!("{}{}", place.as_str().unwrap(), more.as_str().unwrap()).into();
    };
    match delta["type"].as_str().unwrap() {
        "text_delta" => add(&mut block["text"], &delta["text"]),
        "thinking_delta" => add(&mut block["thinking"], &delta["thinking"]),
        "signature_delta" => {
            assert_eq!(block["signature"], "", "a signature comes once");
            block["signature"] = delta["signature"].clone();
        }
        "input_json_delta" => input.push_str(delta["partial_json"].as_str().unwrap()),
        other => unreachable!("{other}"),
    }
}
