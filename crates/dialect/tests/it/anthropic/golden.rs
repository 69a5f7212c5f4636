//! Worked translations: what a client sends, what Gemini gets and answers, what the client gets.

use std::path::Path;

use bytes::BytesMut;
use dialect::anthropic::{
    Aliases, count_tokens,
    messages::{self, MessagesContext, MessagesStream, Options},
};
use serde_json::Value;

use super::{events, stamp};

fn golden(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap()
}

fn check(name: &str) {
    let case = golden(name);
    let client = case["client_request"]["body"].to_string();
    let aliases = Aliases::default();
    let options = Options::new(&aliases);
    let counts = case["client_request"]["path"] == "/v1/messages/count_tokens";
    let translate = if counts { count_tokens::request } else { messages::request };
    let (context, body) = translate(client.as_bytes(), &options).unwrap();
    let upstream = &case["upstream_request"];
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body, upstream["body"], "{name}: upstream request");
    let method = match (counts, context.stream()) {
        (true, _) => "countTokens",
        (false, true) => "streamGenerateContent",
        (false, false) => "generateContent",
    };
    let path = format!("/v1beta/models/{}:{method}", context.model());
    assert_eq!(Value::from(path), upstream["path"], "{name}: upstream path");
    if counts {
        let answer = case["upstream_response"]["body"].to_string();
        let body: Value =
            serde_json::from_slice(&count_tokens::response(answer.as_bytes()).unwrap()).unwrap();
        assert_eq!(body, case["client_response"]["body"], "{name}: client response");
    } else {
        check_answer(name, context, &case);
    }
}

fn check_answer(name: &str, context: MessagesContext, case: &Value) {
    let (upstream, expected) = (&case["upstream_response"], &case["client_response"]);
    let Some(expected_events) = expected["sse"].as_array() else {
        let answer = upstream["body"].to_string();
        let translated = messages::response(&context, answer.as_bytes(), &mut stamp()).unwrap();
        let body: Value = serde_json::from_slice(&translated.body).unwrap();
        assert_eq!(body, expected["body"], "{name}: client response");
        return;
    };
    let mut stream = MessagesStream::new(context, stamp());
    let mut out = BytesMut::new();
    let mut result = Ok(());
    for event in upstream["sse"].as_array().unwrap() {
        result =
            result.and_then(|()| stream.event(event.to_string().as_bytes(), &mut out).map(drop));
    }
    if let Err(error) = result.and_then(|()| stream.finish(&mut out)) {
        stream.fail(&error, Some("req_1"), &mut out);
    }
    // Pings are put in by whoever knows the time.
    let data = expected_events.iter().map(|event| event["data"].clone());
    let expected: Vec<Value> = data.filter(|data| data["type"] != "ping").collect();
    assert_eq!(events(&out), expected, "{name}: client stream");
}

macro_rules! golden_cases {
    ($($test:ident: $file:literal,)*) => {
        $(#[test] fn $test() { check($file); })*

        #[test]
        fn every_file_is_a_case() {
            let mut files: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"))
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .filter(|name| name.starts_with("anthropic-"))
                .collect();
            files.sort();
            assert_eq!(files, [$($file),*]);
        }
    };
}

golden_cases! {
    count_tokens: "anthropic-count-tokens.json",
    simple: "anthropic-simple.json",
    stream_error: "anthropic-stream-error.json",
    stream_tools: "anthropic-stream-tools.json",
}
