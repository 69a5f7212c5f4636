//! Worked translations.

use std::path::Path;

use bytes::BytesMut;
use dialect::openai::responses::ResponsesStream;
use serde_json::Value;

use super::{ask, events, whole};
use crate::stamp;

fn check(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let (context, body) = ask(&case["client_request"]["body"]);
    let upstream = &case["upstream_request"];
    assert_eq!(body, upstream["body"], "{name}: upstream request");
    let method = if context.stream() { "streamGenerateContent" } else { "generateContent" };
    let path = format!("/v1beta/models/{}:{method}", context.model());
    assert_eq!(Value::from(path), upstream["path"], "{name}: upstream path");

    let expected = &case["client_response"];
    if let Some(expected) = expected["sse"].as_array() {
        let mut stream = ResponsesStream::new(context, stamp());
        let mut out = BytesMut::new();
        for event in case["upstream_response"]["sse"].as_array().unwrap() {
            stream.event(event.to_string().as_bytes(), &mut out).unwrap();
        }
        stream.finish(1_790_000_001, &mut out).unwrap();
        let expected: Vec<Value> = expected.iter().map(|event| event["data"].clone()).collect();
        assert_eq!(events(&out), expected, "{name}: client stream");
    } else if !expected.is_null() {
        let (body, _) = whole(&context, &case["upstream_response"]["body"]);
        assert_eq!(body, expected["body"], "{name}: client response");
    }
}

#[test]
fn codex_step_1() {
    check("responses-codex-step1.json");
}

#[test]
fn codex_step_2_request() {
    check("responses-codex-step2-request.json");
}

#[test]
fn incomplete() {
    check("responses-incomplete.json");
}

#[test]
fn stream_text() {
    check("responses-stream-text.json");
}
