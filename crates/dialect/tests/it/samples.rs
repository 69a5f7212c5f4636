//! Answers captured from Google, by others: read where they are, never copied here.

use std::path::Path;

use bytes::{Bytes, BytesMut};
use dialect::{
    gemini,
    openai::chat::{self, ChatContext, ChatStream, ResponseError},
};
use serde_json::{Value, json};
use sse::{Decoder, EventKind};

use crate::{chunks, context, stamp};

#[expect(
    clippy::print_stdout,
    reason = "whoever runs the tests should know what they did not test"
)]
/// The files with that extension; none, with a message, where the samples are missing.
pub(crate) fn samples(extension: &str, prefix: &str) -> Vec<(String, Vec<u8>)> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/samples/googleai");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: no samples in {}", folder.display());
        return Vec::new();
    };
    let mut files: Vec<(String, Vec<u8>)> = entries
        .map(|entry| entry.unwrap())
        .map(|entry| {
            (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())
        })
        .filter(|(name, _)| name.starts_with(prefix) && name.ends_with(extension))
        .collect();
    files.sort();
    files
}

/// The context of a request that searches, so that sources are looked for.
fn searching() -> ChatContext {
    context(
        &json!({"stream": true, "stream_options": {"include_usage": true}, "web_search_options": {}}),
    )
}

/// What the source holds, in the terms of the client's answer.
#[derive(Default)]
struct Source {
    text: String,
    calls: Vec<(String, Value)>,
    finish: Option<String>,
    usage: serde_json::Map<String, Value>,
    has_code: bool,
}

impl Source {
    fn add(&mut self, answer: &Value) {
        let candidate = &answer["candidates"][0];
        for part in candidate["content"]["parts"].as_array().into_iter().flatten() {
            if part["thought"] != true {
                self.text.push_str(part["text"].as_str().unwrap_or_default());
            }
            if let Some(call) = part.get("functionCall") {
                self.calls.push((call["name"].as_str().unwrap().into(), call["args"].clone()));
            }
            self.has_code |=
                part.get("executableCode").or(part.get("codeExecutionResult")).is_some();
        }
        if let Some(reason) = candidate["finishReason"].as_str() {
            self.finish = Some(reason.into());
        }
        if let Some(usage) = answer["usageMetadata"].as_object() {
            self.usage.extend(usage.clone());
        }
    }

    fn count(&self, name: &str) -> u64 {
        self.usage.get(name).and_then(Value::as_u64).unwrap_or(0)
    }

    fn expected_finish(&self) -> &'static str {
        match self.finish.as_deref() {
            _ if !self.calls.is_empty() => "tool_calls",
            Some("MAX_TOKENS") => "length",
            Some("SAFETY" | "RECITATION") => "content_filter",
            _ => "stop",
        }
    }

    fn check(
        &self,
        name: &str,
        text: &str,
        calls: &[(String, Value)],
        finish: &Value,
        usage: &Value,
    ) {
        if self.has_code {
            assert!(text.contains("```python\n"), "{name}");
        } else {
            assert_eq!(text, self.text, "{name}");
        }
        assert_eq!(calls, self.calls, "{name}");
        assert_eq!(finish, self.expected_finish(), "{name}");
        if !self.usage.is_empty() {
            let prompt = self.count("promptTokenCount") + self.count("toolUsePromptTokenCount");
            let completion = self.count("candidatesTokenCount") + self.count("thoughtsTokenCount");
            assert_eq!(usage["prompt_tokens"], prompt, "{name}");
            assert_eq!(usage["completion_tokens"], completion, "{name}");
        }
    }
}

#[test]
fn whole_answers_keep_text_calls_and_usage() {
    for (path, body) in samples("json", "unary-success") {
        let answer: Value = serde_json::from_slice(&body).unwrap();
        let mut source = Source::default();
        source.add(&answer);
        let translated = chat::response(&searching(), &body, &mut stamp()).unwrap();
        let client: Value = serde_json::from_slice(&translated.body).unwrap();
        let choice = &client["choices"][0];
        let message = &choice["message"];
        let calls = message["tool_calls"].as_array().into_iter().flatten().map(|call| {
            let function = &call["function"];
            let arguments = function["arguments"].as_str().unwrap();
            (function["name"].as_str().unwrap().into(), serde_json::from_str(arguments).unwrap())
        });
        source.check(
            &path,
            message["content"].as_str().unwrap_or_default(),
            &calls.collect::<Vec<_>>(),
            &choice["finish_reason"],
            &client["usage"],
        );
        check_annotations(&path, message);
        assert!(gemini::observe(&body).has_content, "{path}");
    }
}

