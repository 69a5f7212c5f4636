//! An event of a stream, cut so that its text seems to be typed.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{
    json,
    value::{RawValue, to_raw_value},
};

use crate::{
    json::{Object, Text},
    typing::Typing,
};

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Content<'a> {
    parts: Vec<Part<'a>>,
}

/// A part that is visible text and nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "'de: 'a"))]
struct Part<'a> {
    text: Text<'a>,
}

/// The events to translate in place of this one, for any dialect, and the pause after each of them.
///
/// Only events whose one part is visible text are cut; `None` stands for all others. Everything
/// beside the text comes with the last event.
pub fn typed(data: &[u8], typing: &Typing) -> Option<(Vec<Vec<u8>>, Duration)> {
    let mut event = Object::read(std::str::from_utf8(data).ok()?)?;
    let candidates: Vec<Object<'_>> = serde_json::from_str(event.get("candidates")?).ok()?;
    let [candidate] = candidates.as_slice() else { return None };
    let content: Content<'_> = serde_json::from_str(candidate.get("content")?).ok()?;
    let [Part { text }] = content.parts.as_slice() else { return None };
    let text = text.decode();
    let (pieces, pause) = typing.pieces(&text);
    let (last, before) = pieces.split_last().filter(|(_, before)| !before.is_empty())?;
    let mut early = Object::default();
    for name in ["modelVersion", "responseId"] {
        let value = event.get(name).and_then(|value| serde_json::from_str(value).ok());
        early.put(name, &value.unwrap_or_else(|| RawValue::NULL.to_owned()));
    }
    let index = candidate.get("index").unwrap_or("0").to_owned();
    let mut events = Vec::with_capacity(pieces.len());
    for piece in before {
        let mut part = Object::default();
        part.put("content", &said(piece));
        part.put("index", &serde_json::from_str::<Box<RawValue>>(&index).ok()?);
        early.put("candidates", &[part]);
        events.push(early.to_vec());
    }
    let mut rest = candidate.clone();
    rest.put("content", &said(last));
    let rest = to_raw_value(&[rest]).ok()?;
    event.put("candidates", &rest);
    events.push(event.to_vec());
    Some((events, pause))
}

fn said(text: &str) -> serde_json::Value {
    json!({"role": "model", "parts": [{"text": text}]})
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPING: Typing = Typing {
        min_delay: Duration::from_millis(1),
        max_delay: Duration::from_millis(2),
        short: 1,
        long: 4,
        piece: 2,
    };

    #[test]
    fn the_last_piece_brings_everything_else() {
        let event = br#"{"candidates":[{"content":{"role":"model","parts":[{"text":"a\"bcd"}]},"finishReason":"STOP","index":1}],"usageMetadata":{"promptTokenCount":1},"modelVersion":"m","responseId":"R"}"#;
        let (events, pause) = typed(event, &TYPING).unwrap();
        let events: Vec<&str> =
            events.iter().map(|event| std::str::from_utf8(event).unwrap()).collect();
        insta::assert_snapshot!(events.join("\n"), @r#"{"modelVersion":"m","responseId":"R","candidates":[{"content":{"role":"model","parts":[{"text":"a\""}]},"index":1}]}
{"modelVersion":"m","responseId":"R","candidates":[{"content":{"role":"model","parts":[{"text":"bc"}]},"index":1}]}
{"usageMetadata":{"promptTokenCount":1},"modelVersion":"m","responseId":"R","candidates":[{"finishReason":"STOP","index":1,"content":{"role":"model","parts":[{"text":"d"}]}}]}"#);
        assert_eq!(pause, TYPING.min_delay);
    }

    #[test]
    fn other_events_stay_whole() {
        for parts in [
            r#"{"text":"thought","thought":true}"#,
            r#"{"text":"signed","thoughtSignature":"s"}"#,
            r#"{"text":"two"},{"text":"parts"}"#,
            r#"{"functionCall":{"name":"f"}}"#,
            r#"{"text":"x"}"#,
        ] {
            let event = format!(r#"{{"candidates":[{{"content":{{"parts":[{parts}]}}}}]}}"#);
            assert_eq!(typed(event.as_bytes(), &TYPING), None, "{parts}");
        }
        assert_eq!(typed(b"<html>", &TYPING), None);
        assert_eq!(typed(br#"{"error":{}}"#, &TYPING), None);
    }
}
