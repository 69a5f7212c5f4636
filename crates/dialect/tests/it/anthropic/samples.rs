//! Answers captured from Google, by others: read where they are, never copied here.

use std::fmt::Write as _;

use bytes::{Bytes, BytesMut};
use dialect::anthropic::messages::{self, MessagesContext, MessagesStream, ResponseError};
use serde_json::{Value, json};
use sse::{Decoder, EventKind};

use super::{assemble, context, events, stamp};
use crate::samples::samples;

/// The context of a request that searches and wants to see thoughts.
fn curious() -> MessagesContext {
    let search = json!({"type": "web_search_20250305", "name": "web_search"});
    context(&json!({"stream": true, "tools": [search], "thinking": {"type": "adaptive"}}))
}

/// What the source holds, in the terms of the client's answer.
#[derive(Default)]
struct Source {
    text: String,
    thoughts: String,
    calls: Vec<(Value, Value)>,
    signatures: usize,
    finish: Option<String>,
    usage: serde_json::Map<String, Value>,
    has_code: bool,
    sources: usize,
}

impl Source {
    fn add(&mut self, answer: &Value) {
        let candidate = &answer["candidates"][0];
        for part in candidate["content"]["parts"].as_array().into_iter().flatten() {
            let text = part["text"].as_str().unwrap_or_default();
            if part["thought"] == true { &mut self.thoughts } else { &mut self.text }
                .push_str(text);
            if let Some(mime) = part["inlineData"]["mimeType"].as_str() {
                write!(self.text, "[{mime} left out: this API cannot carry it]").unwrap();
            }
            if let Some(call) = part.get("functionCall") {
                self.calls.push((call["name"].clone(), call["args"].clone()));
                self.signatures += usize::from(part.get("thoughtSignature").is_some());
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
        let chunks = candidate["groundingMetadata"]["groundingChunks"].as_array();
        let web = chunks.into_iter().flatten().filter(|chunk| chunk.get("web").is_some());
        self.sources = self.sources.max(web.count());
    }

    fn count(&self, name: &str) -> u64 {
        self.usage.get(name).and_then(Value::as_u64).unwrap_or(0)
    }

    fn check(&self, name: &str, message: &Value) {
        let blocks = message["content"].as_array().unwrap();
        let joined = |kind: &str| -> String {
            blocks
                .iter()
                .filter(|block| block["type"] == kind)
                .map(|block| block[kind].as_str().unwrap())
                .collect()
        };
        if self.has_code {
            assert!(joined("text").contains("```python\n"), "{name}");
        } else {
            assert_eq!(joined("text"), self.text, "{name}");
        }
        assert_eq!(joined("thinking"), self.thoughts, "{name}");
        let calls = blocks.iter().filter(|block| block["type"] == "tool_use");
        let calls: Vec<(Value, Value)> =
            calls.map(|block| (block["name"].clone(), block["input"].clone())).collect();
        assert_eq!(calls, self.calls, "{name}");
        let results = blocks.iter().filter(|block| block["type"] == "web_search_tool_result");
        let sources: usize = results.map(|block| block["content"].as_array().unwrap().len()).sum();
        assert_eq!(sources, self.sources, "{name}");
        let expected = match self.finish.as_deref() {
            _ if !self.calls.is_empty() => "tool_use",
            Some("MAX_TOKENS") => "max_tokens",
            Some("SAFETY" | "RECITATION") => "refusal",
            _ => "end_turn",
        };
        assert_eq!(message["stop_reason"], expected, "{name}");
        if !self.usage.is_empty() {
            let input = self.count("promptTokenCount") + self.count("toolUsePromptTokenCount");
            let output = self.count("candidatesTokenCount") + self.count("thoughtsTokenCount");
            let usage = &message["usage"];
            let told = usage["input_tokens"].as_u64().unwrap()
                + usage["cache_read_input_tokens"].as_u64().unwrap();
            assert_eq!((told, &usage["output_tokens"]), (input, &json!(output)), "{name}");
        }
    }
}

#[test]
fn whole_answers_keep_everything() {
    for (path, body) in samples("json", "unary-success") {
        let mut source = Source::default();
        source.add(&serde_json::from_slice(&body).unwrap());
        let translated = messages::response(&curious(), &body, &mut stamp()).unwrap();
        source.check(&path, &serde_json::from_slice(&translated.body).unwrap());
        assert_eq!(translated.signatures.len(), source.signatures, "{path}");
    }
}

#[test]
fn failures_are_recognised() {
    for (path, body) in samples("json", "unary-failure") {
        match messages::response(&curious(), &body, &mut stamp()) {
            Err(ResponseError::Upstream(_) | ResponseError::Empty { .. }) => {}
            Ok(translated) => {
                let client: Value = serde_json::from_slice(&translated.body).unwrap();
                assert_eq!(client["stop_reason"], "refusal", "{path}");
            }
            Err(other) => panic!("{path}: {other}"),
        }
    }
}

/// Streams a body that arrives in the given pieces.
fn translate(pieces: &[&[u8]]) -> Result<Vec<u8>, Vec<u8>> {
    let mut decoder = Decoder::new(1 << 20);
    let mut stream = MessagesStream::new(curious(), stamp());
    let mut out = BytesMut::new();
    let mut result = Ok(());
    let mut feed = |event: &sse::Event, out: &mut BytesMut| match event.kind {
        EventKind::Comment => Ok(()),
        _ => stream.event(&event.data, out).map(drop),
    };
    'body: for piece in pieces {
        decoder.push(Bytes::copy_from_slice(piece));
        while let Some(event) = decoder.next_event() {
            result = feed(&event.unwrap(), &mut out);
            if result.is_err() {
                break 'body;
            }
        }
    }
    if let (Ok(()), Some(event)) = (&result, decoder.finish()) {
        result = feed(&event, &mut out);
    }
    match result.and_then(|()| stream.finish(&mut out)) {
        Ok(()) => Ok(out.to_vec()),
        Err(error) => {
            stream.fail(&error, None, &mut out);
            Err(out.to_vec())
        }
    }
}

#[test]
fn streams_keep_everything() {
    for (path, body) in samples("txt", "streaming-success") {
        let mut source = Source::default();
        for line in String::from_utf8(body.clone()).unwrap().lines() {
            if let Some(data) = line.strip_prefix("data: ") {
                source.add(&serde_json::from_str(data).unwrap());
            }
        }
        let out = translate(&[&body])
            .unwrap_or_else(|out| panic!("{path}: {}", String::from_utf8_lossy(&out)));
        source.check(&path, &assemble(&events(&out)));
    }
}

#[test]
fn streams_come_out_the_same_however_they_are_cut() {
    for (path, body) in samples("txt", "streaming-") {
        let whole = translate(&[&body]);
        let text = String::from_utf8(body.clone()).unwrap();
        let pieces: Vec<&[u8]> = text.split_inclusive("\n\n").map(str::as_bytes).collect();
        assert!(translate(&pieces) == whole, "{path} event by event");
        let bytes: Vec<&[u8]> = body.chunks(7).collect();
        assert!(translate(&bytes) == whole, "{path} in small pieces");
    }
}
