//! Whatever comes in, valid JSON or a clean error comes out.

use std::path::Path;

use bytes::BytesMut;
use dialect::{
    gemini::{self, Continuation, FanOut, WholeAnswer},
    models::{Changes, rules},
    openai::{
        chat::{self, ChatStream},
        completions,
    },
    typing::Typing,
};
use proptest::prelude::*;
use serde_json::Value;

use crate::{chunks, context, stamp};

/// All values that stand for a body, of golden files whose name begins like this.
pub(crate) fn bodies(prefix: &str, of: &[&str]) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut bodies = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if !entry.file_name().into_string().unwrap().starts_with(prefix) {
            continue;
        }
        let case: Value = serde_json::from_slice(&std::fs::read(entry.path()).unwrap()).unwrap();
        for name in of {
            let side = &case[*name];
            bodies.extend(side["body"].is_object().then(|| side["body"].to_string()));
            bodies.extend(side["sse"].as_array().into_iter().flatten().map(Value::to_string));
        }
    }
    bodies
}

/// One change somewhere: a piece cut out, doubled, or replaced by something of another type.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    at: prop::sample::Index,
    length: usize,
    put: &'static str,
}

pub(crate) fn changes() -> impl Strategy<Value = Vec<Change>> {
    let pieces = prop::sample::select(vec![
        "",
        "null",
        "0",
        "-1.5e300",
        "\"",
        "\"\"",
        "[]",
        "{}",
        "{",
        "]",
        ",",
        ":",
        "\\",
        "\\ud83d",
        "true",
        "\"tool\"",
        "\"assistant\"",
        "é",
        "\u{1}",
        "99999999999999999999",
    ]);
    let change = (any::<prop::sample::Index>(), 0..12_usize, pieces)
        .prop_map(|(at, length, put)| Change { at, length, put });
    prop::collection::vec(change, 1..4)
}

pub(crate) fn apply(body: &str, changes: &[Change]) -> Vec<u8> {
    let mut bytes = body.as_bytes().to_vec();
    for change in changes {
        let at = change.at.index(bytes.len() + 1);
        let end = (at + change.length).min(bytes.len());
        bytes.splice(at..end, change.put.bytes());
    }
    bytes
}

/// What is made of an event is valid JSON, or the event as it was.
fn joined(body: &[u8]) {
    // Halves of characters stay as they were.
    let valid = |made: &[u8]| serde_json::from_slice::<serde::de::IgnoredAny>(made).is_ok();
    let mut continuation = Continuation::default();
    let mut calls = FanOut::new(2);
    for _ in 0..2 {
        let event = continuation.event(body);
        assert!(*event == *body || valid(&event));
        continuation.next_token();
        let event = calls.event(1, body);
        assert!(*event == *body || valid(&event));
    }
    assert!(gemini::merge(2, &[body, body]).is_none_or(|merged| valid(&merged)));
    let second = std::time::Duration::from_secs(1);
    let typing = Typing { min_delay: second, max_delay: second, short: 1, long: 9, piece: 2 };
    let typed = gemini::typed(body, &typing).map(|(events, _)| events).unwrap_or_default();
    assert!(typed.iter().all(|event| valid(event)));
    let mut whole = WholeAnswer::default();
    let taken = whole.event(body).is_ok();
    assert!(!taken || whole.finish().is_err() || valid(&whole.finish().unwrap()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn requests(number in any::<prop::sample::Index>(), changes in changes()) {
        let bodies = bodies("chat-", &["client_request"]);
        let body = apply(&bodies[number.index(bodies.len())], &changes);
        let _ = completions::translate(&body, &chat::Options::default());
        match chat::request(&body) {
            Ok((_, upstream)) => {
                let mut changes = Changes::default();
                (changes.search, changes.images) = (true, true);
                let applied = changes.apply(&rules("gemini-3.8-flash"), &upstream).unwrap();
                prop_assert!(serde_json::from_slice::<Value>(&applied.body).is_ok());
                let upstream: Value = serde_json::from_slice(&upstream).unwrap();
                prop_assert!(!upstream["contents"].as_array().unwrap().is_empty());
            }
            Err(mistake) => prop_assert_eq!(mistake.status, 400),
        }
    }

    #[test]
    fn answers(number in any::<prop::sample::Index>(), changes in changes()) {
        let bodies = bodies("chat-", &["upstream_response"]);
        let body = apply(&bodies[number.index(bodies.len())], &changes);
        let context = context(&serde_json::json!({"stream": true}));
        let observed = gemini::observe(&body);
        match chat::response(&context, &body, &mut stamp()) {
            Ok(translated) => {
                let client: Value = serde_json::from_slice(&translated.body).unwrap();
                prop_assert!(!client["choices"].as_array().unwrap().is_empty());
                prop_assert!(!observed.malformed);
            }
            Err(chat::ResponseError::Malformed(_)) => prop_assert!(observed.malformed),
            Err(_) => {}
        }
        joined(&body);
        let mut stream = ChatStream::new(context, stamp());
        let mut out = BytesMut::new();
        let _ = stream.event(&body, &mut out).and_then(|_| stream.finish(&mut out));
        chunks(&out);
    }
}
