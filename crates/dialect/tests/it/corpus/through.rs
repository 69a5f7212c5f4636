//! Through each dialect, with a request that asks for everything an answer may hold.

use bytes::{Bytes, BytesMut};
use dialect::{
    anthropic::messages::{self, MessagesContext, MessagesStream},
    openai::{
        chat::{self, ChatContext, ChatStream},
        responses::{self, ResponsesContext, ResponsesStream},
    },
};
use serde_json::{Value, json};

use crate::{anthropic, chunks, responses as responses_tests, stamp};

/// What the client gets, and what it puts together of it; `None`: it is told of a failure.
pub(super) type Streamed = (Vec<u8>, Option<Value>);

pub(crate) fn chat_context() -> ChatContext {
    crate::context(&json!({
        "stream": true, "stream_options": {"include_usage": true}, "web_search_options": {},
        "tools": [{"type": "function", "function": {"name": "f"}}],
    }))
}

pub(crate) fn messages_context() -> MessagesContext {
    let search = json!({"type": "web_search_20250305", "name": "web_search"});
    anthropic::context(
        &json!({"stream": true, "tools": [search], "thinking": {"type": "adaptive"}}),
    )
}

pub(crate) fn responses_context() -> ResponsesContext {
    responses_tests::context(
        &json!({"stream": true, "tools": [{"type": "web_search"}], "reasoning": {"summary": "auto"}}),
    )
}

pub(super) fn chat(body: &[u8]) -> Option<Value> {
    let translated = chat::response(&chat_context(), body, &mut stamp()).ok()?;
    Some(serde_json::from_slice(&translated.body).unwrap())
}

pub(super) fn message(body: &[u8]) -> Option<Value> {
    let translated = messages::response(&messages_context(), body, &mut anthropic::stamp()).ok()?;
    Some(serde_json::from_slice(&translated.body).unwrap())
}

pub(super) fn response(body: &[u8]) -> Option<Value> {
    let translated = responses::response(&responses_context(), body, &mut stamp(), 0).ok()?;
    Some(serde_json::from_slice(&translated.body).unwrap())
}

/// What the client gets, and whether the stream ended properly.
pub(crate) fn chat_out(context: ChatContext, events: &[Bytes]) -> (Vec<u8>, bool) {
    let mut stream = ChatStream::new(context, stamp());
    let mut out = BytesMut::new();
    let fed = events.iter().try_for_each(|event| stream.event(event, &mut out).map(drop));
    let ended = fed.and_then(|()| stream.finish(&mut out));
    if let Err(error) = &ended {
        stream.fail(error, &mut out);
    }
    (out.to_vec(), ended.is_ok())
}

/// What the client gets, and whether the stream ended properly.
pub(crate) fn message_out(context: MessagesContext, events: &[Bytes]) -> (Vec<u8>, bool) {
    let mut stream = MessagesStream::new(context, anthropic::stamp());
    let mut out = BytesMut::new();
    let fed = events.iter().try_for_each(|event| stream.event(event, &mut out).map(drop));
    let ended = fed.and_then(|()| stream.finish(&mut out));
    if let Err(error) = &ended {
        stream.fail(error, Some("req_1"), &mut out);
    }
    (out.to_vec(), ended.is_ok())
}

/// What the client gets, and whether the stream ended properly.
pub(crate) fn response_out(context: ResponsesContext, events: &[Bytes]) -> (Vec<u8>, bool) {
    let mut stream = ResponsesStream::new(context, stamp());
    let mut out = BytesMut::new();
    let fed = events.iter().try_for_each(|event| stream.event(event, &mut out).map(drop));
    let ended = fed.and_then(|()| stream.finish(0, &mut out));
    if let Err(error) = &ended {
        stream.fail(error, &mut out);
    }
    (out.to_vec(), ended.is_ok())
}

pub(super) fn chat_stream(events: &[Bytes]) -> Streamed {
    let (out, ended) = chat_out(chat_context(), events);
    let told = ended.then(|| assemble(&chunks(&out)));
    (out, told)
}

pub(super) fn message_stream(events: &[Bytes]) -> Streamed {
    let (out, ended) = message_out(messages_context(), events);
    let told = ended.then(|| anthropic::assemble(&anthropic::events(&out)));
    (out, told)
}

pub(super) fn response_stream(events: &[Bytes]) -> Streamed {
    let (out, ended) = response_out(responses_context(), events);
    let told = ended.then(|| {
        let events = responses_tests::events(&out);
        responses_tests::stream::check_accumulates(&events);
        events.last().unwrap()["response"].clone()
    });
    (out, told)
}

/// The completion that an SDK puts together from the chunks.
fn assemble(chunks: &[Value]) -> Value {
    let mut message = json!({"tool_calls": [], "annotations": [], "images": []});
    let (mut finish, mut usage) = (Value::Null, Value::Null);
    for chunk in chunks.iter().filter(|chunk| chunk.is_object()) {
        if chunk["usage"].is_object() {
            usage = chunk["usage"].clone();
        }
        let first = |choice: &&Value| choice["index"] == 0;
        let choices = chunk["choices"].as_array().into_iter().flatten();
        let choice = choices.clone().find(first).unwrap_or(&Value::Null);
        for name in ["content", "reasoning_content"] {
            if let Some(more) = choice["delta"][name].as_str() {
                message[name] = format!("{}{more}", message[name].as_str().unwrap_or("")).into();
            }
        }
        for call in choice["delta"]["tool_calls"].as_array().into_iter().flatten() {
            grow(message["tool_calls"].as_array_mut().unwrap(), call);
        }
        for name in ["annotations", "images"] {
            let more = choice["delta"][name].as_array().into_iter().flatten().cloned();
            message[name].as_array_mut().unwrap().extend(more);
        }
        if choice["finish_reason"].is_string() {
            finish = choice["finish_reason"].clone();
        }
    }
    json!({"choices": [{"message": message, "finish_reason": finish}], "usage": usage})
}

fn grow(calls: &mut Vec<Value>, delta: &Value) {
    let index = delta["index"].as_u64().unwrap() as usize;
    if index == calls.len() {
        calls.push(delta.clone());
    } else {
        let arguments = &mut calls[index]["function"]["arguments"];
        let more = delta["function"]["arguments"].as_str().unwrap();
        *arguments = format!("{}{more}", arguments.as_str().unwrap()).into();
    }
}
