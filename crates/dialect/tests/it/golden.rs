//! Worked translations: what a client sends, what Gemini gets and answers, what the client gets.

use std::path::Path;

use bytes::BytesMut;
use dialect::openai::chat::{self, ChatStream, Options, Signatures, StreamError};
use serde_json::Value;
use sse::{Decoder, EventKind};

use crate::{chunks, stamp};

pub(crate) fn golden(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap()
}

fn stream(
    stream: &mut ChatStream,
    upstream: &Value,
    out: &mut BytesMut,
) -> Result<(), StreamError> {
    if let Some(events) = upstream["sse"].as_array() {
        for event in events {
            stream.event(event.to_string().as_bytes(), out)?;
        }
        return stream.finish(out);
    }
    let mut decoder = Decoder::new(1 << 20);
    decoder.push(upstream["raw"].as_str().unwrap().to_owned().into());
    while let Some(event) = decoder.next_event() {
        let event = event.unwrap();
        if event.kind != EventKind::Comment {
            stream.event(&event.data, out)?;
        }
    }
    if let Some(event) = decoder.finish() {
        stream.event(&event.data, out)?;
    }
    stream.finish(out)
}

fn check(name: &str) {
    let case = golden(name);
    let client = &case["client_request"]["body"];
    // The files show the ids as they are without signatures.
    let options = Options { signatures: Signatures::InExtraContent, ..Options::default() };
    let client = client.to_string();
    let translation = chat::translate(client.as_bytes(), &options).unwrap();
    let (context, body) = translation.without_fetching(client.as_bytes()).unwrap();
    let upstream = &case["upstream_request"];
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body, upstream["body"], "{name}: upstream request");
    let method = if context.stream() { "streamGenerateContent" } else { "generateContent" };
    let path = format!("/v1beta/models/{}:{method}", context.model());
    assert_eq!(Value::from(path), upstream["path"], "{name}: upstream path");

    let expected = &case["client_response"];
    if let Some(events) = expected["sse"].as_array() {
        let mut translated = ChatStream::new(context, stamp());
        let mut out = BytesMut::new();
        if let Err(error) = stream(&mut translated, &case["upstream_response"], &mut out) {
            translated.fail(&error, &mut out);
        }
        let expected: Vec<Value> = events.iter().map(|event| event["data"].clone()).collect();
        assert_eq!(chunks(&out), expected, "{name}: client stream");
    } else if !expected.is_null() {
        let answer = case["upstream_response"]["body"].to_string();
        let translated = chat::response(&context, answer.as_bytes(), &mut stamp()).unwrap();
        let body: Value = serde_json::from_slice(&translated.body).unwrap();
        assert_eq!(body, expected["body"], "{name}: client response");
    }
}

macro_rules! golden_cases {
    ($($test:ident: $file:literal,)*) => {
        $(#[test] fn $test() { check($file); })*

        #[test]
        fn every_file_is_a_case() {
            let mut files: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"))
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .filter(|name| name.starts_with("chat-"))
                .collect();
            files.sort();
            // Several calls for one answer are tried in `continuation.rs`.
            files.retain(|file| file != "chat-continuation.json");
            assert_eq!(files, [$($file),*]);
        }
    };
}

golden_cases! {
    blocked_prompt: "chat-blocked-prompt.json",
    json_schema: "chat-json-schema.json",
    parts: "chat-parts.json",
    reasoning_2_5: "chat-reasoning-2.5.json",
    roles_merge: "chat-roles-merge.json",
    simple: "chat-simple.json",
    stream_midstream_error: "chat-stream-midstream-error.json",
    stream_text: "chat-stream-text.json",
    stream_tools: "chat-stream-tools.json",
    system_only: "chat-system-only.json",
    tool_choice_none: "chat-tool-choice-none.json",
    tools_roundtrip: "chat-tools-roundtrip.json",
    trailing_assistant_3_8: "chat-trailing-assistant-3.8.json",
}