/// Every source that supports something stands at the very text that Google names.
fn check_annotations(path: &str, message: &Value) {
    let characters: Vec<char> = message["content"].as_str().unwrap_or_default().chars().collect();
    for annotation in message["annotations"].as_array().unwrap() {
        let citation = &annotation["url_citation"];
        let start = citation["start_index"].as_u64().unwrap() as usize;
        let end = citation["end_index"].as_u64().unwrap() as usize;
        assert!(start <= end && end <= characters.len(), "{path}: {citation}");
        assert!(citation["url"].as_str().unwrap().starts_with("http"), "{path}: {citation}");
    }
    let grounded = path.contains("google-search-grounding.json");
    assert!(!grounded || !message["annotations"].as_array().unwrap().is_empty(), "{path}");
}

#[test]
fn failures_are_recognised() {
    for (path, body) in samples("json", "unary-failure") {
        let observed = gemini::observe(&body);
        let response = chat::response(&searching(), &body, &mut stamp());
        match response {
            Err(ResponseError::Upstream(error)) => {
                assert_eq!(observed.error, Some(error), "{path}");
            }
            Err(ResponseError::Empty { .. }) => assert!(observed.is_empty(), "{path}"),
            Ok(translated) => {
                let client: Value = serde_json::from_slice(&translated.body).unwrap();
                assert_eq!(client["choices"][0]["finish_reason"], "content_filter", "{path}");
            }
            Err(other) => panic!("{path}: {other}"),
        }
    }
}

/// Streams a body that arrives in the given pieces.
fn translate(pieces: &[&[u8]]) -> Result<Vec<u8>, Vec<u8>> {
    let mut decoder = Decoder::new(1 << 20);
    let mut stream = ChatStream::new(searching(), stamp());
    let mut out = BytesMut::new();
    let feed = |stream: &mut ChatStream, event: &sse::Event, out: &mut BytesMut| {
        if event.kind == EventKind::Comment {
            return Ok(());
        }
        stream.event(&event.data, out).map(|_| ())
    };
    let mut result = Ok(());
    'body: for piece in pieces {
        decoder.push(Bytes::copy_from_slice(piece));
        while let Some(event) = decoder.next_event() {
            result = feed(&mut stream, &event.unwrap(), &mut out);
            if result.is_err() {
                break 'body;
            }
        }
    }
    if let (Ok(()), Some(event)) = (&result, decoder.finish()) {
        result = feed(&mut stream, &event, &mut out);
    }
    match result.and_then(|()| stream.finish(&mut out)) {
        Ok(()) => Ok(out.to_vec()),
        Err(error) => {
            stream.fail(&error, &mut out);
            Err(out.to_vec())
        }
    }
}

#[test]
fn streams_keep_text_calls_and_usage() {
    for (path, body) in samples("txt", "streaming-success") {
        let mut source = Source::default();
        for line in String::from_utf8(body.clone()).unwrap().lines() {
            if let Some(data) = line.strip_prefix("data: ") {
                source.add(&serde_json::from_str(data).unwrap());
            }
        }
        let out = translate(&[&body])
            .unwrap_or_else(|out| panic!("{path}: {}", String::from_utf8_lossy(&out)));
        let chunks = chunks(&out);
        let (mut text, mut calls, mut finish) = (String::new(), Vec::new(), Value::Null);
        for choice in chunks.iter().filter_map(|chunk| chunk["choices"].get(0)) {
            text.push_str(choice["delta"]["content"].as_str().unwrap_or_default());
            for call in choice["delta"]["tool_calls"].as_array().into_iter().flatten() {
                let function = &call["function"];
                if let Some(name) = function["name"].as_str() {
                    calls.push((name.to_owned(), Value::Null));
                } else {
                    let arguments = function["arguments"].as_str().unwrap();
                    calls.last_mut().unwrap().1 = serde_json::from_str(arguments).unwrap();
                }
            }
            if !choice["finish_reason"].is_null() {
                finish = choice["finish_reason"].clone();
            }
        }
        assert_eq!(chunks.last().unwrap(), "[DONE]");
        let usage = &chunks[chunks.len() - 2]["usage"];
        source.check(&path, &text, &calls, &finish, usage);
    }
}

/// What the decoder makes of a body that arrives in the given pieces.
fn decode(pieces: &[&[u8]]) -> Vec<(Bytes, EventKind)> {
    let mut decoder = Decoder::new(1 << 20);
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(Bytes::copy_from_slice(piece));
        while let Some(event) = decoder.next_event() {
            let event = event.unwrap();
            events.push((event.data, event.kind));
        }
    }
    events.extend(decoder.finish().map(|event| (event.data, event.kind)));
    events
}

#[test]
fn streams_come_out_the_same_however_they_are_cut() {
    for (path, body) in samples("txt", "streaming-") {
        let (events, chunks) = (decode(&[&body]), translate(&[&body]));
        for cut in 1..body.len() {
            let (before, after) = body.split_at(cut);
            assert_eq!(decode(&[before, after]), events, "{path} cut at {cut}");
            // The translation sees events only, so a few cuts stand for all.
            if cut % 499 == 0 {
                assert!(translate(&[before, after]) == chunks, "{path} cut at {cut}");
            }
        }
        let bytes: Vec<&[u8]> = body.chunks(1).collect();
        assert!(translate(&bytes) == chunks, "{path} byte by byte");
    }
}
